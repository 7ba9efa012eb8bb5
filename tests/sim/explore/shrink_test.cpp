// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/shrink.h"

#include <gtest/gtest.h>

namespace {

using sim::explore::shrink_scenario;

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(ShrinkScenario, KeepsWhatIsNeeded) {
  const std::string text = "disk a 1M\nflush a\nwrite a 0 8 A\nflush a\nwrite a 8 8 B\nread a 0 8\n";
  EXPECT_EQ(shrink_scenario(text, [](const std::string& t) { return has(t, "A\n") && has(t, "read"); }),
            "write a 0 8 A\nread a 0 8\n");
}

TEST(ShrinkScenario, KeepsCommandsOfSeveralLinesWhole) {
  const std::string text = "disk a 1M\ndmsetup create c <<END\n0 8 zero\nEND\nflush a\n";
  EXPECT_EQ(shrink_scenario(text, [](const std::string& t) { return has(t, "create"); }),
            "dmsetup create c <<END\n0 8 zero\nEND\n");
}

// Two commands that are needed one without the other, but not both away.
TEST(ShrinkScenario, EndsWhenNoCommandCanGo) {
  const std::string text = "flush a\nflush b\nflush c\n";
  const auto holds = [](const std::string& t) { return has(t, "flush a") || has(t, "flush c"); };
  EXPECT_EQ(shrink_scenario(text, holds), "flush a\n");
}

TEST(ShrinkScenario, ATextOfWhichItDoesNotHoldStays) {
  EXPECT_EQ(shrink_scenario("flush a\n", [](const std::string&) { return false; }), "flush a\n");
}

}  // namespace
