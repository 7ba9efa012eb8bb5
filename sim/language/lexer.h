// SPDX-License-Identifier: GPL-2.0-or-later
// A scenario's text as lines of words.
//
// Words are those of a shell, exactly as Python's shlex.split(line, comments=True) makes them: quotes join, a
// backslash quotes the next character (inside double quotes only '"' and itself), '#' begins a comment, even
// in the middle of a word. A backslash at a line's end joins the next line; a quote that is still open goes
// on there. A word <<TAG is a here-document: the lines below, up to one that is TAG, belong to the command.
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

struct LexResult {
  std::vector<WordLine> lines;
  std::vector<Diagnostic> errors;  // a quote or here-document without end: the end of the text is in no line
};

LexResult lex(std::string_view text);

// The words of one line; nothing if a quote is left open or a backslash has nothing to quote.
std::optional<std::vector<std::string>> split_words(std::string_view line);

}  // namespace sim::language
