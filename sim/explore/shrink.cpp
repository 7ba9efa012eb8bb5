// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/shrink.h"

#include <vector>

#include "sim/language/parser.h"

namespace sim::explore {

namespace {

// The lines of each command: all up to where the next one begins. Comments before the first command are lost.
std::vector<std::string> commands_of(std::string_view text) {
  std::vector<std::size_t> starts;  // lines, from 1
  language::CommandStream stream(text);
  constexpr std::size_t at_once = 1000;
  for (auto commands = stream.next(at_once); !commands.empty(); commands = stream.next(at_once)) {
    for (const language::Command& command : commands)
      starts.push_back(static_cast<std::size_t>(command.where.line));
  }
  std::vector<std::string> pieces(starts.size());
  std::size_t line = 0;
  std::size_t piece = 0;
  while (!text.empty()) {
    const std::string_view content = language::take_line(text);
    ++line;
    while (piece + 1 < starts.size() && line >= starts[piece + 1]) ++piece;
    if (starts.empty() || line < starts.front()) continue;
    pieces[piece].append(content).push_back('\n');
  }
  return pieces;
}

std::string joined(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return text;
}

}  // namespace

std::string shrink_scenario(std::string_view text, const std::function<bool(const std::string&)>& holds) {
  std::vector<std::string> pieces = commands_of(text);
  if (!holds(joined(pieces))) return std::string(text);
  return joined(shrink_list(std::move(pieces),
                            [&](const std::vector<std::string>& fewer) { return holds(joined(fewer)); }));
}

}  // namespace sim::explore
