// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/lexer.h"

#include <gtest/gtest.h>
#include <string>

namespace sim::language {
namespace {

using Words = std::vector<std::string>;

struct LexResult {
  std::vector<WordLine> lines;
  std::vector<Diagnostic> errors;
};

// All commands of a text.
LexResult lex(std::string_view text) {
  LexResult result;
  Diagnostics diagnostics;
  Lexer lexer(text);
  while (auto line = lexer.next(diagnostics)) result.lines.push_back(*std::move(line));
  result.errors.assign(diagnostics.begin(), diagnostics.end());
  return result;
}

TEST(SplitWords, SplitsAtSpaces) {
  EXPECT_EQ(split_words(" a\tbc  d "), (Words{"a", "bc", "d"}));
}

TEST(SplitWords, JoinsQuotedPartsOfAWord) {
  EXPECT_EQ(split_words("a'b c'\"d e\"f"), (Words{"ab cd ef"}));
}

TEST(SplitWords, KeepsAnEmptyWordInQuotes) {
  EXPECT_EQ(split_words("a '' b"), (Words{"a", "", "b"}));
}

TEST(SplitWords, BackslashQuotesTheNextCharacter) {
  EXPECT_EQ(split_words("a\\ b\\\"c"), (Words{"a b\"c"}));
}

TEST(SplitWords, BackslashInDoubleQuotesQuotesOnlyQuoteAndItself) {
  EXPECT_EQ(split_words(R"("a\"b\\c\d")"), (Words{R"(a"b\c\d)"}));
}

TEST(SplitWords, BackslashInSingleQuotesIsItself) {
  EXPECT_EQ(split_words(R"('a\n')"), (Words{R"(a\n)"}));
}

TEST(SplitWords, CommentEndsTheLineEvenInsideAWord) {
  EXPECT_EQ(split_words("a b#c d"), (Words{"a", "b"}));
}

TEST(SplitWords, QuotedHashIsNoComment) {
  EXPECT_EQ(split_words("a '#' \"#b\""), (Words{"a", "#", "#b"}));
}

TEST(SplitWords, FailsOnAnOpenQuote) {
  EXPECT_EQ(split_words("a 'b"), std::nullopt);
}

TEST(SplitWords, FailsOnABackslashAtTheEnd) {
  EXPECT_EQ(split_words("a \\"), std::nullopt);
}

TEST(Lexer, SkipsEmptyLinesAndComments) {
  const LexResult result = lex("\n# nothing\n  a b\n\n");
  ASSERT_EQ(result.lines.size(), 1U);
  EXPECT_EQ(result.lines[0][1].text, "b");
}

TEST(Lexer, TellsWhereEachWordBegins) {
  const LexResult result = lex("a\n  bc 'd'\n");
  ASSERT_EQ(result.lines.size(), 2U);
  EXPECT_EQ(result.lines[1][0].where, (SourcePosition{2, 3}));
  EXPECT_EQ(result.lines[1][1].where, (SourcePosition{2, 6}));
}

TEST(Lexer, CountsColumnsInCharacters) {
  const LexResult result = lex("\xc3\xa9 b");
  EXPECT_EQ(result.lines[0][1].where, (SourcePosition{1, 3}));
}

TEST(Lexer, BackslashAtALinesEndJoinsTheNext) {
  const LexResult result = lex("a b\\\nc d\n");
  ASSERT_EQ(result.lines.size(), 1U);
  EXPECT_EQ(result.lines[0][1].text, "bc");
  EXPECT_EQ(result.lines[0][2].where, (SourcePosition{2, 3}));
}

TEST(Lexer, OpenQuoteGoesOnOnTheNextLine) {
  const LexResult result = lex("t '0 8 zero\n8 8 error'\n");
  ASSERT_EQ(result.lines.size(), 1U);
  EXPECT_EQ(result.lines[0][1].text, "0 8 zero\n8 8 error");
}

TEST(Lexer, ApostropheInACommentOpensNothing) {
  EXPECT_EQ(lex("# it's\na\n").lines.size(), 1U);
}

TEST(Lexer, TakesCarriageReturnsForLineEnds) {
  EXPECT_EQ(lex("a\r\nb\rc\n").lines.size(), 3U);
}

TEST(Lexer, ReportsAQuoteThatIsNeverClosedWhereItOpens) {
  const LexResult result = lex("a\nb 'c\nd\n");
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors[0].where, (SourcePosition{2, 3}));
  EXPECT_EQ(result.lines.size(), 1U);
}

