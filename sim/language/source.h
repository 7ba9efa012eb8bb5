// SPDX-License-Identifier: GPL-2.0-or-later
// Places in a scenario's text, and messages about them.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
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

// Takes the first line off a text and returns it without its end, which may be any of \n, \r\n and \r.
std::string_view take_line(std::string_view& text);
// The text without the byte order mark that it may begin with.
std::string_view without_byte_order_mark(std::string_view text);

struct Diagnostic {
  enum class Severity { error, warning };
  Severity severity = Severity::error;
  SourcePosition where;
  std::string message;
};

// The errors and warnings of a text. The first ones of each kind are kept, the others only counted: a file
// that is not a scenario has as many mistakes as lines.
class Diagnostics {
 public:
  static constexpr std::size_t kept_max = 20;  // of each kind

  // `message` is only called if the diagnostic is kept.
  void add(Diagnostic::Severity severity, SourcePosition where, const std::function<std::string()>& message);

  [[nodiscard]] bool has_errors() const { return count(Diagnostic::Severity::error) != 0; }
  // How many there are of a kind, kept or not.
  [[nodiscard]] std::size_t count(Diagnostic::Severity severity) const {
    return counts_[static_cast<std::size_t>(severity)];
  }

  // The ones that were kept, in the order of the text.
  [[nodiscard]] auto begin() const { return kept_.begin(); }
  [[nodiscard]] auto end() const { return kept_.end(); }
  [[nodiscard]] bool empty() const { return kept_.empty(); }
  [[nodiscard]] std::size_t size() const { return kept_.size(); }
  [[nodiscard]] const Diagnostic& front() const { return kept_.front(); }

  // The ones that were kept, each formatted by format_diagnostic(), and the number of the others.
  [[nodiscard]] std::string format(std::string_view file, std::string_view text) const;

 private:
  std::vector<Diagnostic> kept_;
  std::array<std::size_t, 2> counts_{};
};

// "FILE:LINE:COLUMN: MESSAGE", then the line, then a caret below the place. Ends with a newline. Of a long
// line only the part around the place is shown; control characters are shown as "\xHH".
std::string format_diagnostic(std::string_view file, std::string_view text, const Diagnostic& diagnostic);

}  // namespace sim::language
