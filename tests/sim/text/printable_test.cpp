// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/text/printable.h"

#include <array>
#include <gtest/gtest.h>

namespace sim {
namespace {

TEST(Printable, LeavesTextAlone) {
  EXPECT_EQ(printable("a 'b' \\ \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
            "a 'b' \\ \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
}

TEST(Printable, ShowsControlCharactersAsBytes) {
  EXPECT_EQ(printable(std::string_view("\x1b[31m\a\r\n\0\x7f", 10)), "\\x1b[31m\\x07\\x0d\\x0a\\x00\\x7f");
}

TEST(Printable, ShowsControlCharactersAboveAsciiAsBytes) {
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");  // another CSI
  // Right to left from here on.
  constexpr std::array override = {'\xe2', '\x80', '\xae'};
  EXPECT_EQ(printable(std::string_view(override.data(), override.size())), "\\xe2\\x80\\xae");
}

TEST(Printable, ShowsWhatIsNotUtf8AsBytes) {
  EXPECT_EQ(printable("\x9b \xc3 \xc3("), "\\x9b \\xc3 \\xc3(");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");           // too long a form
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // half of a surrogate pair
  EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");           // cut off
}

TEST(Printable, CountsCharacters) {
  EXPECT_EQ(character_count("a\xc3\xa9\xe2\x82\xac\x80"), 4U);
}

TEST(InQuotes, CutsALongWord) {
  EXPECT_EQ(in_quotes("word"), "'word'");
  EXPECT_EQ(in_quotes("\x1b"), "'\\x1b'");
  EXPECT_EQ(in_quotes(std::string(1000, 'a')), "'" + std::string(60, 'a') + "...'");
}

}  // namespace
}  // namespace sim
