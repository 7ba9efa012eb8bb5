// SPDX-License-Identifier: GPL-2.0-or-later
// A page of help, whatever it is shown as: text on a terminal, a manual page, Markdown.
//
// Texts in it are Markdown's inline notation: `code`, **strong**, *emphasis*, [text](target).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sim::cli::manual {

struct Heading {
  unsigned level;  // 2 for the sections of a page, 3 below them
  std::string text;
};
struct Paragraph {
  std::string text;
};
struct CodeBlock {
  std::string language;  // as a fence of Markdown names it; may be empty
  std::vector<std::string> lines;
};
struct BulletList {
  std::vector<std::string> items;
};
// Two columns: terms and what they mean.
struct Table {
  std::string term;  // heading of the first column
  std::string meaning;
  std::vector<std::pair<std::string, std::string>> rows;
};
using Block = std::variant<Heading, Paragraph, CodeBlock, BulletList, Table>;

struct Document {
  std::string title;
  std::string summary;  // a phrase: what it is about or does
  std::vector<Block> blocks;
};

// A section of level 2, unless there is nothing in it.
void add_section(Document& document, std::string title, std::vector<Block> blocks);

// Headings, paragraphs, fenced code, bullet lists and tables of two columns; lines that begin an HTML comment
// are left out. The heading of level 1 is the title; there is no summary. Throws std::out_of_range if a table
// has fewer columns.
Document parse_markdown(std::string_view text);

// For a terminal of so many columns.
std::string to_text(const Document& document, unsigned columns);
// A section of a page of Markdown: the title as its heading, the summary as a sentence, and the blocks.
// Headings are left out, because tables and examples say themselves what they are.
std::string to_markdown_section(const Document& document);

struct ManHeader {
  std::string name;  // "dmsim-replay"
  int section;
  std::string source;                 // the program and its version
  std::vector<std::string> see_also;  // "dmsim(1)"
};
// For man(1).
std::string to_man(const Document& document, const ManHeader& header);

}  // namespace sim::cli::manual
