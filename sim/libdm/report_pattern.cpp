// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/libdm/report_pattern.h"

#include <bitset>
#include <fmt/core.h>
#include <utility>

#include "sim/text/regex_search.h"

namespace sim::libdm {
namespace {

// The letters before and behind a text, and the one that ends an expression when it is searched with others.
constexpr char begin_letter = '\x02';
constexpr char end_letter = '\x03';
constexpr char target_letter = '\0';

using Letters = std::bitset<256>;

std::size_t index_of(char c) {
  return static_cast<unsigned char>(c);
}

char escaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

// Reads the library's grammar and writes an expression in Boost's.
class PatternReader {
 public:
  explicit PatternReader(std::string_view text) : text_(text) { next_token(); }

  // alternatives: sequence ["|" alternatives]
  std::optional<std::string> alternatives() {
    auto left = sequence();
    if (!left || token_ != '|') return left;
    next_token();
    const auto right = alternatives();
    if (!right) return std::nullopt;
    return fmt::format("(?:{}|{})", *left, *right);
  }

  [[nodiscard]] bool saw_target() const { return saw_target_; }

 private:
  static constexpr int letters_token = 0;
  static constexpr int no_token = -1;

  std::optional<std::string> sequence() {
    auto left = repeated();
    if (!left || token_ == '|') return left;
    if (const auto right = sequence()) *left += *right;
    return left;
  }

  std::optional<std::string> repeated() {
    auto item = single();
    while (item && (token_ == '*' || token_ == '+' || token_ == '?')) {
      item = fmt::format("(?:{}){}", *item, static_cast<char>(token_));
      next_token();
    }
    return item;
  }

  std::optional<std::string> single() {
    if (token_ == letters_token) {
      std::string item = written(letters_);
      next_token();
      return item;
    }
    if (token_ != '(') return std::nullopt;
    next_token();
    auto inner = alternatives();
    if (token_ != ')') return std::nullopt;
    next_token();
    return inner;
  }

  std::string written(const Letters& letters) {
    if (letters.count() == 1 && letters[index_of(target_letter)]) {
      saw_target_ = true;
      return "";
    }
    std::string out = "[";
    for (unsigned i = 0; i < letters.size(); i++) {
      if (!letters[i]) continue;
      // Boost takes numbers of seven bits, and bytes beyond them as they are.
      out += i < 128 ? fmt::format("\\x{{{:x}}}", i) : std::string(1, static_cast<char>(i));
    }
    // An empty class matches nothing.
    return letters.none() ? "(?!)" : out + "]";
  }

  void single_letter(char c) {
    token_ = letters_token;
    letters_.reset();
    letters_.set(index_of(c));
  }

  void next_token() {
    if (at_ == text_.size()) {
      token_ = no_token;
      return;
    }
    const char c = text_[at_++];
    switch (c) {
      case '[':
        return letter_class();
      case '(':
      case ')':
      case '*':
      case '+':
      case '?':
      case '|':
        token_ = static_cast<unsigned char>(c);
        return;
      case '^':
        return single_letter(begin_letter);
      case '$':
        return single_letter(end_letter);
      case '.':
        token_ = letters_token;
        letters_.set();
        for (const char none : {'\n', '\r', '\0'}) letters_.reset(index_of(none));
        return;
      case '\\':
        if (at_ == text_.size()) {
          token_ = no_token;
          return;
        }
        return single_letter(escaped(text_[at_++]));
      default:
        return single_letter(c);
    }
  }

  void letter_class() {
    const bool negated = at_ < text_.size() && text_[at_] == '^';
    if (negated) at_++;
    Letters named;
    char last = 0;
    for (; at_ < text_.size() && text_[at_] != ']'; at_++) {
      char c = text_[at_];
      if (c == '\\' && at_ + 1 < text_.size()) {
        c = escaped(text_[++at_]);
      } else if (c == '-' && last != 0 && at_ + 1 < text_.size()) {
        c = text_[++at_];
        if (index_of(last) > index_of(c)) std::swap(last, c);
        for (std::size_t i = index_of(last); i <= index_of(c); i++) named.set(i);
      }
      named.set(index_of(c));
      last = c;
    }
    if (at_ == text_.size()) {
      token_ = no_token;
      return;
    }
    at_++;
    token_ = letters_token;
    letters_ = negated ? ~named : named;
    if (negated) letters_.reset(0);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int token_ = no_token;
  Letters letters_;
  bool saw_target_ = false;
};

}  // namespace

std::optional<ReportPattern> ReportPattern::parse(std::string_view text) {
  // The library puts its expressions into this frame before it reads them.
  const std::string framed = fmt::format("(.*({}){})", text, target_letter);
  PatternReader reader(framed);
  const auto written = reader.alternatives();
  if (!written) return std::nullopt;
  ReportPattern pattern;
  pattern.reachable_ = reader.saw_target();
  pattern.regex_.assign(*written, boost::regex::perl | boost::regex::no_except);
  if (pattern.regex_.status() != 0) return std::nullopt;
  return pattern;
}

bool ReportPattern::matches(const std::string& text) const {
  // What takes too long to match does not match.
  return reachable_ &&
         regex_found(begin_letter + text + end_letter, regex_, boost::regex_constants::match_continuous)
             .value_or(false);
}

}  // namespace sim::libdm
