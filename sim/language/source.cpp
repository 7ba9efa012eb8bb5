// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/source.h"

#include <algorithm>
#include <fmt/core.h>

#include "sim/text/printable.h"

namespace sim::language {
namespace {

// Finds lines by number; in one pass over the text if the numbers increase.
class LineFinder {
 public:
  explicit LineFinder(std::string_view text) : text_(without_byte_order_mark(text)), rest_(text_) {}

  std::string_view line(int number) {
    if (number <= last_number_) {
      rest_ = text_;
      last_number_ = 0;
    }
    std::string_view line;
    while (last_number_ < number) {
      line = take_line(rest_);
      last_number_++;
    }
    return line;
  }

 private:
  std::string_view text_;
  std::string_view rest_;  // after the last line
  int last_number_ = 0;
};

// Longer lines than a terminal is wide are cut.
constexpr std::size_t characters_before_max = 60;
constexpr std::size_t characters_shown_max = 100;
constexpr std::string_view cut_mark = "...";

// The part of a line that is shown, and the indentation of the caret below it.
struct Excerpt {
  std::string text;
  std::string indent;
};

Excerpt excerpt_of(std::string_view line, int column) {
  const auto place = static_cast<std::size_t>(std::max(column, 1)) - 1;  // characters before it
  Excerpt excerpt;
  std::size_t at = 0;
  // The exact length does not matter: a line of fewer bytes has fewer characters.
  if (line.size() > characters_shown_max && place > characters_before_max) {
    for (; at < place - characters_before_max && !line.empty(); at++)
      line.remove_prefix(character_length(line));
    excerpt = {std::string(cut_mark), std::string(cut_mark.size(), ' ')};
  }
  for (const std::size_t end = at + characters_shown_max; at < end && !line.empty(); at++) {
    const std::string_view character = line.substr(0, character_length(line));
    // A tab is indented by a tab, whatever its width is.
    const std::string shown = character == "\t" ? "\t" : printable_character(character);
    excerpt.text += shown;
    const std::size_t width = character.size() > 1 && shown == character ? 1 : shown.size();
    if (at < place) excerpt.indent += shown == "\t" ? shown : std::string(width, ' ');
    line.remove_prefix(character.size());
  }
  if (!line.empty()) excerpt.text += cut_mark;
  return excerpt;
}

std::string format(std::string_view file, LineFinder& lines, const Diagnostic& diagnostic) {
  const Excerpt excerpt = excerpt_of(lines.line(diagnostic.where.line), diagnostic.where.column);
  const std::string_view kind = diagnostic.severity == Diagnostic::Severity::warning ? "warning: " : "";
  return fmt::format("{}:{}:{}: {}{}\n{}\n{}^\n", printable(file), diagnostic.where.line,
                     diagnostic.where.column, kind, printable(diagnostic.message), excerpt.text,
                     excerpt.indent);
}

}  // namespace

std::string_view take_line(std::string_view& text) {
  const auto end = std::find_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; });
  const std::string_view line(text.begin(), end);
  text.remove_prefix(line.size());
  text.remove_prefix(text.starts_with("\r\n") ? 2 : std::min<std::size_t>(1, text.size()));
  return line;
}

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  if (text.starts_with(mark)) text.remove_prefix(mark.size());
  return text;
}

void Diagnostics::add(Diagnostic::Severity severity, SourcePosition where,
                      const std::function<std::string()>& message) {
  std::size_t& count = counts_[static_cast<std::size_t>(severity)];
  if (count++ < kept_max) kept_.push_back({severity, where, message()});
}

std::string Diagnostics::format(std::string_view file, std::string_view text) const {
  LineFinder lines(text);
  std::string out;
  for (const Diagnostic& diagnostic : kept_) out += language::format(file, lines, diagnostic);
  const auto add_more = [&](Diagnostic::Severity severity, std::string_view what) {
    const std::size_t all = count(severity);
    if (all > kept_max)
      out += fmt::format("{}: and {} more {}{}\n", printable(file), all - kept_max, what,
                         all - kept_max == 1 ? "" : "s");
  };
  add_more(Diagnostic::Severity::error, "mistake");
  add_more(Diagnostic::Severity::warning, "warning");
  return out;
}

std::string format_diagnostic(std::string_view file, std::string_view text, const Diagnostic& diagnostic) {
  LineFinder lines(text);
  return format(file, lines, diagnostic);
}

}  // namespace sim::language
