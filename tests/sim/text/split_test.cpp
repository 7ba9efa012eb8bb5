// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/text/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Split, TrimmedHasNoWhiteSpaceAtItsEnds) {
  EXPECT_EQ(sim::trimmed(" \t a b\v\f\r\n"), "a b");
  EXPECT_EQ(sim::trimmed(" \n "), "");
  EXPECT_EQ(sim::trimmed(""), "");
}

TEST(Split, TrimmedFrontKeepsTheEnd) {
  EXPECT_EQ(sim::trimmed_front("\n a b "), "a b ");
}

TEST(Split, ANewlineAtTheEndBeginsNoLine) {
  EXPECT_THAT(sim::lines_of("a\n\nb\n"), ElementsAre("a", "", "b"));
  EXPECT_THAT(sim::lines_of("a\nb"), ElementsAre("a", "b"));
  EXPECT_THAT(sim::lines_of(""), IsEmpty());
  EXPECT_THAT(sim::lines_of("\n"), ElementsAre(""));
}

TEST(Split, WordsAreWhatWhiteSpaceSeparates) {
  EXPECT_THAT(sim::words_of("  a\tbc \n d"), ElementsAre("a", "bc", "d"));
  EXPECT_THAT(sim::words_of(" \n"), IsEmpty());
}

TEST(Split, AWholeNumberIsDigitsOnly) {
  EXPECT_EQ(sim::whole_number("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(sim::whole_number("18446744073709551616"), std::nullopt);
  EXPECT_EQ(sim::whole_number("1 "), std::nullopt);
  EXPECT_EQ(sim::whole_number("-1"), std::nullopt);
  EXPECT_EQ(sim::whole_number(""), std::nullopt);
}

}  // namespace
