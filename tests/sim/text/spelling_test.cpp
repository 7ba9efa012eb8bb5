// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/text/spelling.h"

#include <array>
#include <gtest/gtest.h>

namespace sim {
namespace {

constexpr std::array<std::string_view, 5> known = {"replay", "clone", "hydration_threshold", "read", "fua"};

TEST(NearestWord, FindsExchangedMissingAddedAndWrongLetters) {
  EXPECT_EQ(nearest_word("repaly", known), "replay");
  EXPECT_EQ(nearest_word("hydration_treshold", known), "hydration_threshold");
  EXPECT_EQ(nearest_word("cloone", known), "clone");
  EXPECT_EQ(nearest_word("reas", known), "read");
  EXPECT_EQ(nearest_word("fau", known), "fua");
}

TEST(NearestWord, IgnoresCaseAndDashes) {
  EXPECT_EQ(nearest_word("Hydration-Threshold", known), "hydration_threshold");
  EXPECT_EQ(nearest_word("FUA", known), "fua");
}

TEST(NearestWord, TakesABeginningForTheWhole) {
  EXPECT_EQ(nearest_word("hydration", known), "hydration_threshold");
}

TEST(NearestWord, FindsNothingForWhatIsFarFromAll) {
  EXPECT_EQ(nearest_word("rr", known), std::nullopt);
  EXPECT_EQ(nearest_word("frobnicate", known), std::nullopt);
  EXPECT_EQ(nearest_word("", known), std::nullopt);
  EXPECT_EQ(nearest_word(std::string(1000, 'a'), known), std::nullopt);
}

TEST(NearestWord, OfSeveralEquallyNearTakesTheFirst) {
  constexpr std::array<std::string_view, 2> both = {"cat", "hat"};
  EXPECT_EQ(nearest_word("bat", both), "cat");
}

TEST(DidYouMean, SuggestsOrListsAll) {
  EXPECT_EQ(did_you_mean("clnoe", known), "; did you mean 'clone'?");
  EXPECT_EQ(did_you_mean("xyzzy", known), "");
  EXPECT_EQ(did_you_mean("clnoe", known, "there are"), "; did you mean 'clone'?");
  EXPECT_EQ(did_you_mean("xyzzy", known, "there are"),
            "; there are replay, clone, hydration_threshold, read, fua");
}

}  // namespace
}  // namespace sim
