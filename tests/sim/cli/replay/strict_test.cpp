// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim replay --strict, and transcripts against recorded ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/cli/replay/replay_program.h"

namespace {

using test::Ended;
using test::ReplayProgram;
using testing::HasSubstr;

struct ReplayStrict : ReplayProgram {};
struct ReplayRecording : ReplayProgram {};

TEST_F(ReplayStrict, ACommandThatFailsFailsTheRun) {
  dmsim_.file("short.dms", "disk d 1M\nread d 2048 8\nsleep 1\n");
  EXPECT_EQ(replay({"short.dms"}).status, 0);
  const Ended ended = replay({"--strict", "short.dms"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, replay({"short.dms"}).out);
  EXPECT_EQ(ended.err, "short.dms:2: the command failed: short read at sector 2048\n");
}

TEST_F(ReplayStrict, AnExpectThatIsMetMakesItRight) {
  dmsim_.file("short.dms", "disk d 1M\nread d 2048 8\nexpect '^short read'\nexpect 2048\n");
  EXPECT_EQ(replay({"--strict", "short.dms"}).status, 0);
}

TEST_F(ReplayStrict, TheSummaryNamesTheCommand) {
  dmsim_.file("short.dms", "disk d 1M\nread d 2048 8\n");
  const Ended ended = replay({"--strict", "-q", "short.dms", "passed.dms"});
  EXPECT_EQ(ended.out,
            "short.dms:2: the command failed: short read at sector 2048\n1 passed, 1 failed (short.dms:2)\n");
}

TEST_F(ReplayRecording, ATranscriptThatIsEqualPasses) {
  dmsim_.file("passed.expected", passed_transcript);
  EXPECT_EQ(replay({"-q", "passed.dms"}).out, "1 passed\n");
}

TEST_F(ReplayRecording, ATranscriptThatDiffersFailsWithThePlaceInBoth) {
  dmsim_.file("passed.expected", "> disk d 1M\n> read d 0 8\n0-7 A\n");
  const Ended ended = replay({"-q", "passed.dms"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out,
            "passed.dms:2: the transcript differs from passed.expected:3\n"
            "  recorded: 0-7 A\n"
            "  printed:  0-7 zero\n"
            "0 passed, 1 failed (passed.dms:2)\n");
}

TEST_F(ReplayRecording, ATranscriptThatEndsEarlyFails) {
  dmsim_.file("passed.expected", passed_transcript + "log: more\n");
  EXPECT_THAT(replay({"-q", "passed.dms"}).out,
              HasSubstr("  recorded: log: more\n  printed:  (nothing more)\n"));
}

// Otherwise `dmsim replay X.dms >X.expected` would compare with the file that it is about to write.
TEST_F(ReplayRecording, IsNotComparedWhenOnlyTheTranscriptIsWanted) {
  dmsim_.file("passed.expected", "");
  const Ended ended = replay({"passed.dms"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.err, "");
}

TEST_F(ReplayRecording, IsNotComparedUnderARandomSchedule) {
  dmsim_.file("passed.expected", "");
  EXPECT_EQ(replay({"-q", "--seed", "1", "passed.dms"}).status, 0);
  EXPECT_EQ(replay({"-q", "--seeds", "1-2", "passed.dms"}).status, 0);
}

TEST_F(ReplayRecording, IsNotComparedWhenNothingRuns) {
  dmsim_.file("passed.expected", "");
  EXPECT_EQ(replay({"--check", "passed.dms"}).status, 0);
}

}  // namespace
