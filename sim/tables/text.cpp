// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/text.h"

#include <charconv>
#include <limits>

#include "sim/tables/secrets.h"

namespace sim::tables {

namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";

}  // namespace

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (;;) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return words;
    text.remove_prefix(first);
    const auto end = text.find_first_of(blanks);
    words.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return words;
    text.remove_prefix(end);
  }
}

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

std::optional<std::string_view> property(std::string_view line, std::string_view name) {
  if (!line.starts_with(name) || !line.substr(name.size()).starts_with(':')) return std::nullopt;
  const std::string_view rest = line.substr(name.size() + 1);
  if (!rest.empty() && blanks.find(rest.front()) == std::string_view::npos) return std::nullopt;
  const std::string_view value = trim(rest);
  if (value.empty()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::pair<std::uint32_t, std::uint32_t>> two_numbers(std::string_view text, char between) {
  const auto at = text.find(between);
  if (at == std::string_view::npos) return std::nullopt;
  const auto first = whole_number(trim(text.substr(0, at)));
  const auto second = whole_number(trim(text.substr(at + 1)));
  constexpr std::uint64_t limit = std::numeric_limits<std::uint32_t>::max();
  if (!first || !second || *first > limit || *second > limit) return std::nullopt;
  return std::pair(static_cast<std::uint32_t>(*first), static_cast<std::uint32_t>(*second));
}

}  // namespace sim::tables
