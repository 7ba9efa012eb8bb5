// SPDX-License-Identifier: GPL-2.0-or-later
// Cutting up what other programs print.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sim::tables {

// The text without white space at its ends.
std::string_view trim(std::string_view text);
// The lines, without their ends; a carriage return before an end belongs to it.
std::vector<std::string_view> lines_of(std::string_view text);
// The words that white space separates.
std::vector<std::string_view> words_of(std::string_view text);
// For a message: the beginning of a text that somebody else wrote, without keys and control characters.
std::string excerpt(std::string_view text);

// The value of "NAME:   value"; nothing if the line has another name.
std::optional<std::string_view> property(std::string_view line, std::string_view name);
// All of the text is decimal digits, at most 2^64 - 1.
std::optional<std::uint64_t> whole_number(std::string_view text);
// "253, 0" or "253:0": both fit 32 bits. Blanks may surround the numbers.
std::optional<std::pair<std::uint32_t, std::uint32_t>> two_numbers(std::string_view text, char between);

}  // namespace sim::tables
