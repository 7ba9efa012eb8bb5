// SPDX-License-Identifier: GPL-2.0-or-later
// docs/architecture.md draws every folder, and its table of who may include what is obeyed.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/support/markdown.h"
#include "tests/support/source_tree.h"

namespace {

namespace fs = std::filesystem;
using test::Table;

using Names = std::set<std::string>;
struct Row {
  Names folders;
  Names libraries;
};

std::string page() {
  return test::read_page("docs/architecture.md");
}

std::map<std::string, Row> rules() {
  std::map<std::string, Row> found;
  for (const Table& table : test::tables(page())) {
    if (table.header != std::vector<std::string>{"folder", "may include", "libraries"}) continue;
    for (const Table::Row& row : table.rows) {
      for (const std::string& folder : test::code_spans(row.cells.at(0))) {
        const auto folders = test::code_spans(row.cells.at(1));
        const auto libraries = test::code_spans(row.cells.at(2));
        found[folder] = {{folders.begin(), folders.end()}, {libraries.begin(), libraries.end()}};
      }
    }
  }
  return found;
}

bool is_source(const fs::path& path) {
  return path.extension() == ".h" || path.extension() == ".cpp";
}

// The folder that a file or an include belongs to, as the table names it.
std::string folder_of(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  auto part = parent.begin();
  const std::string top = *part;
  return top == "dmclone" || ++part == parent.end() ? top : top + "/" + part->string();
}

std::string top_of(const std::string& folder) {
  return folder.substr(0, folder.find('/'));
}

struct Include {
  std::string file;
  std::string name;
  bool system;
};

std::vector<Include> includes() {
  static const std::regex directive(R"(^\s*#\s*include\s*(["<])([^">]+)[">])");
  std::vector<Include> found;
  for (const char* top : {"dmcore", "dmclone", "sim"}) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(test::source_dir() / top)) {
      if (!is_source(entry.path())) continue;
      const std::string file = fs::relative(entry.path(), test::source_dir()).string();
      for (const std::string& line : test::lines(test::read_page(file))) {
        std::smatch match;
        if (std::regex_search(line, match, directive)) found.push_back({file, match[2], match[1] == "<"});
      }
    }
  }
  return found;
}

// Folders that hold something, as the table names them.
Names folders() {
  Names found = {"dmclone"};
  for (const char* top : {"dmcore", "sim"}) {
    for (const fs::directory_entry& entry : fs::directory_iterator(test::source_dir() / top)) {
      if (entry.is_directory() && !fs::is_empty(entry))
        found.insert(std::string(top) + "/" + entry.path().filename().string());
    }
  }
  return found;
}

bool holds_sources(const std::string& folder) {
  const fs::recursive_directory_iterator files(test::source_dir() / folder);
  return std::any_of(begin(files), end(files), [](const auto& entry) { return is_source(entry.path()); });
}

// The line of the drawing that a folder is on; -1 if it is not drawn.
int line_in_drawing(const std::string& folder) {
  const std::regex word("(^|\\s)" + folder + "\\s");
  const std::vector<std::string> lines = test::lines(test::first_fenced_block(page()));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (std::regex_search(lines[i], word)) return static_cast<int>(i);
  }
  return -1;
}

