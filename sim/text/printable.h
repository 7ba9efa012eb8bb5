// SPDX-License-Identifier: GPL-2.0-or-later
// Text of unknown origin in messages: whatever it contains, the terminal only gets printable characters, and
// no more of them than a message needs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sim {

// The length in bytes of the character in UTF-8 that `text` begins with, which must not be empty. What is not
// valid UTF-8 counts as characters of one byte.
std::size_t character_length(std::string_view text);
// How many characters that are.
std::size_t character_count(std::string_view text);

// One character as it may be shown: control characters and bytes that are not UTF-8 as "\xHH".
std::string printable_character(std::string_view character);
// All of the text that way.
std::string printable(std::string_view text);

// For a message: a word in quotes, printable; of a long one the beginning and "...".
std::string in_quotes(std::string_view word);

}  // namespace sim
