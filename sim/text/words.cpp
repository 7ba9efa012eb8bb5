// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/text/words.h"

#include <charconv>

namespace sim {

namespace {

// A decimal number below `end`.
std::optional<std::uint32_t> parse_part(std::string_view digits, std::uint32_t end) {
  std::uint32_t value = 0;
  const char* const last = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), last, value);
  if (error != std::errc() || at != last || value >= end) return std::nullopt;
  return value;
}

}  // namespace

std::string shlex_quote(std::string_view word) {
  constexpr std::string_view safe =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(safe) == std::string_view::npos) return std::string(word);
  std::string out = "'";
  for (const char c : word) {
    // A single quote is written in double quotes, between two parts in single ones.
    if (c == '\'')
      out += "'\"'\"'";
    else
      out += c;
  }
  return out + "'";
}

std::optional<dmcore::DevT> parse_device_number(std::string_view word) {
  // A dev_t has 12 bits of major and 20 bits of minor number.
  constexpr std::uint32_t major_end = 1U << 12;
  constexpr std::uint32_t minor_end = 1U << 20;
  const auto colon = word.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto major = parse_part(word.substr(0, colon), major_end);
  const auto minor = parse_part(word.substr(colon + 1), minor_end);
  if (!major || !minor || *major == 0) return std::nullopt;
  return dmcore::DevT{*major, *minor};
}

}  // namespace sim
