// SPDX-License-Identifier: GPL-2.0-or-later
// Places in a scenario's text, and what is said about them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sim::language {

// Both count from 1; columns count characters, not bytes.
struct SourcePosition {
  int line = 1;
  int column = 1;
  friend bool operator==(const SourcePosition&, const SourcePosition&) = default;
};

struct Diagnostic {
  enum class Severity { error, warning };
  Severity severity = Severity::error;
  SourcePosition where;
  std::string message;
};

// "FILE:LINE:COLUMN: what is wrong", then the line, then a caret below the place. Ends with a newline.
std::string format_diagnostic(std::string_view file, std::string_view text, const Diagnostic& diagnostic);

}  // namespace sim::language
