// SPDX-License-Identifier: GPL-2.0-or-later
// A page of help, whatever it is shown as: text on a terminal, a manual page, Markdown.
//
// Texts in it are Markdown's inline notation: `code`, **strong**, *emphasis*, [text](target).
#pragma once

#include <string>
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

// For a terminal of so many columns.
std::string to_text(const Document& document, unsigned columns);

}  // namespace sim::cli::manual
