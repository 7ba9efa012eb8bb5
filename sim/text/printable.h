// SPDX-License-Identifier: GPL-2.0-or-later
// Text of unknown origin in messages: whatever it contains, only printable characters reach the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sim {

// The length in bytes of the first character of `text`, which is UTF-8 and not empty. A byte that is not
// valid UTF-8 counts as a character.
std::size_t character_length(std::string_view text);
// The number of characters of `text`.
std::size_t character_count(std::string_view text);

// A character in a form that can be shown: control characters and bytes that are not UTF-8 as "\xHH".
std::string printable_character(std::string_view character);
// The same for each character of a text.
std::string printable(std::string_view text);

// For a message: a word in quotes, printable; a long one is cut and ends in "...".
std::string in_quotes(std::string_view word);

}  // namespace sim
