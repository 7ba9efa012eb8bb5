// SPDX-License-Identifier: GPL-2.0-or-later
// Bios that wait for a commit, or for the hydration of their region.
#include <algorithm>
#include <gmock/gmock.h>
#include <string>
#include <vector>

#include "tests/rig/bio.h"
#include "tests/rig/clone.h"
#include "tests/rig/failure.h"
#include "tests/rig/guide.h"
#include "tests/rig/preemption.h"
#include "tests/rig/scenario.h"

namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::StartsWith;

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

// The worker is about to mark its regions: the metadata could still be changed when that was asked. Then the
// commit for `dmsetup status` fails, and the clone becomes read-only.
void mark_while_a_commit_fails(const dmcore::Fixes& fixes) {
  test::GuidedMachine machine;
  machine.kernel().put_in(fixes);
  test::Clone clone(machine, {.sectors = 64, .region_sectors = 8});
  machine.run([&] {
    clone.create();
    clone.write(0, "AAAAAAAA");
    clone.metadata().faults().add(0, 8192, sim::FaultMap::Fails::writes);
    machine.guide()
        .run_until("clone worker", test::before(dmcore::Point::spin_lock, "clone bitmap"))
        .run_until("process 1", test::before(dmcore::Point::mutex_unlock, "clone commit"));
    machine.in_parallel(2, [&](unsigned number) {
      if (number == 0) {
        clone.discard(8, 16);
      } else {
        machine.runtime().sleep_for(std::chrono::milliseconds(100));
        EXPECT_TRUE(machine.host().dm().status("c").ok());
      }
    });
    EXPECT_EQ(clone.status().mode, sim::host::CloneStatus::Mode::read_only);
    EXPECT_EQ(clone.status().hydrated_regions, 0U);
  });
  EXPECT_TRUE(machine.guide().done());
  EXPECT_EQ(test::checked(machine.host().take_io_counters("loop1"), "counters").discarded_sectors, 0U);
}

TEST(DeferredDiscard, IsNotPassedOnIfACommitFailsBeforeItsRegionsAreMarked) {
  mark_while_a_commit_fails({});
}
TEST(DeferredDiscard, IsNotPassedOnIfACommitFailsBeforeTheRepairMarksItsRegions) {
  dmcore::Fixes fixes;
  fixes.put_in(dmcore::Fix::discard_under_copy);
  mark_while_a_commit_fails(fixes);
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

// As a file system submits them, which does not wait for one before the next. The worker takes the first two
// when both wait; the third comes when it is about to mark the regions of those.
TEST(DeferredDiscards, ReachTheDestinationInTheirOrder) {
  test::GuidedMachine machine;
  machine.add_disk(8192);
  test::ProbeDisk& destination = machine.add_probe_disk(2048);
  machine.add_disk(2048);
  machine.run([&] {
    test::checked(
        machine.host().dm().create("c", {test::clone_target({}, "/dev/loop0", "/dev/loop1", "/dev/loop2")}),
        "create");
    dmcore::BlockDevice& device = machine.device("/dev/mapper/c");
    machine.guide()
        .run_until("process 0", test::before(dmcore::Point::queue_work))
        .run("process 1")
        .run("process 0")
        .run_until("clone worker", test::before(dmcore::Point::spin_lock, "clone bitmap"))
        .run("process 2")
        .run("clone worker");
    machine.in_parallel(3, [&](unsigned number) {
      test::TestBio bio(device, dmcore::BioOp::discard, number * 64, 8);
      EXPECT_EQ(bio.submit().wait(), dmcore::BlockStatus::ok);
    });
  });
  EXPECT_TRUE(machine.guide().done());
  EXPECT_THAT(destination.seen, ElementsAre(StartsWith("discard 0+8 "), StartsWith("discard 64+8 "),
                                            StartsWith("discard 128+8 ")));
}

// The commit that the worker makes for another one does not count for a flush that comes meanwhile: what was
// written since may not be durable.
TEST(DeferredFlush, WaitsForAFlushOfItsOwnIfItComesDuringACommit) {
  test::GuidedMachine machine;
  test::Clone clone(machine, {.sectors = 64, .region_sectors = 8});
  machine.run([&] {
    clone.create();
    clone.write(0, "AAAAAAAA");
    test::checked(machine.host().take_io_counters("loop1"), "counters");
    machine.guide()
        .run_until("process 1", test::before(dmcore::Point::spin_lock, "clone deferred bios"))
        .run("process 0")
        .run("clone worker")
        .run("process 1");
    machine.in_parallel(2, [&](unsigned) { clone.flush(); });
    EXPECT_EQ(test::checked(machine.host().take_io_counters("loop1"), "counters").flushes, 2U);
  });
  EXPECT_TRUE(machine.guide().done());
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

// The worker has taken what waited for one copy, and submits it, when what waits for another is handed to it.
TEST(DeferredWrites, AreNotMissedByAWorkerThatHasJustTakenOthers) {
  test::GuidedMachine machine({.time = true, .parallel_work = true});
  test::Clone clone(machine, {.sectors = 64, .region_sectors = 8});
  machine.run([&] {
    clone.create();
    const std::string copied =
        "process 0 > kcopyd > disk I/O > disk completion > kcopyd"
        " > disk I/O > disk completion > kcopyd";
    const std::string lock = "clone deferred bios";
    const auto has_unlocked = [&lock, unlocked = false](const dmcore::Step& step) mutable {
      const bool before = unlocked;
      unlocked = unlocked || (step.point == dmcore::Point::spin_unlock && step.name == lock);
      return before;
    };
    machine.guide()
        .run_until(copied, test::before(dmcore::Point::spin_lock, lock))
        .run_until("clone worker", has_unlocked)
        .run(copied);
    machine.in_parallel(2, [&](unsigned number) {
      machine.runtime().sleep_for(number * std::chrono::milliseconds(100));
      clone.write(9 + number * 8, "A");
    });
    EXPECT_EQ(clone.read(8, 16), "sAsssssssAssssss");
  });
  EXPECT_TRUE(machine.guide().done());
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

// The worker is woken each second since the resume. A copy ends at 1.15 s, while a flush waits for a commit,
// so it does not wake the worker; but when the flush has ended, at 1.6 s, that looks for the next region.
TEST(Hydration, IsContinuedWhenAFlushHasEnded) {
  test::Machine machine;
  const auto hydrating = [](const std::string& regions) {
    return testing::HasSubstr("/256 " + regions + " ");
  };
  EXPECT_THAT(test::run_scenario(machine, R"(
disk loop0 4M
disk loop1 1M flush_latency=500ms
disk loop2 1M read_latency=1.15s
dmsetup create c --table "0 2048 clone /dev/loop0 /dev/loop1 /dev/loop2 8"
sleep 1.1
write c 800 8 A
flush c &
sleep 0.1
dmsetup status --noflush c
sleep 0.5
dmsetup status --noflush c
wait
)"),
              ElementsAre(hydrating("0"), hydrating("1")));
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
