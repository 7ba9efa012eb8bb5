// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/manual/inline_text.h"

#include <array>

namespace sim::cli::manual {

namespace {

struct Mark {
  std::string_view text;
  Span::Kind kind;
};

// "**" before "*".
constexpr std::array marks = {
    Mark{"`", Span::Kind::code},
    Mark{"**", Span::Kind::strong},
    Mark{"*", Span::Kind::emphasis},
};

const Mark* mark_at(std::string_view text) {
  for (const Mark& mark : marks) {
    if (text.starts_with(mark.text)) return &mark;
  }
  return nullptr;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::vector<Span> read() {
    while (!rest_.empty()) {
      if (rest_.size() > 1 && rest_.front() == '\\' && rest_[1] == '|') rest_.remove_prefix(1);
      if (!take_marked() && !take_link()) {
        plain_ += rest_.front();
        rest_.remove_prefix(1);
      }
    }
    end_plain();
    return std::move(spans_);
  }

 private:
  // Text between two marks.
  bool take_marked() {
    const Mark* mark = mark_at(rest_);
    if (mark == nullptr) return false;
    const std::size_t begin = mark->text.size();
    const std::size_t end = rest_.find(mark->text, begin);
    if (end == std::string_view::npos || end == begin || rest_[begin] == ' ') return false;
    end_plain();
    Span span{mark->kind, std::string(rest_.substr(begin, end - begin))};
    // In a cell of a table each bar has a backslash before it, in code as well.
    for (std::size_t at = 0; (at = span.text.find("\\|", at)) != std::string::npos; ++at)
      span.text.erase(at, 1);
    spans_.push_back(std::move(span));
    rest_.remove_prefix(end + mark->text.size());
    return true;
  }

  bool take_link() {
    if (!rest_.starts_with("[")) return false;
    const std::size_t middle = rest_.find("](");
    const std::size_t end = rest_.find(')', middle);
    if (middle == std::string_view::npos || end == std::string_view::npos) return false;
    end_plain();
    for (Span& span : spans_of(rest_.substr(1, middle - 1))) spans_.push_back(std::move(span));
    rest_.remove_prefix(end + 1);
    return true;
  }

  void end_plain() {
    if (!plain_.empty()) spans_.push_back({Span::Kind::plain, std::move(plain_)});
    plain_.clear();
  }

  std::string_view rest_;
  std::string plain_;
  std::vector<Span> spans_;
};

}  // namespace

std::vector<Span> spans_of(std::string_view text) {
  return Reader(text).read();
}

}  // namespace sim::cli::manual
