// SPDX-License-Identifier: GPL-2.0-or-later
// A stack of devices that survives every power cut.
#include "sim/explore/power_cuts.h"

#include <gtest/gtest.h>

namespace {

constexpr auto stack_and_its_writes = R"(
disk loop0 4M
disk loop1 32
disk loop2 32
dmsetup create c --table "0 32 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration"
dmsetup create top --table "0 16 linear /dev/mapper/c 8"
write top 0 8 @A
write top 3 4 @B fua
flush top
)";

TEST(MyStack, SurvivesEveryPowerCut) {
  const auto result = sim::explore::explore_power_cuts(stack_and_its_writes);
  EXPECT_TRUE(result.holds()) << result.text();
}

}  // namespace
