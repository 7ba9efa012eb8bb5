// SPDX-License-Identifier: GPL-2.0-or-later
// A discard waits for the worker while a commit fails.
#include <gmock/gmock.h>

#include "tests/rig/scenario.h"

namespace {

TEST(DeferredDiscard, IsNotPassedOnIfItsRegionsCannotBeMarkedAnyMore) {
  test::Machine machine;
  test::run_scenario(machine, R"(
disk loop0 4M
disk loop1 1M flush_latency=3s
disk loop2 1M
dmsetup create m --table "0 8192 linear /dev/loop0 0"
dmsetup create c --table "0 2048 clone /dev/mapper/m /dev/loop1 /dev/loop2 8 1 no_hydration"
write c 0 8 A
dmsetup load m --table "0 8192 flakey /dev/loop0 0 0 3600 1 error_writes"
dmsetup suspend --noflush m
dmsetup resume m
flush c &
discard c 64 64 &
wait
)");
  EXPECT_THAT(test::run_scenario(machine, "dmsetup status --noflush c\n"),
              testing::ElementsAre(testing::EndsWith(" ro")));
  EXPECT_THAT(test::run_scenario(machine, "iostat loop1\n"),
              testing::ElementsAre("read=0 written=8 discarded=0 flushes=1"));
}

}  // namespace
