// SPDX-License-Identifier: GPL-2.0-or-later
// From a scenario's text to its commands.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/language/ast.h"
#include "sim/language/lexer.h"
#include "sim/language/names.h"
#include "sim/language/source.h"

namespace sim::language {

struct ParseResult {
  Scenario scenario;  // only valid if there is no error
  Diagnostics diagnostics;
  [[nodiscard]] bool ok() const { return !diagnostics.has_errors(); }
};

// Parses commands and reports every mistake that can be seen in the text. What depends on the machine
// (whether it accepts a table) is not checked.
//
// A parser remembers which devices can exist, so the text of a scenario can be passed to it in pieces.
class Parser {
 public:
  // What is there before the first command.
  explicit Parser(Names names = {}) : names_(std::move(names)) {}

  // The next correct command; nothing at the end of the text.
  std::optional<Command> next(Lexer& text, Diagnostics& diagnostics);
  // Adds the commands and diagnostics of more text.
  void parse(std::string_view text, ParseResult& result);
  // The command that the words make, to run in the background or not; nothing if they are wrong.
  std::optional<Command> parse_command(const WordLine& line, bool background, Diagnostics& diagnostics);

 private:
  std::optional<Command> parse_line(const WordLine& line, Diagnostics& diagnostics);

  Names names_;
  bool after_background_ = false;  // the line before runs in the background
};

ParseResult parse_scenario(std::string_view text, Names names = {});

// One command whose words come from elsewhere than a text, such as the options of a program: no word has a
// meaning of its own, as `&` at the end of a line has.
ParseResult parse_words(const std::vector<std::string>& words);

// The commands of a scenario, parsed when they are needed: a long scenario takes ten times its own size if
// all of its commands are in memory. The text must outlive the stream.
class CommandStream {
 public:
  explicit CommandStream(std::string_view text) : lexer_(text) {}

  // The next commands, at most `max`; none at the end. Wrong ones are skipped: see check_scenario().
  std::vector<Command> next(std::size_t max);

 private:
  Lexer lexer_;
  Parser parser_;
};

// The mistakes of a text.
Diagnostics check_scenario(std::string_view text);

}  // namespace sim::language
