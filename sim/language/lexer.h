// SPDX-License-Identifier: GPL-2.0-or-later
// A scenario's text as lines of words.
//
// Words are those of a shell, exactly as Python's shlex.split(line, comments=True) makes them: quotes join, a
// backslash quotes the next character (inside double quotes only '"' and itself), '#' begins a comment, even
// in the middle of a word. A backslash at a line's end joins the next line; a quote that is still open
// continues there. A word <<TAG is a here-document: the lines below, up to one that is TAG, belong to the
// command.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/language/here_document.h"
#include "sim/language/source.h"
#include "sim/text/words.h"

namespace sim::language {

struct Word {
  std::string text;
  SourcePosition where;
  std::optional<HereDocument> document = {};  // the text is "<<TAG" then
};

// The words of one command; never empty.
using WordLine = std::vector<Word>;

// Reads a text command by command, in time proportional to its length.
class Lexer {
 public:
  // The text must outlive the lexer.
  explicit Lexer(std::string_view text) : rest_(without_byte_order_mark(text)) {}

  // The words of the next command; nothing at the end of the text. A quote or here-document without end is an
  // error and extends to the end of the text.
  std::optional<WordLine> next(Diagnostics& diagnostics);

 private:
  class JoinedLine;
  class Splitter;

  // The next line, with those that backslashes at their ends join to it. False if the last one of the text
  // ends in a backslash.
  bool take_joined_line(JoinedLine& line);
  // Takes the lines of the here-documents of a command off the text. Returns the word whose document has no
  // end, or null.
  const Word* take_documents(WordLine& words);

  std::string_view rest_;
  int line_number_ = 0;  // of the last line taken
};

// The words of one line; nothing if a quote is left open or a backslash has nothing to quote.
std::optional<std::vector<std::string>> split_words(std::string_view line);

}  // namespace sim::language
