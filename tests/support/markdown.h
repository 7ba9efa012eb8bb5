// SPDX-License-Identifier: GPL-2.0-or-later
// Just enough of Markdown to hold the documentation against the code.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace test {

// A table of a page. Cells are trimmed; what is in them stays Markdown.
struct Table {
  struct Row {
    std::size_t line;  // in the page; 1 is the first
    std::vector<std::string> cells;
  };
  std::string heading;  // the nearest heading above, without its #
  std::vector<std::string> header;
  std::vector<Row> rows;
};

// The content of a file of the repository, named from its top folder; empty, and a failure, if there is none.
std::string read_page(const std::string& name);
// README.md and the pages of docs/, sorted.
std::vector<std::string> page_names();

std::vector<std::string> lines(std::string_view text);

// Tables and prose only: what is inside fenced blocks does not count.
std::vector<Table> tables(std::string_view page);
std::string without_fenced_blocks(std::string_view page);
std::string first_fenced_block(std::string_view page);

// The text between backticks.
std::vector<std::string> code_spans(std::string_view text);

}  // namespace test
