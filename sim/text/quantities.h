// SPDX-License-Identifier: GPL-2.0-or-later
// Sizes and times with units, the same in scenarios and on the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dmcore/kernel/types.h"

namespace sim {

// Digits and a unit: s or nothing for sectors of 512 bytes; K, M, G or T for powers of 1024, in either case
// and with or without "iB". In bytes, at most 2^63 - 1.
std::optional<std::uint64_t> parse_size(std::string_view word);
// Why a word is no size: "'1MB' is no size; ...".
std::string not_a_size(std::string_view word);

// A number and a unit: ns, us, ms or s. Not negative, and less than ten years.
std::optional<dmcore::Duration> parse_duration(std::string_view word);
// The same, or a number of seconds without a unit, as Python's float reads it: 0.25, 1e-3, 1_000.
std::optional<dmcore::Duration> parse_seconds(std::string_view word);
// Why a word is no time. `seconds`: a number without a unit would be one.
std::string not_a_duration(std::string_view word, bool seconds);

// Python allows an underscore between two digits of a number. Nothing if one is elsewhere.
std::optional<std::string> without_underscores(std::string_view digits);

}  // namespace sim
