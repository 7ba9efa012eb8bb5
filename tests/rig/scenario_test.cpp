// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/rig/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rig/failure.h"

namespace {

using testing::ElementsAre;

TEST(RigScenario, ReturnsWhatCommandsPrint) {
  test::Machine machine;
  test::run_scenario(machine, "disk loop0 1M\nwrite loop0 1 1 A\n");
  EXPECT_THAT(test::run_scenario(machine, "read loop0 0 3\n"), ElementsAre("0-0 zero", "1-1 A", "2-2 zero"));
}

TEST(RigScenario, AMistakeIsAFailureThatNamesIt) {
  test::Machine machine;
  try {
    test::run_scenario(machine, "disk loop0 1M\nwrote loop0 1 1 A\n");
    FAIL() << "it is taken";
  } catch (const test::Failure& failure) {
    EXPECT_THAT(failure.what(), testing::HasSubstr("wrote"));
  }
}

}  // namespace
