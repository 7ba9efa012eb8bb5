// SPDX-License-Identifier: GPL-2.0-or-later
// Code in the documents is code that is compiled: a fenced block behind a line
//   <!-- from PATH -->
// is in that file, line by line.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/source_tree.h"

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

Lines lines_of(std::istream&& in) {
  Lines lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

struct Block {
  std::size_t line;  // of the comment, from 1
  std::string source;
  Lines code;
};

std::vector<Block> quoted_blocks(const Lines& document) {
  static const std::regex comment("<!-- from (\\S+) -->");
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < document.size(); ++i) {
    std::smatch match;
    if (!std::regex_match(document[i], match, comment)) continue;
    Block block{i + 1, match[1], {}};
    const bool fenced = ++i < document.size() && document[i].starts_with("```");
    EXPECT_TRUE(fenced) << "line " << block.line << ": no block follows";
    while (fenced && ++i < document.size() && document[i] != "```") block.code.push_back(document[i]);
    blocks.push_back(std::move(block));
  }
  return blocks;
}

bool has_lines(const Lines& file, const Lines& code) {
  return !code.empty() && std::search(file.begin(), file.end(), code.begin(), code.end()) != file.end();
}

std::vector<fs::path> documents() {
  std::vector<fs::path> found{test::source_dir() / "README.md"};
  for (const fs::directory_entry& entry : fs::directory_iterator(test::source_dir() / "docs")) {
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

TEST(DocsCode, StandsInTheFileThatItIsSaidToBeFrom) {
  std::size_t checked = 0;
  for (const fs::path& document : documents()) {
    for (const Block& block : quoted_blocks(lines_of(std::ifstream(document)))) {
      ++checked;
      EXPECT_TRUE(has_lines(lines_of(std::ifstream(test::source_dir() / block.source)), block.code))
          << document.filename().string() << ":" << block.line << ": this is not in " << block.source;
    }
  }
  EXPECT_GT(checked, 5U) << "docs/write-a-target.md quotes more than that";
}

TEST(DocsCode, ABlockIsWhatFollowsTheComment) {
  const auto blocks =
      quoted_blocks(lines_of(std::istringstream("<!-- from x.h -->\n```cpp\n1\n2\n```\n```\n3\n```\n")));
  ASSERT_EQ(blocks.size(), 1U);
  EXPECT_EQ(blocks[0].source, "x.h");
  EXPECT_EQ(blocks[0].code, (Lines{"1", "2"}));
}

TEST(DocsCode, OneChangedLineIsEnoughToFail) {
  EXPECT_TRUE(has_lines({"a", "b", "c"}, {"b", "c"}));
  EXPECT_FALSE(has_lines({"a", "b", "c"}, {"a", "c"}));
  EXPECT_FALSE(has_lines({"a", "b", "c"}, {"b", "c "}));
  EXPECT_FALSE(has_lines({"a"}, {}));
}

}  // namespace