bool mentions(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST(DocsArchitecture, EveryFolderIsDrawnAndExplained) {
  const std::string text = page();
  const std::string drawing = test::first_fenced_block(text);
  ASSERT_TRUE(mentions(drawing, "dmcore/kernel")) << "docs/architecture.md has no drawing";
  const auto rows = rules();
  for (const std::string& folder : folders()) {
    EXPECT_TRUE(mentions(text, "| `" + folder + "` | "))
        << folder << " has no row in 'What each folder is for'";
    if (!holds_sources(folder)) continue;
    EXPECT_GE(line_in_drawing(folder), 0) << folder << " is missing in the drawing of docs/architecture.md";
    EXPECT_TRUE(rows.contains(folder)) << folder << " has no row in 'Who may include what'";
  }
}

TEST(DocsArchitecture, WhatIsDrawnExists) {
  const Names existing = folders();
  const std::string drawing = test::first_fenced_block(page());
  static const std::regex name(R"(\b(dmcore|sim)/\w+)");
  for (std::sregex_iterator it(drawing.begin(), drawing.end(), name), end; it != end; ++it) {
    EXPECT_TRUE(existing.contains(it->str())) << it->str() << " is drawn, but there is no such folder";
  }
  for (const auto& [folder, row] : rules()) {
    EXPECT_TRUE(existing.contains(folder)) << folder << " has a row, but there is no such folder";
    for (const std::string& other : row.folders) {
      EXPECT_TRUE(existing.contains(other)) << folder << " may include " << other << ", which does not exist";
    }
  }
}

TEST(DocsArchitecture, EachFolderUsesOnlyWhatIsDrawnBelowIt) {
  std::map<std::string, int> line;
  for (const std::string& folder : folders()) line[folder] = line_in_drawing(folder);
  for (const Include& include : includes()) {
    if (include.system) continue;
    const std::string from = folder_of(include.file);
    const std::string to = folder_of(include.name);
    EXPECT_TRUE(from == to || line[from] < line[to])
        << include.file << " includes \"" << include.name << "\", but " << to << " is not drawn below "
        << from << " in docs/architecture.md";
  }
}

TEST(DocsArchitecture, IncludesObeyTheTable) {
  const auto rows = rules();
  for (const Include& include : includes()) {
    if (include.system) continue;
    const std::string from = folder_of(include.file);
    const std::string to = folder_of(include.name);
    if (from == to) continue;
    const auto row = rows.find(from);
    EXPECT_TRUE(row != rows.end() && row->second.folders.contains(to))
        << include.file << " includes \"" << include.name << "\": " << from << " may not use " << to
        << " (docs/architecture.md, 'Who may include what')";
  }
}

TEST(DocsArchitecture, TheTableAllowsNothingThatNobodyUses) {
  std::map<std::string, Names> used;
  for (const Include& include : includes()) {
    used[folder_of(include.file)].insert(include.system ? include.name : folder_of(include.name));
  }
  for (const auto& [folder, row] : rules()) {
    for (const std::string& other : row.folders) {
      EXPECT_TRUE(used[folder].contains(other))
          << "docs/architecture.md lets " << folder << " include " << other << ", and it does not";
    }
    for (const std::string& library : row.libraries) {
      const Names& names = used[folder];
      EXPECT_TRUE(std::any_of(names.begin(), names.end(),
                              [&](const std::string& name) { return name.starts_with(library + "/"); }))
          << "docs/architecture.md lets " << folder << " use " << library << ", and it does not";
    }
  }
}

// The arrows between the top folders, which no edit of the table may turn, and no circle among the rest.
TEST(DocsArchitecture, ArrowsPointDown) {
  static const std::map<std::string, int> height = {{"dmcore", 0}, {"dmclone", 1}, {"sim", 2}};
  const auto rows = rules();
  for (const auto& [folder, row] : rows) {
    for (const std::string& other : row.folders) {
      EXPECT_GE(height.at(top_of(folder)), height.at(top_of(other))) << folder << " -> " << other;
    }
    Names seen;
    std::vector<std::string> open(row.folders.begin(), row.folders.end());
    while (!open.empty()) {
      const std::string next = open.back();
      open.pop_back();
      if (!seen.insert(next).second || !rows.contains(next)) continue;
      open.insert(open.end(), rows.at(next).folders.begin(), rows.at(next).folders.end());
    }
    EXPECT_FALSE(seen.contains(folder)) << folder << " comes back to itself";
  }
}

TEST(DocsArchitecture, KernelCodeReachesTheWorldOnlyThroughItsServices) {
  constexpr auto forbidden = std::to_array<std::string_view>(
      {"thread", "mutex", "shared_mutex", "condition_variable", "future", "semaphore", "random", "iostream",
       "fstream", "filesystem", "cstdio", "ctime"});
  const auto rows = rules();
  for (const Include& include : includes()) {
    const std::string from = folder_of(include.file);
    if (!include.system || top_of(from) == "sim") continue;
    EXPECT_EQ(std::count(forbidden.begin(), forbidden.end(), include.name), 0)
        << include.file << " includes <" << include.name << ">, which is no business of kernel code";
    if (!mentions(include.name, "/") && !mentions(include.name, ".")) continue;  // the standard library
    const Names& libraries = rows.at(from).libraries;
    EXPECT_TRUE(
        std::any_of(libraries.begin(), libraries.end(),
                    [&](const std::string& library) { return include.name.starts_with(library + "/"); }))
        << include.file << " includes <" << include.name << ">, a library that " << from << " may not use";
  }
}

}  // namespace
