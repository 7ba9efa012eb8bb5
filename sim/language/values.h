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

// The same with int(word, 0): 0x, 0o and 0b say the base. Not negative.
std::optional<std::uint64_t> parse_offset(std::string_view word);

// Pairs of hexadecimal digits, spaces between them allowed.
std::optional<std::vector<std::byte>> parse_hex(std::string_view word);

// A regular expression in Python's notation: '^' and '$' mean the text's ends, '$' also before a last
// newline. Nothing, with `error` set, if it is wrong.
std::optional<boost::regex> parse_regex(std::string_view word, std::string& error);

}  // namespace sim::language
