// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers, bytes and regular expressions as words of a scenario. Sizes and times: sim/text/quantities.h.
#pragma once

#include <boost/regex.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::language {

// A whole number as Python's int(): a sign and underscores between digits are allowed.
std::optional<std::int64_t> parse_integer(std::string_view word);

// As int(word, 0): the prefixes 0x, 0o and 0b choose the base. Not negative.
std::optional<std::uint64_t> parse_offset(std::string_view word);

// Pairs of hexadecimal digits; white space between them is allowed, as in bytes.fromhex().
std::optional<std::vector<std::byte>> parse_hex(std::string_view word);

// A regular expression in Python's syntax: '^' matches only at the beginning of the text, '$' only at its end
// and before a last newline. If it is wrong, nothing, and `error` says why.
std::optional<boost::regex> parse_regex(std::string_view word, std::string& error);

}  // namespace sim::language
