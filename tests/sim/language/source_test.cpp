// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/source.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "sim/language/parser.h"

namespace sim::language {
namespace {

// The first message about a text, with its line and caret.
std::string first_message(std::string_view text) {
  const ParseResult result = parse_scenario(text);
  return result.diagnostics.empty() ? "" : format_diagnostic("f.dms", text, result.diagnostics.front());
}

TEST(FormatDiagnostic, ShowsTheLineAndACaret) {
  EXPECT_EQ(first_message("disk c 1M\n\tread c x 8\n"),
            "f.dms:2:9: 'x' is no sector\n\tread c x 8\n\t       ^\n");
}

TEST(FormatDiagnostic, KnowsEveryKindOfLineEnd) {
  EXPECT_EQ(first_message("disk c 1M\r\n\rread c x 8\r\n"),
            "f.dms:3:8: 'x' is no sector\nread c x 8\n       ^\n");
}

TEST(FormatDiagnostic, HidesAByteOrderMark) {
  EXPECT_EQ(first_message("\xef\xbb\xbfslep 1"),
            "f.dms:1:1: there is no command 'slep'; did you mean 'sleep'?\nslep 1\n^\n");
}

TEST(FormatDiagnostic, PrintsNoControlCharacters) {
  const std::string message = first_message("disk \x1b]0;\a 1M \x9b=on");
  EXPECT_EQ(message,
            "f.dms:1:15: there is no option '\\x9b'; there are discard, ro, cache, file, logical_block_size, "
            "read_latency, write_latency, flush_latency, bandwidth, number, fault\n"
            "disk \\x1b]0;\\x07 1M \\x9b=on\n                    ^\n");
  EXPECT_EQ(format_diagnostic("\x1b.dms", "", {Diagnostic::Severity::error, {1, 1}, "\x1b"}),
            "\\x1b.dms:1:1: \\x1b\n\n^\n");
}

TEST(FormatDiagnostic, CutsALongLineAroundThePlace) {
  const std::string message =
      first_message("write c 0 8 A fua" + std::string(200, ' ') + "\xc3\xa9 " + std::string(1000, 'b'));
  const auto begin = message.find('\n') + 1;
  const std::string line = message.substr(begin, message.find('\n', begin) - begin);
  EXPECT_EQ(line, "..." + std::string(60, ' ') + "\xc3\xa9 " + std::string(38, 'b') + "...");
  EXPECT_EQ(message.substr(begin + line.size()), "\n" + std::string(63, ' ') + "^\n");
}

TEST(FormatDiagnostic, CutsALongWordInTheMessage) {
  EXPECT_TRUE(first_message(std::string(10'000, 'x')).starts_with("f.dms:1:1: there is no command 'xxx"));
  EXPECT_LT(first_message(std::string(10'000, 'x')).size(), 500U);
}

TEST(Diagnostics, KeepTheFirstTwentyOfEachKindAndCountTheOthers) {
  std::string text = "dmsetup frobnicate\n";
  for (int i = 0; i < 25; i++) text += "x\n";
  text += "dmsetup frobnicate\n";
  const Diagnostics diagnostics = check_scenario(text);
  EXPECT_EQ(diagnostics.size(), 22U);
  EXPECT_EQ(diagnostics.count(Diagnostic::Severity::error), 25U);
  const std::string all = diagnostics.format("f.dms", text);
  EXPECT_TRUE(all.ends_with("f.dms: and 5 more mistakes\n")) << all;
  EXPECT_NE(all.find("f.dms:27:9: warning: "), std::string::npos) << all;
  EXPECT_EQ(all.find("f.dms:22:"), std::string::npos) << all;
}

TEST(Diagnostics, AskForNoMessageThatIsNotKept) {
  Diagnostics diagnostics;
  int asked = 0;
  for (int i = 0; i < 30; i++) {
    diagnostics.add(Diagnostic::Severity::error, {}, [&asked] {
      asked++;
      return std::string();
    });
  }
  EXPECT_EQ(asked, 20);
}

// A file that is no scenario has a mistake in each line; none may cost a walk through the text.
TEST(Diagnostics, OfManyMistakesTakeTimeInProportion) {
  std::string text;
  for (int i = 0; i < 1'000'000; i++) text += "frobnicate\n";
  const Diagnostics diagnostics = check_scenario(text);
  EXPECT_TRUE(diagnostics.format("f.dms", text).ends_with("f.dms: and 999980 more mistakes\n"));
}

}  // namespace
}  // namespace sim::language
