// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <fmt/format.h>
#include <string_view>

#include "sim/cli/manual/document.h"
#include "sim/cli/manual/inline_text.h"
#include "sim/cli/manual/wrap.h"
#include "sim/text/printable.h"

namespace sim::cli::manual {

namespace {

constexpr std::size_t indent = 2;
// Longer terms have their meaning on the line below.
constexpr std::size_t term_columns_max = 28;

// Without marks; `quotes` around code keep it apart from the words of a sentence.
std::string plain(std::string_view text, bool quotes) {
  std::string out;
  for (const Span& span : spans_of(text)) {
    std::string_view quote;
    if (quotes && span.kind == Span::Kind::code)
      quote = span.text.find('\'') == std::string::npos ? "'" : "\"";
    out.append(quote).append(span.text).append(quote);
  }
  return out;
}

class TextWriter {
 public:
  explicit TextWriter(unsigned columns) : columns_(columns) {}

  void operator()(const Heading& heading) {
    out_ +=
        fmt::format("{}{}:\n", heading.level > 2 ? std::string(indent, ' ') : "", plain(heading.text, false));
    after_heading_ = true;
  }
  void operator()(const Paragraph& paragraph) {
    out_ += std::string(margin(), ' ') + wrapped(plain(paragraph.text, true), margin(), margin(), columns_) +
            "\n";
  }
  void operator()(const CodeBlock& code) {
    for (const std::string& line : code.lines)
      out_ += line.empty() ? "\n" : fmt::format("{}{}\n", std::string(indent, ' '), line);
    out_ += '\n';
  }
  void operator()(const BulletList& list) {
    for (const std::string& item : list.items)
      out_ += "  * " + wrapped(plain(item, true), indent * 2, indent * 2, columns_);
    out_ += '\n';
  }
  void operator()(const Table& table) {
    std::size_t width = 0;
    for (const auto& [term, meaning] : table.rows)
      width = std::max(width, character_count(plain(term, false)));
    const std::size_t column = indent + std::min(width, term_columns_max) + 2;
    for (const auto& [term, meaning] : table.rows) row(plain(term, false), plain(meaning, true), column);
    out_ += '\n';
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  [[nodiscard]] std::size_t margin() const { return after_heading_ ? indent : 0; }

  void row(const std::string& term, const std::string& meaning, std::size_t column) {
    std::string line = std::string(indent, ' ') + wrapped(term, indent, indent * 2, columns_);
    line.pop_back();
    const std::size_t used = character_count(line);
    line += used + 2 <= column ? std::string(column - used, ' ') : "\n" + std::string(column, ' ');
    out_ += line + wrapped(meaning, column, column, columns_);
  }

  std::size_t columns_;
  bool after_heading_ = false;
  std::string out_;
};

}  // namespace

std::string to_text(const Document& document, unsigned columns) {
  TextWriter writer(columns);
  for (const Block& block : document.blocks) std::visit(writer, block);
  std::string body = writer.take();
  if (body.ends_with("\n\n")) body.pop_back();
  return fmt::format("{}: {}\n\n{}", document.title, plain(document.summary, true), body);
}

}  // namespace sim::cli::manual
