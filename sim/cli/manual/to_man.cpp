// SPDX-License-Identifier: GPL-2.0-or-later
// Manual pages in the macros of man(7).
#include <algorithm>
#include <fmt/format.h>
#include <string_view>

#include "sim/cli/manual/document.h"
#include "sim/cli/manual/inline_text.h"

namespace sim::cli::manual {

namespace {

enum class Style { prose, code };

// What troff would replace by typographic characters, or take for a request of its own. In prose a hyphen may
// be a typographic one; what is code is to be copied from the page as it is.
std::string_view escape_of(char c, Style style) {
  switch (c) {
    case '\\':
      return "\\e";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    case '`':
      return "\\(ga";
    case '-':
      return style == Style::code ? "\\-" : "";
    case '\'':
      return style == Style::code ? "\\(aq" : "";
    default:
      return "";
  }
}

std::string escaped(std::string_view text, Style style) {
  std::string out;
  for (const char c : text) {
    const std::string_view escape = escape_of(c, style);
    if (escape.empty()) {
      out += c;
    } else {
      out += escape;
    }
  }
  return out;
}

// A line that begins with a control character would be a request, and an empty one vertical space.
std::string line(const std::string& text) {
  if (text.empty()) return {};
  return (text.starts_with('.') || text.starts_with('\'') ? "\\&" : "") + text + "\n";
}

std::string formatted(std::string_view text) {
  std::string out;
  for (const Span& span : spans_of(text)) {
    switch (span.kind) {
      case Span::Kind::plain:
        out += escaped(span.text, Style::prose);
        break;
      case Span::Kind::code:
        out += fmt::format("\\fB{}\\fR", escaped(span.text, Style::code));
        break;
      case Span::Kind::strong:
        out += fmt::format("\\fB{}\\fR", escaped(span.text, Style::prose));
        break;
      case Span::Kind::emphasis:
        out += fmt::format("\\fI{}\\fR", escaped(span.text, Style::prose));
        break;
    }
  }
  return out;
}

// An argument of a macro.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

// In capitals but for code, as manual pages have the names of their sections.
std::string section_name(std::string_view text) {
  std::string out;
  for (const Span& span : spans_of(text)) {
    out += span.kind == Span::Kind::code ? escaped(span.text, Style::code)
                                         : escaped(upper(span.text), Style::prose);
  }
  return out;
}

class ManWriter {
 public:
  void operator()(const Heading& heading) {
    out_ += heading.level == 2 ? fmt::format(".SH {}\n", in_quotes(section_name(heading.text)))
                               : fmt::format(".SS {}\n", in_quotes(formatted(heading.text)));
    after_heading_ = true;
  }
  void operator()(const Paragraph& paragraph) {
    begin_paragraph();
    out_ += line(formatted(paragraph.text));
  }
  void operator()(const CodeBlock& code) {
    begin_paragraph();
    out_ += ".in +4n\n.nf\n";
    for (const std::string& text : code.lines) out_ += text.empty() ? "\n" : line(escaped(text, Style::code));
    out_ += ".fi\n.in\n";
  }
  void operator()(const BulletList& list) {
    for (const std::string& item : list.items) out_ += ".IP \\(bu 2\n" + line(formatted(item));
    after_heading_ = false;
  }
  void operator()(const Table& table) {
    for (const auto& [term, meaning] : table.rows)
      out_ += ".TP\n" + line(formatted(term)) + line(formatted(meaning));
    after_heading_ = false;
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void begin_paragraph() {
    if (!after_heading_) out_ += ".PP\n";
    after_heading_ = false;
  }

  bool after_heading_ = false;
  std::string out_;
};

// No date: the same source makes the same page. Words are not hyphenated, and lines are not justified, so
// that what is code stays in one piece.
std::string head(const Document& document, const ManHeader& header) {
  return fmt::format(".TH {} {} \"\" {} {}\n.nh\n.ad l\n.SH NAME\n{} \\- {}\n",
                     in_quotes(escaped(upper(header.name), Style::code)), header.section,
                     in_quotes(header.source), in_quotes("dmsim manual"), escaped(header.name, Style::code),
                     formatted(document.summary));
}

std::string see_also(const std::vector<std::string>& pages) {
  if (pages.empty()) return {};
  std::string out = ".SH \"SEE ALSO\"\n";
  for (const std::string& page : pages) {
    const std::size_t section = page.find('(');
    out += fmt::format(".BR {} {}{}\n", escaped(page.substr(0, section), Style::code), page.substr(section),
                       &page == &pages.back() ? "" : ",");
  }
  return out;
}

}  // namespace

std::string to_man(const Document& document, const ManHeader& header) {
  ManWriter writer;
  for (const Block& block : document.blocks) std::visit(writer, block);
  return head(document, header) + writer.take() + see_also(header.see_also);
}

}  // namespace sim::cli::manual
