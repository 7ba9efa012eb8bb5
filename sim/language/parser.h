// SPDX-License-Identifier: GPL-2.0-or-later
// From a scenario's text to its commands.
#pragma once

#include <optional>
#include <string_view>

#include "sim/language/ast.h"
#include "sim/language/lexer.h"
#include "sim/language/names.h"
#include "sim/language/source.h"

namespace sim::language {

struct ParseResult {
  Scenario scenario;  // of use only if there is no error
  Diagnostics diagnostics;
  [[nodiscard]] bool ok() const { return !diagnostics.has_errors(); }
};

// Parses commands, and reports every mistake that the text shows. What only the machine can know (a table
// that is wrong) is not a mistake of the text.
//
// A parser remembers which devices there are, so it may be given the text of a scenario piece by piece.
class Parser {
 public:
  // The next command that is right; nothing at the end of the text.
  std::optional<Command> next(Lexer& text, Diagnostics& diagnostics);
  // Adds the commands and diagnostics of more text.
  void parse(std::string_view text, ParseResult& result);

 private:
  std::optional<Command> parse_line(const WordLine& line, Diagnostics& diagnostics);

  Names names_;
};

ParseResult parse_scenario(std::string_view text);

// A scenario whose commands are needed one after the other: a long one takes less memory that way than all of
// its commands would. The text must outlive it.
class CommandStream {
 public:
  explicit CommandStream(std::string_view text) : lexer_(text) {}

  // The next commands, at most `max`; none at the end. Mistakes are left out: see check_scenario().
  std::vector<Command> next(std::size_t max);

 private:
  Lexer lexer_;
  Parser parser_;
};

// The mistakes of a text.
Diagnostics check_scenario(std::string_view text);

}  // namespace sim::language
