// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/manual/wrap.h"

#include "sim/text/printable.h"

namespace sim::cli::manual {

std::string wrapped(std::string_view text, std::size_t at, std::size_t indent, std::size_t columns) {
  std::string out;
  std::size_t column = at;
  bool first = true;  // of its line
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    const std::size_t width = character_count(word);
    if (!first && column + 1 + width > columns) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += width;
    first = false;
  }
  return out + '\n';
}

}  // namespace sim::cli::manual
