// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/source.h"

#include <fmt/core.h>

namespace sim::language {
namespace {

std::string_view line_of(std::string_view text, int number) {
  for (int line = 1; line < number; line++) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// What brings the caret below the place: tabs stay tabs, whatever they mean on the screen.
std::string indent_for(std::string_view line, int column) {
  std::string indent;
  int at = 1;
  for (const char c : line) {
    const bool continues_character = (static_cast<unsigned char>(c) & 0xc0) == 0x80;
    if (continues_character) continue;
    if (at++ >= column) break;
    indent += c == '\t' ? '\t' : ' ';
  }
  return indent;
}

}  // namespace

std::string format_diagnostic(std::string_view file, std::string_view text, const Diagnostic& diagnostic) {
  const auto [line_number, column] = diagnostic.where;
  const std::string_view line = line_of(text, line_number);
  const std::string_view kind = diagnostic.severity == Diagnostic::Severity::warning ? "warning: " : "";
  return fmt::format("{}:{}:{}: {}{}\n{}\n{}^\n", file, line_number, column, kind, diagnostic.message, line,
                     indent_for(line, column));
}

}  // namespace sim::language