TEST(Lexer, ReportsABackslashAtTheVeryEnd) {
  const LexResult result = lex("a b \\\n");
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors[0].where, (SourcePosition{1, 5}));
}

TEST(Lexer, HereDocumentsTakeTheLinesBelow) {
  const LexResult result = lex("a <<END b\n 0 8 zero # 'x\n\nEND\nc\n");
  ASSERT_EQ(result.lines.size(), 2U);
  ASSERT_EQ(result.lines[0].size(), 3U);
  ASSERT_TRUE(result.lines[0][1].document);
  EXPECT_EQ(result.lines[0][1].text, "<<END");
  EXPECT_EQ(result.lines[0][1].document->text, " 0 8 zero # 'x\n\n");
  EXPECT_EQ(result.lines[0][2].text, "b");
  EXPECT_EQ(result.lines[1][0].where, (SourcePosition{5, 1}));
}

TEST(Lexer, HereDocumentsAreWrittenAsInAShell) {
  for (const std::string begin : {"<<END", "<< END", "<<'END'", "<<\"END\" ", "<<-END"}) {
    const LexResult result = lex("a " + begin + "\nx\nEND\n");
    ASSERT_EQ(result.lines.size(), 1U) << begin;
    EXPECT_EQ(result.lines[0][1].document->text, "x\n") << begin;
  }
  EXPECT_EQ(lex("a <<-END\n\t\tx\ty\n\tEND\n").lines[0][1].document->text, "x\ty\n");
}

TEST(Lexer, WhatLooksLikeAHereDocumentMayBeAWord) {
  for (const std::string word :
       {"'<<END'", "\"<<END\"", "\\<<END", "x<<END", "<<1", "<<", "<<'END", "<<END,"}) {
    const LexResult result = lex("a " + word + "\nb\n");
    for (const WordLine& line : result.lines) {
      for (const Word& each : line) EXPECT_FALSE(each.document) << word;
    }
  }
}

TEST(Lexer, ReportsAHereDocumentWithoutEndWhereItBegins) {
  const LexResult result = lex("a\nb <<END\nx\n");
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors[0].where, (SourcePosition{2, 3}));
  EXPECT_EQ(result.lines.size(), 1U);
}

TEST(Lexer, SkipsAByteOrderMark) {
  const LexResult result =
      lex("\xef\xbb\xbf"
          "a b");
  EXPECT_EQ(result.lines[0][0].text, "a");
  EXPECT_EQ(result.lines[0][1].where, (SourcePosition{1, 3}));
}

TEST(Lexer, ABackslashThatQuotesABackslashJoinsLinesToo) {
  // As the reference interpreter does: only a line's last byte counts.
  EXPECT_EQ(lex("a\\\\\nb\n").lines[0][0].text, "ab");
  EXPECT_EQ(lex("a\\\\\n\nb\n").lines[0][0].text, "ab");
}

TEST(Lexer, KnowsPlacesInAQuoteOfSeveralLines) {
  const LexResult result = lex("a 'b\nc' d\\\ne 'f' g");
  ASSERT_EQ(result.lines.size(), 1U);
  EXPECT_EQ(result.lines[0][1].text, "b\nc");
  EXPECT_EQ(result.lines[0][2].where, (SourcePosition{2, 4}));
  EXPECT_EQ(result.lines[0][4].where, (SourcePosition{3, 7}));
}

// An open quote reaches to the end of the text: each line must be read only once.
TEST(Lexer, TakesTimeInProportionToAnOpenQuote) {
  std::string text = "a 'b\n";
  for (int i = 0; i < 200'000; i++) text += "write a 0 8 A\n";
  EXPECT_EQ(lex(text).errors.size(), 1U);
}

}  // namespace
}  // namespace sim::language
