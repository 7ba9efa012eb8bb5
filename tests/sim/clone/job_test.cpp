// SPDX-License-Identifier: GPL-2.0-or-later
// One clone on its machine: that it is complete, that it ends when it gets no further, what its workload
// prints.
#include "tests/sim/clone/job_fixture.h"

namespace {

using dmcore::Errno;
using sim::clone::Interrupted;
using sim::clone::Refused;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using CloneJob = test::CloneJobTest;
using CloneWorkload = test::CloneJobTest;

TEST_F(CloneJob, CopiesTheSource) {
  const auto summary = run();
  EXPECT_EQ(bytes_of(*destination_), bytes_of(*source_));
  EXPECT_EQ(summary.source.read_sectors, size / 512);
  EXPECT_EQ(summary.hydrated_before, 0U);
  EXPECT_THAT(summary.status, HasSubstr(" 256/256 "));
  EXPECT_THAT(summary.table, StartsWith("0 2048 linear "));
}

TEST_F(CloneJob, ReportsHowFarItIs) {
  run();
  ASSERT_GT(listener_.reports.size(), 20U);
  EXPECT_EQ(listener_.reports.back().hydrated, regions);
  EXPECT_EQ(listener_.reports.back().regions, regions);
}

TEST_F(CloneJob, OnDisksWithoutLatencyCopiesTheSource) {
  settings_.source = settings_.destination = {};
  run();
  EXPECT_EQ(bytes_of(*destination_), bytes_of(*source_));
}

TEST_F(CloneJob, EndsWhenTheHostHasNoSpaceForTheDestination) {
  destination_->on_write = Errno::nospc;
  destination_->room_bytes = size / 2;
  EXPECT_THAT(failure(),
              AllOf(StartsWith("copy.img: No space left on device ("), HasSubstr("of 256 regions")));
}

TEST_F(CloneJob, OnDisksWithoutLatencyEndsWhenTheHostHasNoSpace) {
  settings_.source = settings_.destination = {};
  destination_->on_write = Errno::nospc;
  EXPECT_THAT(failure(), StartsWith("copy.img: No space left on device"));
}

TEST_F(CloneJob, EndsWhenTheHostCannotReadTheSource) {
  source_->on_read = Errno::io;
  EXPECT_THAT(failure(), StartsWith("source.img: Input/output error"));
}

TEST_F(CloneJob, EndsWhenTheHostCannotSyncTheDestination) {
  destination_->on_sync = Errno::nospc;
  EXPECT_THAT(failure(), StartsWith("copy.img: No space left on device"));
}

TEST_F(CloneJob, EndsWhenTheHostHasNoSpaceForTheMetadata) {
  metadata_->on_write = Errno::nospc;
  EXPECT_THAT(failure(), HasSubstr("metadata.img: No space left on device"));
}

TEST_F(CloneJob, WithAThresholdOfZeroEnds) {
  settings_.threshold = 0;
  EXPECT_THAT(failure(),
              AllOf(HasSubstr("a hydration threshold of 0 (--threshold)"), HasSubstr("(0 of 256 regions")));
}

TEST_F(CloneJob, OfTheFirstDialectWithAThresholdOfZeroEnds) {
  settings_.dialect = &dmclone::rfc1_dialect;
  settings_.threshold = 0;
  EXPECT_THAT(failure(), HasSubstr("a hydration threshold of 0"));
}

TEST_F(CloneJob, WithAThresholdThatTheWorkloadRaisesIsComplete) {
  settings_.threshold = 0;
  run("sleep 1\ndmsetup message clone 0 hydration_threshold 8\n");
  EXPECT_EQ(bytes_of(*destination_), bytes_of(*source_));
}

TEST_F(CloneJob, EndsWhenTheWorkloadHasDisabledHydration) {
  EXPECT_THAT(failure("dmsetup message clone 0 disable_hydration\n"), HasSubstr("has disabled hydration"));
}

TEST_F(CloneJob, EndsWhenTheWorkloadHasLeftItSuspended) {
  EXPECT_THAT(failure("dmsetup suspend clone\n"), HasSubstr("has left `clone` suspended"));
}

TEST_F(CloneJob, EndsWhenTheWorkloadHasRemovedIt) {
  EXPECT_THAT(failure("dmsetup remove clone\n"), HasSubstr("has removed or replaced `clone`"));
}

TEST_F(CloneJob, EndsWhenNoRegionIsEverHydrated) {
  // The clone continues with a source that fails.
  EXPECT_THAT(
      failure("dmsetup create bad --table '0 2048 error'\n"
              "dmsetup suspend clone\n"
              "dmsetup load clone --table '0 2048 clone /dev/metadata /dev/destination /dev/mapper/bad 8'\n"
              "dmsetup resume clone\n"),
      HasSubstr("no region was hydrated in"));
}

TEST_F(CloneJob, IsInterruptedWhenTheListenerWantsIt) {
  listener_.interrupt = [this] {
    return !listener_.reports.empty() && listener_.reports.back().hydrated > 50;
  };
  EXPECT_THROW(run(), Interrupted);
}

TEST_F(CloneJob, CommitsWhatWasCopiedWhenItIsInterrupted) {
  listener_.interrupt = [this] {
    return !listener_.reports.empty() && listener_.reports.back().hydrated > 50;
  };
  EXPECT_THROW(run(), Interrupted);
  listener_.interrupt = {};
  const auto summary = run();
  EXPECT_GT(summary.hydrated_before, 50U);
  EXPECT_EQ(summary.source.read_sectors, (regions - summary.hydrated_before) * 8);
  EXPECT_EQ(bytes_of(*destination_), bytes_of(*source_));
}

TEST_F(CloneJob, IsInterruptedInTheMiddleOfALongCommand) {
  listener_.interrupt = [this] { return listener_.reports.size() > 5; };
  EXPECT_THROW(run("dmsetup message clone 0 disable_hydration\nsleep 100000000\n"), Interrupted);
  EXPECT_LT(listener_.reports.size(), 10U);
}

TEST_F(CloneWorkload, PrintsWhatItsCommandsPrint) {
  run("write clone 3 2 A\nread clone 2 4\n");
  EXPECT_THAT(listener_.printed, ElementsAre(StartsWith("2: 2-2 "), "2: 3-4 A", StartsWith("2: 5-5 ")));
}

TEST_F(CloneWorkload, TheFirstExpectationThatIsNotMetIsRemembered) {
  const auto summary = run("write clone 0 8 A\nread clone 0 8\nexpect '0-7 A'\nexpect B\nexpect C\n");
  ASSERT_TRUE(summary.unexpected);
  EXPECT_EQ(summary.unexpected->where.line, 4);
  EXPECT_THAT(listener_.printed,
              ElementsAre("2: 0-7 A", StartsWith("4: not as expected"), StartsWith("5: not as expected")));
}

TEST_F(CloneWorkload, WithExpectationsThatAreMetHasNone) {
  EXPECT_FALSE(run("write clone 0 8 A\nread clone 0 8\nexpect '0-7 A'\n").unexpected);
}

TEST_F(CloneWorkload, IsCounted) {
  const auto summary = run("write clone 0 8 A\nread clone 0 8\nread clone 8 8\n");
  EXPECT_EQ(summary.writes, 1U);
  EXPECT_EQ(summary.reads, 2U);
}

TEST_F(CloneWorkload, ItsMistakesAreTold) {
  try {
    run("write clone 0 8 A\nrepaly x\n");
    FAIL();
  } catch (const Refused& refused) {
    EXPECT_THAT(refused.what(), HasSubstr("work.dms:2:1: "));
    // Nothing is said of the other line: there is a device `clone`.
    EXPECT_THAT(refused.what(), Not(HasSubstr("work.dms:1:")));
  }
}

TEST_F(CloneWorkload, ItsDevicesAreKnownWhenMistakesAreTold) {
  try {
    run("read clon 0 8\niostat sorce\nrepaly x\n");
    FAIL();
  } catch (const Refused& refused) {
    EXPECT_THAT(refused.what(), HasSubstr("did you mean 'clone'?"));
    EXPECT_THAT(refused.what(), HasSubstr("did you mean 'source'?"));
  }
}

}  // namespace
