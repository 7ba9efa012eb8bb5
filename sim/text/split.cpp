// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/text/split.h"

#include <algorithm>
#include <charconv>

namespace sim {

std::string_view trimmed_front(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(white_space), text.size()));
  return text;
}

std::string_view trimmed(std::string_view text) {
  text = trimmed_front(text);
  return text.substr(0, text.find_last_not_of(white_space) + 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (text = trimmed_front(text); !text.empty(); text = trimmed_front(text)) {
    words.push_back(text.substr(0, text.find_first_of(white_space)));
    text.remove_prefix(words.back().size());
  }
  return words;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc() || end != last) return std::nullopt;
  return value;
}

}  // namespace sim
