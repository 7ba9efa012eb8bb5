// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/text/words.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

TEST(ShlexQuote, LeavesSafeWordsAlone) {
  EXPECT_EQ(shlex_quote("/dev/loop0:a=b,@%+-_.1"), "/dev/loop0:a=b,@%+-_.1");
}

TEST(ShlexQuote, QuotesEverythingElse) {
  EXPECT_EQ(shlex_quote("a b"), "'a b'");
  EXPECT_EQ(shlex_quote("&"), "'&'");
  EXPECT_EQ(shlex_quote("~"), "'~'");
}

TEST(ShlexQuote, QuotesTheEmptyWord) {
  EXPECT_EQ(shlex_quote(""), "''");
}

TEST(ShlexQuote, PutsASingleQuoteIntoDoubleOnes) {
  EXPECT_EQ(shlex_quote("it's"), "'it'\"'\"'s'");
}

}  // namespace
}  // namespace sim
