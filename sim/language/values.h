// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers, sizes, times and patterns as words of a scenario.
#pragma once

#include <boost/regex.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/kernel/types.h"

namespace sim::language {

// A whole number as Python's int(): a sign and underscores between digits are allowed.
std::optional<std::int64_t> parse_integer(std::string_view word);

// The same with int(word, 0): 0x, 0o and 0b say the base. Not negative.
std::optional<std::uint64_t> parse_offset(std::string_view word);

// Digits and a unit: K, M, G, T, or s for sectors, which are also meant without a unit. In bytes, at most
// 2^63 - 1.
std::optional<std::uint64_t> parse_size(std::string_view word);

// A number of seconds, such as 0.25 or 1e-3. Not negative, and less than ten years.
std::optional<dmcore::Duration> parse_seconds(std::string_view word);

// A number and a unit: ns, us, ms or s. Limits as above.
std::optional<dmcore::Duration> parse_duration(std::string_view word);

// Pairs of hexadecimal digits, spaces between them allowed.
std::optional<std::vector<std::byte>> parse_hex(std::string_view word);

// A regular expression in Python's notation: '^' and '$' mean the text's ends, '$' also before a last
// newline. Nothing, with `error` set, if it is wrong.
std::optional<boost::regex> parse_regex(std::string_view word, std::string& error);

}  // namespace sim::language
