// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/replay/recording.h"

#include <gtest/gtest.h>

namespace {

using sim::cli::difference;

TEST(Recording, EqualTextsDoNotDiffer) {
  EXPECT_FALSE(difference("", ""));
  EXPECT_FALSE(difference("a\nb\n", "a\nb\n"));
  EXPECT_FALSE(difference("a\nb", "a\nb"));
}

TEST(Recording, TheFirstLineThatDiffersIsFound) {
  const auto found = difference("a\nb\nc\n", "a\nB\nC\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->line, 2U);
  EXPECT_EQ(found->recorded, "b\n");
  EXPECT_EQ(found->printed, "B\n");
}

TEST(Recording, OneThatEndsEarlierDiffers) {
  EXPECT_EQ(difference("a\n", "a\nb\n")->recorded, std::nullopt);
  EXPECT_EQ(difference("a\nb\n", "a\n")->printed, std::nullopt);
}

TEST(Recording, ANewlineThatIsMissingAtTheEndIsADifference) {
  EXPECT_EQ(difference("a\n", "a")->line, 1U);
}

}  // namespace
