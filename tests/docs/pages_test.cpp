// SPDX-License-Identifier: GPL-2.0-or-later
// What README.md and docs/ name has to exist: pages and headings behind links, files, functions in them, and
// the commands and options of the scenario language.
#include <algorithm>
#include <array>
#include <filesystem>
#include <gtest/gtest.h>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "sim/dmsetup/commands.h"
#include "sim/language/parse_command.h"
#include "sim/language/parser.h"

#include "tests/support/markdown.h"
#include "tests/support/source_tree.h"

namespace {

namespace fs = std::filesystem;

// The prose of a page, lines joined, so that what is broken over two lines is found.
std::string prose(const std::string& page) {
  std::string text = test::without_fenced_blocks(test::read_page(page));
  std::replace(text.begin(), text.end(), '\n', ' ');
  return std::regex_replace(text, std::regex(" +"), " ");
}

template <class Visit>
void each_match(const std::string& text, const std::regex& regex, Visit visit) {
  for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it) visit(*it);
}

bool has_word_before(const std::string& text, const std::string& word, const std::string& after) {
  const std::regex regex("\\b" + word + after);
  return std::regex_search(text, regex);
}

// `Class::function()` is there if it is defined in the file, or the class is and a member has that name.
bool declares(const std::string& text, const std::string& name) {
  const bool function = name.ends_with("()");
  const std::string plain = function ? name.substr(0, name.size() - 2) : name;
  const std::string after = function ? "\\(" : "\\b";
  const std::size_t colons = plain.rfind("::");
  if (colons == std::string::npos) return has_word_before(text, plain, after);
  const std::string type = plain.substr(0, colons);
  const std::string member = plain.substr(colons + 2);
  if (has_word_before(text, plain, after)) return true;
  return has_word_before(text, "(class|struct|namespace|enum class) " + type, "\\b") &&
         has_word_before(text, member, after);
}

// As GitHub makes them.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : heading) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || byte >= 0x80)
      anchor += static_cast<char>(std::tolower(byte));
    else if (c == ' ')
      anchor += '-';
  }
  return anchor;
}

std::set<std::string> anchors(const std::string& page) {
  std::set<std::string> found;
  for (const std::string& line : test::lines(test::without_fenced_blocks(test::read_page(page)))) {
    const std::size_t text = line.find_first_not_of('#');
    if (text != 0 && text != std::string::npos && line[text] == ' ')
      found.insert(anchor_of(line.substr(text + 1)));
  }
  return found;
}

void check_located_names(const std::string& page) {
  static const std::regex located(R"(`([\w:~]+(?:\(\))?)` \(`([\w./-]+)`\))");
  each_match(prose(page), located, [&page](const std::smatch& match) {
    const std::string name = match[1];
    const std::string path = match[2];
    ASSERT_TRUE(fs::is_regular_file(test::source_dir() / path))
        << page << ": " << name << " is said to be in " << path << ", which does not exist";
    EXPECT_TRUE(declares(test::read_page(path), name)) << page << ": there is no " << name << " in " << path;
  });
}

void check_files(const std::string& page) {
  static const std::regex path(R"(`((?:dmcore|dmclone|sim|tests|proptests|docs|\.ci)/[\w./-]*)`)");
  each_match(prose(page), path, [&page](const std::smatch& match) {
    const std::string name = match[1];
    // A header may be named without its ending.
    EXPECT_TRUE(fs::exists(test::source_dir() / name) || fs::exists(test::source_dir() / (name + ".h")))
        << page << " names " << name << ", which does not exist";
  });
}

void check_links(const std::string& page) {
  static const std::regex link(R"(\]\(([^)\s]+)\))");
  each_match(prose(page), link, [&page](const std::smatch& match) {
    const std::string target = match[1];
    if (target.find("://") != std::string::npos) return;
    const std::size_t hash = std::min(target.find('#'), target.size());
    const fs::path file = target.substr(0, hash);
    const fs::path to = file.empty() ? fs::path(page) : fs::path(page).parent_path() / file;
    const std::string name = to.lexically_normal().string();
    ASSERT_TRUE(fs::exists(test::source_dir() / name))
        << page << " links to " << target << ", which does not exist";
    if (hash == target.size()) return;
    EXPECT_TRUE(anchors(name).contains(target.substr(hash + 1)))
        << page << " links to " << target << "; that page has no such heading";
  });
}

