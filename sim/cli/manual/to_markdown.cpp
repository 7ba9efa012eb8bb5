// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "sim/cli/manual/document.h"
#include "sim/cli/manual/wrap.h"

namespace sim::cli::manual {

namespace {

// Of the lines in docs/.
constexpr std::size_t columns = 140;

// A bar would end the cell, even in code.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

struct MarkdownWriter {
  std::string out;

  void operator()(const Heading&) {}
  void operator()(const Paragraph& paragraph) { out += wrapped(paragraph.text, 0, 0, columns) + "\n"; }
  void operator()(const CodeBlock& code) {
    out += fmt::format("```{}\n", code.language);
    for (const std::string& line : code.lines) out += line + '\n';
    out += "```\n\n";
  }
  void operator()(const BulletList& list) {
    for (const std::string& item : list.items) out += "* " + wrapped(item, 2, 2, columns);
    out += '\n';
  }
  void operator()(const Table& table) {
    out += fmt::format("| {} | {} |\n|---|---|\n", table.term, table.meaning);
    for (const auto& [term, meaning] : table.rows)
      out += fmt::format("| {} | {} |\n", cell(term), cell(meaning));
    out += '\n';
  }
};

}  // namespace

std::string to_markdown_section(const Document& document) {
  MarkdownWriter writer;
  writer.out = fmt::format("## `{}`\n\n", document.title);
  std::string sentence = document.summary + '.';
  if (sentence[0] >= 'a' && sentence[0] <= 'z') sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
  writer(Paragraph{sentence});
  for (const Block& block : document.blocks) std::visit(writer, block);
  return std::move(writer.out);
}

}  // namespace sim::cli::manual
