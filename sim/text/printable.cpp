// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/text/printable.h"

#include <cstdint>
#include <fmt/core.h>

namespace sim {
namespace {

constexpr std::size_t quoted_characters_max = 60;

unsigned byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

bool is_continuation(unsigned byte) {
  return (byte & 0xc0U) == 0x80;
}

// The length that a first byte announces; 1 if it announces none.
std::size_t announced_length(unsigned first) {
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 1;
}

// The code point of a character of more than one byte.
std::uint32_t code_point(std::string_view character) {
  std::uint32_t code = byte_at(character, 0) & (0x7fU >> character.size());
  for (std::size_t i = 1; i < character.size(); i++) code = code << 6U | (byte_at(character, i) & 0x3fU);
  return code;
}

// Too long a form, half of a surrogate pair, or beyond Unicode.
bool is_forbidden(std::uint32_t code, std::size_t length) {
  return (length == 3 && code < 0x800) || (length == 4 && (code < 0x10000 || code > 0x10ffff)) ||
         (code >= 0xd800 && code <= 0xdfff);
}

// The second set of control characters; line and paragraph separators; marks that change the direction of
// writing.
bool is_control(std::uint32_t code) {
  return (code >= 0x80 && code <= 0x9f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0x200e || code == 0x200f || code == 0xfeff;
}

}  // namespace

std::size_t character_length(std::string_view text) {
  const std::size_t length = announced_length(byte_at(text, 0));
  if (length > text.size()) return 1;
  for (std::size_t i = 1; i < length; i++) {
    if (!is_continuation(byte_at(text, i))) return 1;
  }
  return length > 1 && is_forbidden(code_point(text.substr(0, length)), length) ? 1 : length;
}

std::size_t character_count(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); count++) text.remove_prefix(character_length(text));
  return count;
}

std::string printable_character(std::string_view character) {
  const unsigned first = byte_at(character, 0);
  const bool plain =
      character.size() == 1 ? first >= ' ' && first < 0x7f : !is_control(code_point(character));
  if (plain) return std::string(character);
  std::string out;
  for (std::size_t i = 0; i < character.size(); i++) out += fmt::format("\\x{:02x}", byte_at(character, i));
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, character_length(text));
    out += printable_character(character);
    text.remove_prefix(character.size());
  }
  return out;
}

std::string in_quotes(std::string_view word) {
  std::size_t end = 0;
  for (std::size_t n = 0; n < quoted_characters_max && end < word.size(); n++)
    end += character_length(word.substr(end));
  return fmt::format("'{}{}'", printable(word.substr(0, end)), end < word.size() ? "..." : "");
}

}  // namespace sim
