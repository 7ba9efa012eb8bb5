// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/replay/recording.h"

namespace sim::cli {

namespace {

// Takes the first line, with its newline if it has one; nothing at the end.
std::optional<std::string> take_line(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  const std::size_t end = text.find('\n');
  std::string line(text.substr(0, end == std::string_view::npos ? end : end + 1));
  text.remove_prefix(line.size());
  return line;
}

}  // namespace

std::optional<Difference> difference(std::string_view recorded, std::string_view printed) {
  for (std::size_t line = 1; !recorded.empty() || !printed.empty(); ++line) {
    std::optional<std::string> theirs = take_line(recorded);
    std::optional<std::string> ours = take_line(printed);
    if (theirs != ours) return Difference{line, std::move(theirs), std::move(ours)};
  }
  return std::nullopt;
}

}  // namespace sim::cli
