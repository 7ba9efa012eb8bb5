// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/lexer.h"

#include <fmt/core.h>
#include <utility>

#include "sim/language/characters.h"
#include "sim/text/printable.h"

namespace sim::language {
namespace {

bool is_quote(char c) {
  return c == '\'' || c == '"';
}

}  // namespace

// A line, or several that were joined, with the place where each of its bytes came from.
class Lexer::JoinedLine {
 public:
  void append(std::string_view line, int number) {
    // A line of its own, which is the rule, is not copied.
    if (!lines_.empty()) {
      if (joined_.empty()) joined_ = text_;
      joined_ += line;
    }
    lines_.push_back({text_.size(), number});
    text_ = joined_.empty() ? line : joined_;
  }
  void drop_last_byte() {
    text_.remove_suffix(1);
    if (!joined_.empty()) joined_.pop_back();
  }

  [[nodiscard]] std::string_view text() const { return text_; }

  // Where the byte at an offset came from. Offsets must not decrease from call to call.
  SourcePosition place(std::size_t offset) {
    for (; line_ + 1 < lines_.size() && lines_[line_ + 1].begin <= offset; line_++) {
      at_ = lines_[line_ + 1].begin;
      column_ = 1;
    }
    while (at_ < offset) {
      at_ += character_length(text_.substr(at_));
      column_++;
    }
    return {lines_[line_].number, column_};
  }

 private:
  struct Line {
    std::size_t begin;
    int number;
  };
  std::string_view text_;
  std::string joined_;
  std::vector<Line> lines_;
  // The place that was asked for last.
  std::size_t line_ = 0;
  std::size_t at_ = 0;
  int column_ = 1;
};

// Splits the text of a command into words, one joined line after the other.
class Lexer::Splitter {
 public:
  // False if the line ends inside a quote, or in a backslash that has nothing to quote: then another line has
  // to follow.
  bool split(JoinedLine& line) {
    line_ = &line;
    text_ = line.text();
    at_ = 0;
    if (quote_ != 0) {
      word_.text += '\n';
      if (!take_quoted()) return false;
    }
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_space(c)) {
        end_word();
        at_++;
      } else if (c == '#') {
        end_word();
        at_ = text_.size();
      } else if (in_word_ || !take_here_document()) {
        begin_word();
        if (!take_part(c)) return false;
      }
    }
    end_word();
    return true;
  }

  WordLine words;
  SourcePosition open_at;  // after a failure: the quote, or the backslash

 private:
  bool take_part(char c) {
    if (c == '\\') return take_escaped();
    if (!is_quote(c)) {
      word_.text += text_[at_++];
      return true;
    }
    open_at = line_->place(at_++);
    quote_ = c;
    return take_quoted();
  }

  bool take_escaped() {
    open_at = line_->place(at_++);
    if (at_ == text_.size()) return false;
    word_.text += text_[at_++];
    return true;
  }

  // Up to the closing quote.
  bool take_quoted() {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == quote_) {
        quote_ = 0;
        return true;
      }
      const bool escapes = quote_ == '"' && c == '\\' && at_ < text_.size();
      // Before anything else the backslash is an ordinary character.
      const bool escaped = escapes && (text_[at_] == '"' || text_[at_] == '\\');
      word_.text += escaped ? text_[at_++] : c;
    }
    return false;
  }

  bool take_here_document() {
    auto begin = HereDocument::begin_at(text_.substr(at_));
    if (!begin) return false;
    std::string word = begin->document.word();
    words.push_back(
        {.text = std::move(word), .where = line_->place(at_), .document = std::move(begin->document)});
    at_ += begin->length;
    return true;
  }

  void begin_word() {
    if (in_word_) return;
    in_word_ = true;
    word_ = {.text = {}, .where = line_->place(at_)};
  }
  void end_word() {
    if (std::exchange(in_word_, false)) words.push_back(std::move(word_));
  }

  JoinedLine* line_ = nullptr;
  std::string_view text_;
  std::size_t at_ = 0;
  char quote_ = 0;  // the open one
  bool in_word_ = false;
  Word word_;
};

bool Lexer::take_joined_line(JoinedLine& line) {
  while (!rest_.empty()) {
    line.append(take_line(rest_), ++line_number_);
    if (!line.text().ends_with('\\')) return true;
    if (rest_.empty()) break;
    line.drop_last_byte();
  }
  return false;
}

const Word* Lexer::take_documents(WordLine& words) {
  for (Word& word : words) {
    if (!word.document) continue;
    bool ended = false;
    while (!ended && !rest_.empty()) {
      ended = !word.document->add_line(take_line(rest_));
      line_number_++;
    }
    if (!ended) return &word;
  }
  return nullptr;
}

std::optional<WordLine> Lexer::next(Diagnostics& diagnostics) {
  const auto error = [&diagnostics](SourcePosition where, std::string message) {
    diagnostics.add(Diagnostic::Severity::error, where, [&message] { return std::move(message); });
    return std::nullopt;
  };
  while (!rest_.empty()) {
    Splitter splitter;
    for (bool split = false; !split;) {
      if (rest_.empty()) return error(splitter.open_at, "this quote is never closed");
      JoinedLine line;
      if (!take_joined_line(line))
        return error(line.place(line.text().size() - 1), "the text ends where this line should continue");
      split = splitter.split(line);
    }
    if (const Word* endless = take_documents(splitter.words)) {
      return error(endless->where, fmt::format("this here-document has no end: no line below is {}",
                                               in_quotes(endless->document->tag)));
    }
    if (!splitter.words.empty()) return std::move(splitter.words);
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> split_words(std::string_view line) {
  Diagnostics diagnostics;
  auto words = Lexer(line).next(diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  std::vector<std::string> texts;
  for (Word& word : words.value_or(WordLine())) texts.push_back(std::move(word.text));
  return texts;
}

}  // namespace sim::language
