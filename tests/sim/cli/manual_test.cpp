// SPDX-License-Identifier: GPL-2.0-or-later
// Pages of help as text, Markdown and manual pages; what is installed beside the program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "sim/cli/manual/document.h"
#include "sim/cli/manual/inline_text.h"
#include "sim/cli/manual/vim_syntax.h"
#include "sim/language/parse_command.h"

#include "tests/sim/cli/dmsim_program.h"
#include "tests/support/markdown.h"

namespace {

using namespace sim::cli::manual;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

std::string as_text(std::string_view markdown, unsigned columns = 40) {
  Document document = parse_markdown("# T\n" + std::string(markdown));
  document.summary = "s";
  return to_text(document, columns).substr(std::string("T: s\n\n").size());
}

std::string as_man(std::string_view markdown) {
  Document document = parse_markdown(markdown);
  document.summary = "does it";
  return to_man(document, {"dmsim-it", 1, "dmsim 1.2.3", {"dmsim(1)", "dmsim-scenario(5)"}});
}

TEST(Inline, KnowsCodeEmphasisAndLinks) {
  std::string text;
  for (const Span& span : spans_of("a `b` **c** *d* [e `f`](g.md) h"))
    text += std::to_string(static_cast<int>(span.kind)) + span.text + ";";
  EXPECT_EQ(text, "0a ;1b;0 ;2c;0 ;3d;0 ;0e ;1f;0 h;");
}

TEST(Inline, LeavesLoneMarksAlone) {
  const auto spans = spans_of("2 * 3 and a [b] and `c");
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].text, "2 * 3 and a [b] and `c");
}

TEST(Inline, ABarInACellLosesItsBackslash) {
  EXPECT_EQ(spans_of("`a\\|b`").at(0).text, "a|b");
  EXPECT_EQ(spans_of("a\\|b").at(0).text, "a|b");
}

TEST(Markdown, ATableHasTermsAndMeanings) {
  const Document page = parse_markdown("| t | m |\n|---|---|\n| `a\\|b` | c |\n| d | |\n");
  const Table& table = std::get<Table>(page.blocks.at(0));
  EXPECT_EQ(table.term + table.meaning, "tm");
  EXPECT_THAT(table.rows, ElementsAre(Pair("`a\\|b`", "c"), Pair("d", "")));
}

TEST(Markdown, AnItemGoesOnOnTheNextLine) {
  const Document page = parse_markdown("* a\n  b\n* c\n\nd\n");
  EXPECT_THAT(std::get<BulletList>(page.blocks.at(0)).items, ElementsAre("a b", "c"));
  EXPECT_EQ(std::get<Paragraph>(page.blocks.at(1)).text, "d");
}

TEST(Markdown, CodeIsTakenAsItIs) {
  const Document page = parse_markdown("```sh\n# no heading\n\n* no item\n```\n");
  EXPECT_THAT(std::get<CodeBlock>(page.blocks.at(0)).lines, ElementsAre("# no heading", "", "* no item"));
}

TEST(Text, QuotesCodeWithWhatIsNotInIt) {
  EXPECT_EQ(as_text("`a` and `'b'`\n"), "'a' and \"'b'\"\n");
}

TEST(Text, WrapsBetweenWords) {
  EXPECT_EQ(as_text("one two three four\n", 10), "one two\nthree four\n");
}

TEST(Text, PutsMeaningsInAColumn) {
  EXPECT_EQ(as_text("| o | m |\n|---|---|\n| `-a` | one two three |\n| `--bcd` | four |\n", 20),
            "  -a     one two\n         three\n  --bcd  four\n");
}

TEST(Text, ALongTermHasALineOfItsOwn) {
  EXPECT_EQ(as_text("| o | m |\n|---|---|\n| `" + std::string(30, 'x') + "` | four |\n", 60),
            "  " + std::string(30, 'x') + "\n" + std::string(32, ' ') + "four\n");
}

TEST(Man, EscapesWhatTroffWouldTake) {
  const std::string page = as_man(".a `b\\n-c` 'd ^e\n");
  EXPECT_THAT(page, HasSubstr("\\&.a \\fBb\\en\\-c\\fR 'd \\(hae\n"));
}

TEST(Man, LeavesCodeAsItIs) {
  const std::string page = as_man("```\n.a 'b' ~\n\n'c\n```\n");
  EXPECT_THAT(page, HasSubstr(".nf\n\\&.a \\(aqb\\(aq \\(ti\n\n\\(aqc\n.fi\n"));
}

TEST(Man, HasAHeadAndReferences) {
  const std::string page = as_man("## Some `x`\n\na\n");
  EXPECT_THAT(page, HasSubstr(".TH \"DMSIM\\-IT\" 1 \"\" \"dmsim 1.2.3\""));
  EXPECT_THAT(page, HasSubstr(".SH NAME\ndmsim\\-it \\- does it\n"));
  EXPECT_THAT(page, HasSubstr(".SH \"SOME x\"\n"));
  EXPECT_THAT(page, EndsWith(".SH \"SEE ALSO\"\n.BR dmsim (1),\n.BR dmsim\\-scenario (5)\n"));
}

// The words of the alternatives in a pattern: "syntax match NAME "...\%(a\|b\)\ze...".
std::vector<std::string> words_of(const std::string& syntax, const std::string& name) {
  const std::string before = "syntax match " + name + " ";
  const std::size_t line = syntax.find(before);
  EXPECT_NE(line, std::string::npos) << name;
  const std::size_t begin = syntax.find("\\zs\\%(", line) + 6;
  std::string words = syntax.substr(begin, syntax.find("\\)\\ze", begin) - begin);
  for (std::size_t at = 0; (at = words.find("\\|", at)) != std::string::npos;) words.replace(at, 2, " ");
  std::istringstream in(words);
  return {std::istream_iterator<std::string>(in), {}};
}

