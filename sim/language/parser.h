// SPDX-License-Identifier: GPL-2.0-or-later
// From a scenario's text to its commands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/language/ast.h"
#include "sim/language/lexer.h"
#include "sim/language/parse_command.h"
#include "sim/language/source.h"

namespace sim::language {

struct ParseResult {
  Scenario scenario;                    // of use only if there is no error
  std::vector<Diagnostic> diagnostics;  // in the order of the text
  [[nodiscard]] bool ok() const;
};

// Parses all of a scenario before any of it runs, and reports every mistake that it finds. What only the
// machine can know (a device that is not there, a table that is wrong) is not a mistake of the text.
//
// A parser can also be fed line by line: it remembers which disks there are.
class Parser {
 public:
  // Adds the commands and the complaints of more text.
  void parse(std::string_view text, ParseResult& result);

 private:
  void parse_line(const WordLine& line, ParseResult& result);

  DiskNames disks_;
};

ParseResult parse_scenario(std::string_view text);

}  // namespace sim::language
