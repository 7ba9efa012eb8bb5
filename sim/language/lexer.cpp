// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/lexer.h"

#include <fmt/core.h>
#include <utility>

namespace sim::language {
namespace {

// Text with the place where each of its bytes came from: lines that were joined are one text.
struct PlacedText {
  std::string text;
  std::vector<SourcePosition> places;

  void append(char c, SourcePosition place) {
    text += c;
    places.push_back(place);
  }
  void append_line(std::string_view line, int number) {
    int column = 0;
    for (const char c : line) {
      if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) column++;
      append(c, {number, column});
    }
  }
};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_quote(char c) {
  return c == '\'' || c == '"';
}

// Splits a text into words. Fails if it ends inside a quote.
class Splitter {
 public:
  explicit Splitter(const PlacedText& source) : source_(source) {}

  bool split() {
    while (at_ < source_.text.size()) {
      const char c = source_.text[at_];
      if (is_space(c)) {
        end_word();
        at_++;
      } else if (c == '#') {
        end_word();
        skip_comment();
      } else if (!in_word_ && take_here_document()) {
        continue;
      } else {
        begin_word();
        const bool closed = c == '\\' ? take_quoted_character() : is_quote(c) ? take_quote(c) : take(c);
        if (!closed) return false;
      }
    }
    end_word();
    return true;
  }

  WordLine words;
  SourcePosition open_at;  // after a failure: the quote, or the backslash

 private:
  bool take(char c) {
    word_.text += c;
    at_++;
    return true;
  }

  bool take_quoted_character() {
    open_at = source_.places[at_++];
    return at_ < source_.text.size() && take(source_.text[at_]);
  }

  bool take_quote(char quote) {
    const SourcePosition begin = source_.places[at_++];
    while (at_ < source_.text.size() && source_.text[at_] != quote) {
      const bool escape = quote == '"' && source_.text[at_] == '\\';
      if (escape) {
        if (at_ + 1 == source_.text.size()) break;
        const char next = source_.text[at_ + 1];
        // Before anything else the backslash is an ordinary character.
        if (next == '"' || next == '\\')
          at_++;
        else
          word_.text += source_.text[at_++];
      }
      take(source_.text[at_]);
    }
    open_at = begin;
    if (at_ >= source_.text.size() || source_.text[at_] != quote) return false;
    at_++;
    return true;
  }

  void skip_comment() {
    while (at_ < source_.text.size() && source_.text[at_] != '\n') at_++;
  }

  bool take_here_document() {
    const auto begin = HereDocument::begin_at(std::string_view(source_.text).substr(at_));
    if (!begin) return false;
    words.push_back(
        {.text = begin->document.word(), .where = source_.places[at_], .document = begin->document});
    at_ += begin->length;
    return true;
  }

  void begin_word() {
    if (in_word_) return;
    in_word_ = true;
    word_ = {.text = {}, .where = source_.places[at_]};
  }
  void end_word() {
    if (std::exchange(in_word_, false)) words.push_back(std::move(word_));
  }

  const PlacedText& source_;
  std::size_t at_ = 0;
  bool in_word_ = false;
  Word word_;
};

// The next line, without its end, which may be any of \n, \r\n and \r.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find_first_of("\r\n");
  const std::string_view line = text.substr(0, end);
  if (end == std::string_view::npos) {
    text = {};
  } else {
    text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  return line;
}

// Takes the lines of the here-documents of a command off the text; `number` is that of the line before.
// Returns the word whose document has no end, or null.
const Word* take_documents(WordLine& words, std::string_view& text, int& number) {
  for (Word& word : words) {
    if (!word.document) continue;
    bool ended = false;
    while (!ended && !text.empty()) {
      ended = !word.document->add_line(take_line(text));
      number++;
    }
    if (!ended) return &word;
  }
  return nullptr;
}

}  // namespace

LexResult lex(std::string_view text) {
  LexResult result;
  PlacedText pending;
  SourcePosition open_at;
  bool joined = false;  // the pending text ended in a backslash, not inside a quote
  for (int number = 1; !text.empty(); number++) {
    const std::string_view line = take_line(text);
    pending.append_line(line, number);
    if (joined = pending.text.ends_with('\\'); joined) {
      open_at = pending.places.back();
      pending.text.pop_back();
      pending.places.pop_back();
      continue;
    }
    Splitter splitter(pending);
    if (!splitter.split()) {
      open_at = splitter.open_at;
      pending.append('\n', {number, 1});
      continue;
    }
    pending = {};
    if (const Word* endless = take_documents(splitter.words, text, number)) {
      result.errors.push_back({.severity = Diagnostic::Severity::error,
                               .where = endless->where,
                               .message = fmt::format("this here-document has no end: no line below is '{}'",
                                                      endless->document->tag)});
      continue;
    }
    if (!splitter.words.empty()) result.lines.push_back(std::move(splitter.words));
  }
  if (joined || !pending.text.empty()) {
    result.errors.push_back(
        {.severity = Diagnostic::Severity::error,
         .where = open_at,
         .message = joined ? "the text ends where this line should go on" : "this quote is never closed"});
  }
  return result;
}

std::optional<std::vector<std::string>> split_words(std::string_view line) {
  PlacedText source;
  source.append_line(line, 1);
  Splitter splitter(source);
  if (!splitter.split()) return std::nullopt;
  std::vector<std::string> words;
  for (Word& word : splitter.words) words.push_back(std::move(word.text));
  return words;
}

}  // namespace sim::language