TEST(Vim, KnowsTheCommandsOfTheParser) {
  EXPECT_THAT(words_of(vim_syntax(), "dmsCommand"), ElementsAreArray(sim::language::command_names()));
}

TEST(Vim, KnowsTheOptionsOfADisk) {
  EXPECT_THAT(words_of(vim_syntax(), "dmsOption"), ElementsAreArray(sim::language::disk_option_names()));
}

// The files that `dmsim manual --output` writes.
class Installed : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(dmsim.run({"manual", "--output", "share"}).status, 0); }

  test::DmsimProgram dmsim;
};

TEST_F(Installed, HaveAManualPageForEachSubcommand) {
  for (const char* name : {"dmsim", "dmsim-replay", "dmsim-clone", "dmsim-tables", "dmsim-explain",
                           "dmsim-metadata-size", "dmsim-explore", "dmsim-check", "dmsim-defects",
                           "dmsim-dump", "dmsim-restore", "dmsim-repair", "dmsim-generate", "dmsim-help"}) {
    EXPECT_THAT(dmsim.content_of(std::string("share/man/man1/") + name + ".1"),
                HasSubstr(".SH \"EXIT STATUS\""))
        << name;
  }
  EXPECT_THAT(dmsim.content_of("share/man/man5/dmsim-scenario.5"), HasSubstr(".SH \"OPTIONS OF A DISK\""));
}

// The group of each place in the file that is asked for, as vim highlights it.
TEST_F(Installed, HighlightScenariosInVim) {
  if (dmsim.shell("command -v vim").status != 0) GTEST_SKIP() << "there is no vim";
  dmsim.file("a.dms",
             "disk d 4M ro # a disk\n"
             "dmsetup create x <<END &\n"
             "0 8 zero\n"
             "END\n"
             "write d 0 8 @S\n"
             "expect \"flush\"\n");
  dmsim.file("ask.vim",
             "set nocompatible\n"
             "set runtimepath^=share/vim/vimfiles\n"
             "filetype on\n"
             "syntax on\n"
             "edit a.dms\n"
             "redir! > groups\n"
             "for [l, c] in [[1,1], [1,6], [1,8], [1,11], [1,17], [2,2], [3,1], [5,1], [5,13], [6,9]]\n"
             "  silent echo synIDattr(synID(l, c, 1), 'name')\n"
             "endfor\n"
             "redir END\n"
             "quitall!\n");
  const test::Ended ended = dmsim.shell("vim -e -s -u NONE -N -S ask.vim");
  std::istringstream groups(dmsim.content_of("groups"));
  std::string line;
  std::string all;
  while (std::getline(groups, line)) all += line + "|";
  EXPECT_EQ(
      all,
      "|dmsCommand||dmsNumber|dmsOption|dmsComment|dmsCommand|dmsDocument|dmsCommand|dmsPattern|dmsString|")
      << ended.out << ended.err;
}

TEST_F(Installed, AreManualPagesWithoutWarnings) {
  const test::Ended ended = dmsim.shell(
      "command -v groff >/dev/null || exit 77; groff -man -ww -z -K utf8 share/man/man1/*.1 "
      "share/man/man5/*.5");
  if (ended.status == 77) GTEST_SKIP() << "there is no groff";
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.err, "");
}

TEST(Help, IsTheSameInBothWays) {
  const test::DmsimProgram dmsim;
  for (const char* name : {"replay", "clone", "tables", "explain", "metadata-size", "explore", "check",
                           "defects", "dump", "restore", "repair", "generate", "help"}) {
    const test::Ended help = dmsim.run({"help", name});
    EXPECT_EQ(help.status, 0);
    EXPECT_EQ(help.out, dmsim.run({name, "--help"}).out);
    EXPECT_THAT(help.out, HasSubstr("\nExit status:\n"));
    EXPECT_THAT(help.out, HasSubstr("\nExamples:\n"));
  }
  EXPECT_EQ(dmsim.run({"help"}).out, dmsim.run({"--help"}).out);
}

TEST(Help, ShowsTheScenarioLanguage) {
  EXPECT_THAT(test::DmsimProgram().run({"help", "scenario"}).out, HasSubstr("  flush DEVICE "));
}

// A text without its punctuation, and so without the marks of Markdown.
std::set<std::string> plain_words(const std::string& text) {
  std::set<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      word += c;
    } else if (!word.empty()) {
      words.insert(std::exchange(word, {}));
    }
  }
  return words;
}

TEST(Help, LosesNothingOfTheScenarioLanguage) {
  // Targets of links and headings of tables are not for a terminal.
  const std::string page = std::regex_replace(test::read_page("docs/scenarios.md"),
                                              std::regex(R"(\]\([^)]*\)|\|[^\n]*\n\|---)"), " ");
  const std::set<std::string> shown = plain_words(test::DmsimProgram().run({"help", "scenario"}).out);
  std::set<std::string> lost = plain_words(page);
  std::erase_if(lost, [&](const std::string& word) { return shown.contains(word); });
  EXPECT_THAT(lost, IsEmpty());
}

TEST(Help, HasSuggestions) {
  const test::Ended ended = test::DmsimProgram().run({"help", "scenarios"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "dmsim: there is no help on 'scenarios'; did you mean 'scenario'?\n");
}

}  // namespace
