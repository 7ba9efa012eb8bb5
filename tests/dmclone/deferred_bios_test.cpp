// SPDX-License-Identifier: GPL-2.0-or-later
// Bios that wait for a commit, or for the hydration of their region.
#include <algorithm>
#include <gmock/gmock.h>
#include <string>
#include <vector>

#include "tests/rig/clone.h"
#include "tests/rig/preemption.h"
#include "tests/rig/scenario.h"

namespace {

using testing::ElementsAre;
using testing::EndsWith;

// The metadata are changed, and the commit of a flush takes three seconds.
constexpr std::string_view slow_commit = R"(
disk loop0 4M
disk loop1 1M flush_latency=3s
disk loop2 1M
dmsetup create m --table "0 8192 linear /dev/loop0 0"
dmsetup create c --table "0 2048 clone /dev/mapper/m /dev/loop1 /dev/loop2 8 1 no_hydration"
write c 0 8 A
)";

TEST(DeferredDiscard, IsNotPassedOnIfItsRegionsCannotBeMarkedAnyMore) {
  test::Machine machine;
  test::run_scenario(machine, slow_commit);
  test::run_scenario(machine, R"(
dmsetup load m --table "0 8192 flakey /dev/loop0 0 0 3600 1 error_writes"
dmsetup suspend --noflush m
dmsetup resume m
flush c &
discard c 64 64 &
wait
)");
  EXPECT_THAT(test::run_scenario(machine, "dmsetup status --noflush c\n"), ElementsAre(EndsWith(" ro")));
  EXPECT_THAT(test::run_scenario(machine, "iostat loop1\n"),
              ElementsAre("read=0 written=8 discarded=0 flushes=1"));
}

// A client that reads when it has ended, wherever the worker is then, reads what the destination has.
TEST(DeferredDiscard, EndsAfterItsRegionsAreMarked) {
  const auto run = [](test::Preemption& preemption) {
    test::Machine machine(preemption.strategy());
    test::Clone clone(
        machine, {.sectors = 16, .region_sectors = 8, .features = {"no_hydration", "no_discard_passdown"}});
    machine.run([&] {
      clone.create();
      preemption.arm();
      clone.discard(0, 8);
      EXPECT_EQ(clone.read(0, 8), "........");
    });
  };
  EXPECT_GT(test::at_every_step(run), 10U);
}

TEST(DeferredWrites, AreSubmittedInTheirOrderAfterACommit) {
  test::Machine machine;
  test::run_scenario(machine, slow_commit);
  test::run_scenario(machine, "flush c &\nwrite c 1 1 B fua &\nwrite c 1 1 C fua &\nwait\n");
  EXPECT_THAT(test::run_scenario(machine, "read c 1 1\n"), ElementsAre("1-1 C"));
}

TEST(DeferredWrites, AreSubmittedInTheirOrderAfterAHydration) {
  test::Machine machine;
  // A disk may take writes that are submitted under a plug in another order; a delay keeps theirs.
  test::run_scenario(machine, R"(
disk loop0 4M
disk loop1 1M
disk loop2 1M read_latency=1s
dmsetup create d --table "0 2048 delay /dev/loop1 0 1"
dmsetup create c --table "0 2048 clone /dev/loop0 /dev/mapper/d /dev/loop2 8 1 no_hydration"
write c 1 1 A &
write c 1 1 B &
write c 1 1 C &
wait
)");
  EXPECT_THAT(test::run_scenario(machine, "read c 1 1\n"), ElementsAre("1-1 C"));
}

TEST(DeferredWrites, AllGetTheErrorOfTheCopyThatTheyWaitFor) {
  test::Machine machine;
  test::run_scenario(machine, R"(
disk loop0 4M
disk loop1 1M
dmsetup create e --table "0 2048 error"
dmsetup create s --table "0 2048 delay /dev/mapper/e 0 1000"
dmsetup create c --table "0 2048 clone /dev/loop0 /dev/loop1 /dev/mapper/s 8 1 no_hydration"
)");
  const std::vector<std::string> answers =
      test::run_scenario(machine, "write c 1 1 A &\nwrite c 2 1 B &\nwrite c 3 1 C &\nwait\n");
  EXPECT_EQ(std::count_if(answers.begin(), answers.end(),
                          [](const std::string& line) { return line.find("EIO") != std::string::npos; }),
            3)
      << testing::PrintToString(answers);
  EXPECT_THAT(test::run_scenario(machine, "iostat loop1\n"),
              ElementsAre("read=0 written=0 discarded=0 flushes=0"));
}

// The worker is woken each second since the resume. It is not by a copy that ends in between.
TEST(DisabledHydration, IsNotContinuedByTheCopyThatEndsLast) {
  test::Machine machine;
  const std::string nothing = "read=0 written=0 discarded=0 flushes=0";
  EXPECT_THAT(test::run_scenario(machine, R"(
disk loop0 4M
disk loop1 1M
disk loop2 1M read_latency=1.4s
dmsetup create c --table "0 2048 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration"
iostat loop0
dmsetup message c 0 enable_hydration
dmsetup message c 0 disable_hydration
sleep 1.7
iostat loop0
sleep 0.5
iostat loop0
)"),
              ElementsAre(testing::_, nothing, testing::Not(nothing)));
}

// Nor is it while there is other I/O: here a read, from 0.2 s to 1.6 s.
TEST(Hydration, IsNotContinuedByACopyThatEndsBesideOtherIo) {
  test::Machine machine;
  const std::string nothing = "read=0 written=0 discarded=0 flushes=0";
  EXPECT_THAT(test::run_scenario(machine, R"(
disk loop0 4M
disk loop1 1M
disk loop2 1M read_latency=1.4s
dmsetup create c --table "0 2048 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration"
iostat loop0
dmsetup message c 0 enable_hydration
sleep 0.2
read c 800 8 &
sleep 1.3
iostat loop0
sleep 0.7
iostat loop0
wait
)"),
              ElementsAre(testing::_, nothing, testing::Not(nothing), testing::_));
}

// A second after the resume, and not a second after the timer fired last.
TEST(CommitTimer, StartsAnewAtAResume) {
  test::Machine machine;
  EXPECT_THAT(test::run_scenario(machine, R"(
disk loop0 4M
disk loop1 1M
disk loop2 1M
dmsetup create c --table "0 2048 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration"
sleep 0.5
dmsetup suspend c
dmsetup resume c
write c 0 8 A
iostat loop0
sleep 0.8
iostat loop0
sleep 0.4
iostat loop0
)"),
              ElementsAre(testing::_, "read=0 written=0 discarded=0 flushes=0",
                          "read=0 written=40 discarded=0 flushes=2"));
}

}  // namespace
