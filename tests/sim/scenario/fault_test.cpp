// SPDX-License-Identifier: GPL-2.0-or-later
// Disks with faults in scenarios: what a clone on them may show, and what not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/scenario/replay.h"

#include "tests/sim/scenario/output.h"

namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

sim::scenario::ReplayResult run(const std::string& scenario) {
  return sim::scenario::replay(scenario);
}

using test::output_of;

const std::string disks = "disk m 4M\ndisk d 1M\ndisk s 1M\nwrite s 0 2048 S\nflush s\n";
const std::string create = "dmsetup create c --table '0 2048 clone /dev/m /dev/d /dev/s 8 1 no_hydration'\n";

TEST(Faults, ComeWithTheDiskOrLaterAndGo) {
  EXPECT_EQ(output_of("disk d 1M fault=read-error:0 fault=write-error:8\nread d 0 1\nwrite d 8 1 A\n"
                      "fault d read-error:16\nread d 0 1\nread d 16 1\nfault d none\nread d 16 1"),
            "error EIO\nerror EIO\n0-0 zero\nerror EIO\n16-16 zero\n");
}

TEST(Faults, OfADiskThatIsNotThereAreAnError) {
  EXPECT_EQ(output_of("tables nothing\nfault d lies"), "error ENOENT\nerror ENOENT\n");
}

TEST(Faults, StayWhenThePowerIsCut) {
  EXPECT_EQ(output_of("disk d 1M fault=read-error:0:x2\nread d 0 1\ncrash\nread d 0 1\nread d 0 1"),
            "error EIO\nerror EIO\n0-0 zero\n");
}

TEST(Faults, ABitRotsBeforeThePowerIsCutAndNotAgain) {
  const std::string rot = "disk d 1M fault=bit-rot:0.0@1s\nwrite d 0 1 A\nflush d\nsleep 2\n";
  EXPECT_EQ(output_of(rot + "crash\nsleep 2\nread d 0 1"), output_of(rot + "sleep 2\nread d 0 1"));
}

TEST(Faults, WhatALyingFlushCoveredIsLostWithThePower) {
  EXPECT_EQ(output_of("disk d 1M fault=lies\nwrite d 0 1 A fua\nflush d\ncrash\nread d 0 1"),
            "d: 1 of 1 blocks that were not durable lost what was written last\n0-0 zero\n");
}

// The write of one sector has to copy its region first.
TEST(Faults, AReadErrorOfTheSourceIsAnErrorOfItsRegionAlone) {
  EXPECT_EQ(output_of(disks + "fault s read-error:17\n" + create +
                      "read c 16 8\nread c 8 8\nwrite c 16 1 A\nwrite c 24 1 B\nfault s none\nread c 16 16"),
            "error EIO\n8-15 S\nerror EIO\nlog: device-mapper: clone: 253:0: hydration failed\n"
            "16-23 S\n24-24 B\n25-31 S\n");
}

TEST(Faults, ARegionWhoseSourceFailedOnceIsHydratedLater) {
  EXPECT_EQ(output_of(disks + "fault s read-error:17:x1\n" + create +
                      "dmsetup message c 0 enable_hydration\nuntil c ' 256/256 '\nread c 16 8"),
            "log: device-mapper: clone: 253:0: hydration failed\n16-23 S\n");
}

TEST(Faults, AWriteErrorOfTheDestinationLeavesTheRegionToTheSource) {
  EXPECT_EQ(output_of(disks + "fault d write-error:16+8:x1\n" + create + "write c 16 8 A\nread c 16 8\n" +
                      "write c 16 8 A\nread c 16 8"),
            "error EIO\n16-23 S\n16-23 A\n");
}

// What was committed before is there; what was not, is not.
TEST(Faults, AFlushErrorOfTheDestinationTakesTheCloneBackToItsLastCommit) {
  const std::string output = output_of(disks + create + "write c 8 8 A\nflush c\nfault d flush-error:x1\n" +
                                       "write c 16 8 B\nflush c\nread c 8 16\ndmsetup status c");
  EXPECT_THAT(output,
              AllOf(StartsWith("error EIO\n"), HasSubstr("`flush destination device' failed: error = -5"),
                    HasSubstr("8-15 A\n16-23 S\n"), EndsWith(" ro\n")));
}

TEST(Faults, MetadataWhoseWritesAreLostAreAsTheyWere) {
  EXPECT_EQ(output_of(disks + create + "fault m torn:0+8192@0\nwrite c 16 8 A\nflush c\nread c 16 8\n" +
                      "dmsetup remove c\nfault m none\n" + create + "read c 16 8"),
            "16-23 A\n16-23 S\n");
}

TEST(Faults, RottenMetadataAreRefused) {
  EXPECT_THAT(output_of(disks + create + "dmsetup remove c\nfault m bit-rot:100.3\n" + create),
              AllOf(StartsWith("exit 1\n"), HasSubstr("Superblock check failed: checksum")));
}

// The clone has committed what the destination then loses: no system above can know.
TEST(Faults, AWriteThatTheDestinationOnlySaidToHaveIsLostWithThePower) {
  EXPECT_THAT(output_of(disks + "fault d lies\n" + create + "write c 16 8 A\nflush c\ncrash\n" + create +
                        "read c 8 16"),
              EndsWith("8-15 S\n16-23 zero\n"));
}

TEST(Faults, AWriteErrorOfTheMetadataMakesTheCloneReadOnly) {
  const std::string output = output_of(
      disks + create + "fault m write-error\nwrite c 16 8 A\nflush c\nread c 24 8\n" + "dmsetup status c");
  EXPECT_THAT(output, AllOf(HasSubstr("log: "), HasSubstr("24-31 S\n"), EndsWith(" ro\n")));
}

TEST(Faults, ASilentSourceHoldsUpItsReadersOnly) {
  EXPECT_EQ(output_of(disks + create + "write c 0 8 A\nfault s silent\nread c 8 8 &\nread c 0 8\nsleep 60\n" +
                      "fault s none\nwait"),
            "0-7 A\n8-15 S\n");
}

TEST(Faults, AMachineThatWaitsForASilentDiskSaysSo) {
  const auto result = run("disk d 1M fault=silent\nread d 0 1\n");
  EXPECT_EQ(result.outcome, sim::scenario::ReplayOutcome::stopped);
  EXPECT_EQ(result.reason,
            "the machine stopped: deadlock: no task can run, and some wait; the disk d is silent, "
            "with a request in flight");
}

TEST(Faults, ACommandThatASilentDiskHoldsAtTheEndIsSaidToBeSo) {
  const auto result = run("disk d 1M fault=silent\nread d 0 1 &\nread d 1 1 &\n");
  EXPECT_EQ(result.outcome, sim::scenario::ReplayOutcome::ok);
  EXPECT_THAT(result.complaint,
              HasSubstr("what it prints is lost; the disk d is silent, with 2 requests in flight\n"));
}

TEST(Faults, ACommandThatOnlyTakesLongIsNotPutDownToADisk) {
  EXPECT_THAT(run("disk d 1M read_latency=1000s\nread d 0 1 &\n").complaint, Not(HasSubstr("silent")));
}

TEST(Faults, ACutOfThePowerEndsAWaitForASilentDisk) {
  EXPECT_EQ(output_of("disk d 1M\nfault d silent\nwrite d 0 1 A &\ncrash\nfault d none\nread d 0 1"),
            "0-0 zero\n");
}

}  // namespace
