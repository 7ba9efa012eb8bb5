// SPDX-License-Identifier: GPL-2.0-or-later
// The documents do not rot: code in them is the code of a file, output is what the program prints, and the
// files and functions they name exist.
//
// A fenced block is held against something if the line before it says so:
//   <!-- from PATH -->   the block stands in that file, line by line
//   <!-- checked -->     the block is a command, behind "$ ", and its output; "..." stands for any lines
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

const fs::path root = DMSIM_SOURCE_DIR;

Lines lines_of(std::istream&& in) {
  Lines lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

Lines lines_of_file(const fs::path& file) {
  return lines_of(std::ifstream(file));
}

std::string content_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

struct Block {
  std::size_t line;       // of its first line, from 1
  std::string directive;  // what the comment before it says
  Lines lines;
};

std::vector<Block> checked_blocks(const Lines& document) {
  static const std::regex comment("<!-- (from \\S+|checked) -->");
  std::vector<Block> blocks;
  for (std::size_t i = 0; i + 1 < document.size(); ++i) {
    std::smatch match;
    if (!std::regex_match(document[i], match, comment)) continue;
    if (!document[i + 1].starts_with("```")) {
      ADD_FAILURE() << "line " << i + 1 << ": no block follows";
      continue;
    }
    Block block{i + 3, match[1], {}};
    for (i += 2; i < document.size() && document[i] != "```"; ++i) block.lines.push_back(document[i]);
    blocks.push_back(std::move(block));
  }
  return blocks;
}

// Where `part` stands in `whole` at or behind `from`, or npos.
std::size_t place_of(const Lines& whole, const Lines& part, std::size_t from) {
  const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(from);
  const auto it = std::search(begin, whole.end(), part.begin(), part.end());
  return it == whole.end() && !part.empty() ? std::string::npos
                                            : static_cast<std::size_t>(it - whole.begin());
}

// Whether `output` is what `expected` says, in which "..." stands for any number of lines.
bool matches(const Lines& output, const Lines& expected) {
  std::vector<Lines> pieces(1);
  for (const std::string& line : expected) {
    if (line == "...") {
      pieces.emplace_back();
    } else {
      pieces.back().push_back(line);
    }
  }
  std::size_t at = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const bool last = i + 1 == pieces.size();
    if (last && pieces[i].size() > output.size() - at) return false;
    const std::size_t from = last ? output.size() - pieces[i].size() : at;
    const std::size_t found = place_of(output, pieces[i], from);
    if (found == std::string::npos || (i == 0 && found != 0)) return false;
    at = found + pieces[i].size();
  }
  return at == output.size() || expected.back() == "...";
}

// Runs "dmsim replay ..." in the source folder, as the reader of a document does: output and complaints.
// Documents may use the target of docs/write-a-target.md, so its program runs.
Lines run(const std::string& command) {
  static const std::regex harmless("dmsim(_turnstile)? (replay [A-Za-z0-9_./ -]+)");
  std::smatch match;
  if (!std::regex_match(command, match, harmless)) {
    ADD_FAILURE() << "not a command that this test runs: " << command;
    return {};
  }
  const std::string line = fmt::format("cd {} && {} {} 2>&1", root.string(), DMSIM_TURNSTILE, match[2].str());
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(line.c_str(), "r"), pclose);
  std::string output;
  std::array<char, 4096> buffer{};
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) {
    output.append(buffer.data(), n);
  }
  return lines_of(std::istringstream(output));
}

class Document : public testing::TestWithParam<std::string> {
 protected:
  const fs::path file_ = root / "docs" / (GetParam() + ".md");
};

TEST_P(Document, CodeIsThatOfTheFile) {
  for (const Block& block : checked_blocks(lines_of_file(file_))) {
    if (!block.directive.starts_with("from ")) continue;
    const std::string source = block.directive.substr(5);
    EXPECT_NE(place_of(lines_of_file(root / source), block.lines, 0), std::string::npos)
        << file_ << ":" << block.line << ": this is not in " << source;
  }
}

TEST_P(Document, OutputIsWhatTheProgramPrints) {
  for (const Block& block : checked_blocks(lines_of_file(file_))) {
    if (block.directive != "checked") continue;
    ASSERT_FALSE(block.lines.empty());
    ASSERT_TRUE(block.lines[0].starts_with("$ ")) << file_ << ":" << block.line;
    const Lines output = run(block.lines[0].substr(2));
    EXPECT_TRUE(matches(output, {block.lines.begin() + 1, block.lines.end()}))
        << file_ << ":" << block.line << ": it prints:\n"
        << fmt::format("{}", fmt::join(output, "\n"));
  }
}

// `dmcore/dm/io.cpp`
TEST_P(Document, NamesFilesThatExist) {
  static const std::regex path("`((?:dmcore|dmclone|sim|tests|proptests|docs)/[A-Za-z0-9_./-]+\\.[a-z]+)`");
  const std::string text = content_of(file_);
  for (std::sregex_iterator it(text.begin(), text.end(), path), end; it != end; ++it) {
    EXPECT_TRUE(fs::exists(root / (*it)[1].str())) << file_ << " names " << (*it)[1];
  }
}

// `Class::function()` (`file`): the file has the function.
TEST_P(Document, NamesFunctionsThatTheirFilesHave) {
  static const std::regex named("`([A-Za-z_:]+)\\(\\)`\\s+\\(`([a-z]+/[A-Za-z0-9_./-]+)`");
  const std::string text = content_of(file_);
  for (std::sregex_iterator it(text.begin(), text.end(), named), end; it != end; ++it) {
    EXPECT_NE(content_of(root / (*it)[2].str()).find((*it)[1].str() + "("), std::string::npos)
        << file_ << " looks for " << (*it)[1] << "() in " << (*it)[2];
  }
}

std::vector<std::string> documents() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Docs, Document, testing::ValuesIn(documents()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// The checker itself.
TEST(DocumentChecker, DotsStandForAnyLines) {
  const Lines output{"a", "b", "c"};
  EXPECT_TRUE(matches(output, {"a", "b", "c"}));
  EXPECT_TRUE(matches(output, {"a", "...", "c"}));
  EXPECT_TRUE(matches(output, {"...", "b", "..."}));
  EXPECT_TRUE(matches(output, {"a", "b", "...", "c"}));
  EXPECT_FALSE(matches(output, {"a", "b"}));
  EXPECT_FALSE(matches(output, {"b", "c"}));
  EXPECT_FALSE(matches(output, {"a", "...", "b"}));
  EXPECT_FALSE(matches(output, {"a", "b", "...", "b", "c"}));
}

TEST(DocumentChecker, FindsTheBlocksThatAComparisonIsAskedFor) {
  const auto blocks = checked_blocks({"<!-- from x -->", "```cpp", "1", "2", "```", "```", "3", "```"});
  ASSERT_EQ(blocks.size(), 1U);
  EXPECT_EQ(blocks[0].directive, "from x");
  EXPECT_EQ(blocks[0].lines, (Lines{"1", "2"}));
}

}  // namespace