TEST(DocsPages, FunctionsAndTypesAreWhereTheySay) {
  for (const std::string& page : test::page_names()) check_located_names(page);
}

TEST(DocsPages, FilesExist) {
  for (const std::string& page : test::page_names()) check_files(page);
}

TEST(DocsPages, LinksLeadSomewhere) {
  for (const std::string& page : test::page_names()) check_links(page);
}

TEST(DocsPages, TheIndexLeadsToEachOfThem) {
  const std::string index = test::read_page("docs/README.md");
  for (const std::string& page : test::page_names()) {
    if (page == "README.md" || page == "docs/README.md") continue;
    const std::string name = fs::path(page).filename().string();
    EXPECT_NE(index.find("](" + name + ")"), std::string::npos) << "docs/README.md has no link to " << name;
  }
}

// ---- the scenario language ----

std::string language() {
  return test::read_page("docs/scenarios.md");
}

TEST(DocsScenarios, EveryCommandIsDocumentedAsTheParserUnderstandsIt) {
  const std::string page = language();
  for (const std::string_view name : sim::language::command_names()) {
    const sim::language::CommandParser* parser = sim::language::find_command_parser(name);
    ASSERT_NE(parser, nullptr) << name;
    EXPECT_NE(page.find("| `" + std::string(parser->usage) + "` | "), std::string::npos)
        << "docs/scenarios.md needs a row that begins with: | `" << parser->usage << "` | ";
  }
}

TEST(DocsScenarios, EveryDocumentedCommandIsKnown) {
  for (const test::Table& table : test::tables(language())) {
    if (table.header.empty() || table.header[0] != "command") continue;
    for (const test::Table::Row& row : table.rows) {
      for (const std::string& usage : test::code_spans(row.cells.at(0))) {
        const std::string name = usage.substr(0, usage.find(' '));
        if (name == "COMMAND" || name == "then") continue;  // COMMAND &
        EXPECT_NE(sim::language::find_command_parser(name), nullptr)
            << "docs/scenarios.md:" << row.line << ": the parser knows no '" << name << "'";
      }
    }
  }
}

TEST(DocsScenarios, EveryDocumentedCommandOfDmsetupIsKnown) {
  const std::string page = language();
  const std::size_t begin = page.find("\n## dmsetup\n");
  ASSERT_NE(begin, std::string::npos) << "docs/scenarios.md has no section on dmsetup";
  const std::string section = page.substr(begin, page.find("\n## ", begin + 1) - begin);
  std::size_t known = 0;
  for (const test::Table& table : test::tables(section)) {
    for (const test::Table::Row& row : table.rows) {
      // Options stand in parentheses behind their commands.
      const std::string commands = std::regex_replace(row.cells.at(1), std::regex("\\([^)]*\\)"), "");
      for (const std::string& usage : test::code_spans(commands)) {
        ++known;
        EXPECT_NE(sim::dmsetup::find_command(usage.substr(0, usage.find(' '))), nullptr)
            << "docs/scenarios.md: dmsetup has no command " << usage;
      }
    }
  }
  EXPECT_GE(known, 30U);
}

TEST(DocsScenarios, EveryOptionOfADiskIsDocumented) {
  const auto options = sim::language::disk_option_names();
  std::set<std::string> documented;
  for (const test::Table& table : test::tables(language())) {
    if (table.header.empty() || table.header[0] != "option of a disk") continue;
    for (const test::Table::Row& row : table.rows) {
      for (const std::string& usage : test::code_spans(row.cells.at(0))) {
        const std::string name = usage.substr(0, usage.find('='));
        documented.insert(name);
        EXPECT_EQ(std::count(options.begin(), options.end(), name), 1)
            << "docs/scenarios.md:" << row.line << ": a disk has no option '" << name << "'";
      }
    }
  }
  for (const std::string_view option : options) {
    EXPECT_TRUE(documented.contains(std::string(option)))
        << "docs/scenarios.md does not say what the option '" << option << "' of a disk is";
  }
}

}  // namespace
