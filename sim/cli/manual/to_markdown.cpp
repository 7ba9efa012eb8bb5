// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "sim/cli/manual/document.h"

namespace sim::cli::manual {

namespace {

// A bar would end the cell, even in code.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

struct Writer {
  std::string out;

  void operator()(const Heading& heading) {
    out += fmt::format("{} {}\n\n", std::string(heading.level, '#'), heading.text);
  }
  void operator()(const Paragraph& paragraph) { out += paragraph.text + "\n\n"; }
  void operator()(const CodeBlock& code) {
    out += fmt::format("```{}\n", code.language);
    for (const std::string& line : code.lines) out += line + '\n';
    out += "```\n\n";
  }
  void operator()(const BulletList& list) {
    for (const std::string& item : list.items) out += fmt::format("* {}\n", item);
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

std::string to_markdown(const Document& document) {
  Writer writer;
  for (const Block& block : document.blocks) std::visit(writer, block);
  return std::move(writer.out);
}

}  // namespace sim::cli::manual
