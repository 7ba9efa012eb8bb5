// SPDX-License-Identifier: GPL-2.0-or-later
// `crash`: what is left on the disks, and what is gone with the machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/scenario/output.h"

namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

// As the seed of a random schedule has it; 0: first in, first out.
std::string crash_output(const std::string& scenario, std::uint64_t random_schedule = 0) {
  sim::scenario::ReplayOptions options;
  if (random_schedule != 0) options.schedule = {sim::Schedule::Kind::random, random_schedule};
  return test::output_of(scenario, options);
}

TEST(Crash, LosesWhatWasNotFlushed) {
  EXPECT_EQ(crash_output("disk d 1M\nwrite d 0 4 A\nflush d\nwrite d 2 4 B\ncrash\nread d 0 8"),
            "d: 4 of 4 blocks that were not durable lost what was written last\n0-3 A\n4-7 zero\n");
}

TEST(Crash, KeepsWhatWasWrittenWithFua) {
  EXPECT_EQ(crash_output("disk d 1M\nwrite d 0 4 A fua\ncrash\nread d 0 8"), "0-3 A\n4-7 zero\n");
}

TEST(Crash, MayKeepTheNewest) {
  EXPECT_EQ(crash_output("disk d 1M\nwrite d 0 4 A\ncrash keep=newest\nread d 0 8"), "0-3 A\n4-7 zero\n");
}

TEST(Crash, DrawsWhatIsKeptFromTheSeed) {
  const std::string scenario = "disk d 1M\nwrite d 0 64 A\ncrash seed=5\nread d 0 64";
  const std::string output = crash_output(scenario);
  EXPECT_THAT(output, HasSubstr(" A\n"));
  EXPECT_THAT(output, HasSubstr(" zero\n"));
  EXPECT_EQ(crash_output(scenario), output);
  EXPECT_NE(crash_output("disk d 1M\nwrite d 0 64 A\ncrash seed=6\nread d 0 64"), output);
}

// Block by block: a write elsewhere does not change what a block keeps.
TEST(Crash, WhatABlockKeepsDependsOnItAlone) {
  const std::string one = crash_output("disk d 1M\nwrite d 0 64 A\ncrash seed=5\nread d 0 64");
  const std::string two =
      crash_output("disk d 1M\nwrite d 512 64 B\nwrite d 0 64 A\ncrash seed=5\nread d 0 64");
  EXPECT_EQ(one.substr(one.find('\n')), two.substr(two.find('\n')));
}

TEST(Crash, OfNamedDisksLosesTheirCachesOnly) {
  EXPECT_EQ(
      crash_output("disk a 1M\ndisk b 1M\nwrite a 0 1 A\nwrite b 0 1 B\ncrash a\nread a 0 1\nread b 0 1"),
      "a: 1 of 1 blocks that were not durable lost what was written last\n0-0 zero\n0-0 B\n");
}

TEST(Crash, ADiskWithoutAVolatileCacheLosesNothingThatHasEnded) {
  EXPECT_EQ(crash_output("disk d 1M cache=writethrough\nwrite d 0 4 A\ncrash\nread d 0 4"), "0-3 A\n");
}

TEST(Crash, AWriteInFlightIsLostOrNot) {
  const std::string scenario = "disk d 1M cache=writethrough write_latency=1s\nwrite d 0 4 A &\n";
  EXPECT_THAT(crash_output(scenario + "crash\nread d 0 4"), EndsWith("0-3 zero\n"));
}

TEST(Crash, RemovesMappedDevicesAndWhatRunsInTheBackground) {
  EXPECT_EQ(crash_output("disk d 1M write_latency=1s\ndmsetup create l --table '0 2048 linear /dev/d 0'\n"
                         "write l 0 1 A &\ncrash\ndmsetup ls\nwait\nwrite d 0 1 B\nread d 0 1"),
            "No devices found\n0-0 B\n");
}

TEST(Crash, KeepsTheOptionsOfDisks) {
  EXPECT_EQ(crash_output("disk d 1M logical_block_size=4096 number=8:16 discard=8K\ncrash\n"
                         "sysfs d logical_block_size\nsysfs d discard_max_bytes\n"
                         "dmsetup create l --table '0 2048 linear 8:16 0'\ndmsetup table l"),
            "4096\n8192\n0 2048 linear 8:16 0\n");
}

TEST(Crash, MayComeAgain) {
  EXPECT_EQ(crash_output("disk d 1M\nwrite d 0 1 A\nflush d\nwrite d 0 1 B\ncrash\nwrite d 1 1 C\nflush d\n"
                         "write d 0 1 D\ncrash\nread d 0 2"),
            "d: 1 of 1 blocks that were not durable lost what was written last\n"
            "d: 1 of 1 blocks that were not durable lost what was written last\n0-0 A\n1-1 C\n");
}

TEST(Crash, LeavesBytesThatWerePoked) {
  const std::string scenario = "disk d 1M\nwrite d 0 1 A\npoke d 0 42\n";
  EXPECT_EQ(crash_output(scenario + "crash\nread d 0 1"), crash_output(scenario + "read d 0 1"));
}

// The whole of it: what the clone had committed is hydrated, and a write after that may be lost, in which
// case the region is the source's.
TEST(Crash, ACloneGoesOnFromItsLastCommit) {
  const std::string scenario =
      "disk m 4M\ndisk d 1M\ndisk s 1M\nwrite s 0 2048 S\nflush s\n"
      "dmsetup create c --table '0 2048 clone /dev/m /dev/d /dev/s 8 1 no_hydration'\n"
      "write c 0 8 A\nflush c\nwrite c 8 8 B\n"
      "crash\n"
      "dmsetup create c --table '0 2048 clone /dev/m /dev/d /dev/s 8 1 no_hydration'\n"
      "dmsetup status c\nread c 0 24";
  EXPECT_EQ(
      crash_output(scenario),
      "d: 8 of 8 blocks that were not durable lost what was written last\n"
      "0 2048 clone 8 6/1024 8 1/256 0 1 no_hydration 4 hydration_threshold 1 hydration_batch_size 1 rw\n"
      "0-7 A\n8-23 S\n");
}

TEST(Crash, UnderARandomScheduleToo) {
  EXPECT_EQ(crash_output("disk d 1M\nwrite d 0 4 A\nflush d\ncrash\nread d 0 4", 7), "0-3 A\n");
}

TEST(Crash, ExpectSeesItsOutput) {
  EXPECT_THAT(crash_output("disk d 1M\nwrite d 0 4 A\ncrash\nexpect '^d: 4 of 4'"),
              Not(HasSubstr("expected")));
}

TEST(Crash, MistakesInItsWordsAreFoundBeforeAnythingRuns) {
  EXPECT_THAT(crash_output("disk d 1M\ncrash e"), HasSubstr("e"));
  EXPECT_THAT(crash_output("crash keep=oldest"), HasSubstr("'oldest' is neither durable nor newest"));
  EXPECT_THAT(crash_output("crash seed=x"), HasSubstr("'x' is no seed"));
  EXPECT_THAT(crash_output("crash keep=newest seed=1"), HasSubstr("what is kept has been said already"));
  EXPECT_THAT(crash_output("crash sed=1"), HasSubstr("there is no option 'sed'; there are keep= and seed="));
  EXPECT_THAT(crash_output("disk d 1M\ncrash &"), HasSubstr("background"));
  EXPECT_THAT(crash_output("disk d 1M cache=on"), HasSubstr("'on' is neither writeback nor writethrough"));
}

}  // namespace
