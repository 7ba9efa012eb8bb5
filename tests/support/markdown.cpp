// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/markdown.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "tests/support/source_tree.h"

namespace test {

namespace fs = std::filesystem;

namespace {

const fs::path root = source_dir();

std::string trim(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

bool is_fence(std::string_view line) {
  return trim(line).starts_with("```");
}

bool is_row(std::string_view line) {
  return line.starts_with('|') && line.size() > 1;
}

// A bar inside backticks, or behind a backslash, separates nothing.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  std::string cell;
  bool code = false;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
      cell += line[++i];
      continue;
    }
    if (line[i] == '`') code = !code;
    if (line[i] == '|' && !code) {
      cells.push_back(trim(cell));
      cell.clear();
    } else {
      cell += line[i];
    }
  }
  if (!trim(cell).empty()) cells.push_back(trim(cell));
  return cells;
}

// Calls `visit` for each line: its number, its text, and whether it is a fence or inside of one.
template <class Visit>
void each_line(std::string_view page, Visit visit) {
  bool fenced = false;
  std::size_t number = 0;
  for (const std::string& line : lines(page)) {
    const bool fence = is_fence(line);
    if (fence) fenced = !fenced;
    visit(++number, line, fence || fenced, fence);
  }
}

}  // namespace

std::string read_page(const std::string& name) {
  std::ifstream in(root / name, std::ios::binary);
  EXPECT_TRUE(in.is_open()) << "there is no " << name;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> page_names() {
  std::vector<std::string> names = {"README.md"};
  for (const fs::directory_entry& entry : fs::directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") names.push_back("docs/" + entry.path().filename().string());
  }
  std::sort(names.begin() + 1, names.end());
  return names;
}

std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> found;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    found.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return found;
}

std::vector<Table> tables(std::string_view page) {
  std::vector<Table> found;
  std::string heading;
  bool in_table = false;
  each_line(page, [&](std::size_t number, const std::string& line, bool fenced, bool) {
    if (!fenced && line.starts_with('#'))
      heading = trim(std::string_view(line).substr(line.find_first_not_of('#')));
    if (fenced || !is_row(line)) {
      in_table = false;
    } else if (!in_table) {
      found.push_back({heading, cells_of(line), {}});
      in_table = true;
    } else if (!line.starts_with("|-")) {
      found.back().rows.push_back({number, cells_of(line)});
    }
  });
  return found;
}

std::string without_fenced_blocks(std::string_view page) {
  std::string out;
  each_line(page, [&](std::size_t, const std::string& line, bool fenced, bool) {
    if (!fenced) out += line;
    out += '\n';
  });
  return out;
}

std::string first_fenced_block(std::string_view page) {
  std::string out;
  int fences = 0;
  each_line(page, [&](std::size_t, const std::string& line, bool, bool fence) {
    if (fence) ++fences;
    if (fences == 1 && !fence) out += line + '\n';
  });
  return out;
}

std::vector<std::string> code_spans(std::string_view text) {
  std::vector<std::string> found;
  for (std::size_t begin = text.find('`'); begin != std::string_view::npos;) {
    const std::size_t end = text.find('`', begin + 1);
    if (end == std::string_view::npos) break;
    found.emplace_back(text.substr(begin + 1, end - begin - 1));
    begin = text.find('`', end + 1);
  }
  return found;
}

}  // namespace test
