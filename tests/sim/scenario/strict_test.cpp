// SPDX-License-Identifier: GPL-2.0-or-later
// Scenarios in which a command that fails is unexpected.
#include <gtest/gtest.h>

#include "sim/scenario/replay.h"

namespace sim::scenario {
namespace {

ReplayResult strict(const std::string& text) {
  ReplayOptions options;
  options.name = "f.dms";
  options.strict = true;
  return replay("disk a 1M\n" + text, options);
}

// The place of the first command that was not expected to fail; 0 if there is none.
int unexpected_line(const std::string& text) {
  const ReplayResult result = strict(text);
  EXPECT_EQ(result.outcome == ReplayOutcome::mismatch, !result.complaint.empty());
  return result.outcome == ReplayOutcome::ok ? 0 : result.where.line;
}

TEST(Strict, SaysWhichCommandFailedFirst) {
  const ReplayResult result = strict("read a 0 8\nread a 2048 8\nread a 4096 8\n");
  EXPECT_EQ(result.outcome, ReplayOutcome::mismatch);
  EXPECT_EQ(result.where.line, 3);
  EXPECT_EQ(result.reason, "the command failed: short read at sector 2048");
  EXPECT_EQ(result.complaint, "f.dms:3: the command failed: short read at sector 2048\n");
}

TEST(Strict, EachWayToFailCounts) {
  EXPECT_EQ(unexpected_line("dmsetup table nosuch\n"), 2);
  EXPECT_EQ(unexpected_line("write a 2047 2 A\n"), 2);
  EXPECT_EQ(unexpected_line("sha256 a 2047 2\n"), 2);
  EXPECT_EQ(unexpected_line("load a /nosuch\n"), 2);
  EXPECT_EQ(unexpected_line("sysfs a nosuch\n"), 2);
  EXPECT_EQ(unexpected_line("dmsetup create z --table '0 8 zero'\nuntil z nosuch 1\n"), 3);
}

TEST(Strict, WhatSucceedsIsNoFailureWhateverItPrints) {
  EXPECT_EQ(unexpected_line("read a 0 8\nflush a\ndmsetup create z --table '0 8 error'\ndmsetup table z\n"),
            0);
}

TEST(Strict, AnExpectMustBeMetAndFollowAtOnce) {
  EXPECT_EQ(unexpected_line("read a 2048 8\nexpect short\n"), 0);
  EXPECT_EQ(unexpected_line("read a 2048 8\n\n# as it should\nexpect short\n"), 0);
  EXPECT_EQ(unexpected_line("read a 2048 8\nsleep 1\nexpect short\n"), 2);
}

TEST(Strict, AFailureAtTheEndCounts) {
  EXPECT_EQ(unexpected_line("sleep 1\nread a 2048 8"), 3);
}

TEST(Strict, AnExpectOfTheCommandBeforeDoesNotCoverTheNext) {
  EXPECT_EQ(unexpected_line("read a 2048 8\nexpect short\nread a 2048 8\n"), 4);
}

TEST(Strict, ACommandInTheBackgroundFailsWhereItIsWaitedFor) {
  EXPECT_EQ(unexpected_line("read a 2048 8 &\nwait\n"), 3);
  EXPECT_EQ(unexpected_line("read a 2048 8 &\nwait\nexpect short\n"), 0);
}

TEST(Strict, ACommandInTheBackgroundFailsAtTheEnd) {
  EXPECT_EQ(unexpected_line("sleep 2 &\nread a 2048 8 &\nsleep 1 &\n"), 3);
}

TEST(Strict, AnExpectThatIsNotMetIsInTheTranscriptAndNotInTheComplaint) {
  const ReplayResult result = strict("read a 0 8\nexpect A\n");
  EXPECT_EQ(result.outcome, ReplayOutcome::mismatch);
  EXPECT_EQ(result.complaint, "");
}

TEST(Strict, IsNotTheDefault) {
  EXPECT_EQ(replay("disk a 1M\nread a 2048 8\n").outcome, ReplayOutcome::ok);
}

}  // namespace
}  // namespace sim::scenario
