// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/text.h"

#include <fmt/format.h>
#include <limits>

#include "sim/tables/secrets.h"

namespace sim::tables {

std::string excerpt(std::string_view text) {
  constexpr std::size_t length_max = 60;
  std::string out = without_keys(text);
  const bool is_long = out.size() > length_max;
  if (is_long) out.resize(length_max);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  return is_long ? out + "..." : out;
}

Quotes::Quotes(std::string_view file) : hidden_(may_hold_keys(file)) {}

std::string Quotes::of(std::string_view part) const {
  if (hidden_) return "this (not shown: the file may contain keys)";
  return fmt::format("'{}'", excerpt(part));
}

std::optional<std::string_view> property(std::string_view line, std::string_view name) {
  if (!line.starts_with(name) || !line.substr(name.size()).starts_with(':')) return std::nullopt;
  const std::string_view rest = line.substr(name.size() + 1);
  if (!rest.empty() && white_space.find(rest.front()) == std::string_view::npos) return std::nullopt;
  const std::string_view value = trimmed(rest);
  if (value.empty()) return std::nullopt;
  return value;
}

std::optional<std::pair<std::uint32_t, std::uint32_t>> two_numbers(std::string_view text, char between) {
  const auto at = text.find(between);
  if (at == std::string_view::npos) return std::nullopt;
  const auto first = whole_number(trimmed(text.substr(0, at)));
  const auto second = whole_number(trimmed(text.substr(at + 1)));
  constexpr std::uint64_t limit = std::numeric_limits<std::uint32_t>::max();
  if (!first || !second || *first > limit || *second > limit) return std::nullopt;
  return std::pair(static_cast<std::uint32_t>(*first), static_cast<std::uint32_t>(*second));
}

}  // namespace sim::tables
