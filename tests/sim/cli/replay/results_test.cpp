// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim replay: which scenarios run, in which order, and what is said of them.
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/cli/replay/replay_program.h"

namespace {

namespace fs = std::filesystem;
using test::Ended;
using test::ReplayProgram;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

struct ReplayResults : ReplayProgram {};

TEST_F(ReplayResults, ASingleFileIsItsTranscriptAndNothingElse) {
  const Ended ended = replay({"failed.dms"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, failed_transcript);
  EXPECT_EQ(ended.err, "");
}

TEST_F(ReplayResults, SeveralFilesAreTheirTranscriptsAndASummaryOnStandardError) {
  const Ended ended = replay({"failed.dms", "passed.dms"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, "== failed.dms\n" + failed_transcript + "== passed.dms\n" + passed_transcript);
  EXPECT_EQ(ended.err, failed_report + "1 passed, 1 failed (failed.dms:3)\n");
}

// How long it takes until there is progress to show depends on the host: each command takes a little longer
// than the one before, so that on every host some are still to come when there is.
TEST_F(ReplayResults, QuietLeavesOutProgress) {
  std::string scenario = three_disks;
  int seconds_asleep = 100;
  for (int i = 0; i < 100; ++i, seconds_asleep += seconds_asleep / 8) {
    scenario += "sleep " + std::to_string(seconds_asleep) + "\n";
  }
  dmsim_.file("slow.dms", scenario);
  for (int seconds = 2; seconds <= 32; seconds *= 2) {
    const std::string timeout = std::to_string(seconds) + "s";
    const Ended shown = replay({"--junit", "r.xml", "--timeout", timeout, "slow.dms"});
    if (shown.err.empty()) continue;
    EXPECT_THAT(shown.err, HasSubstr(" lines  slow.dms\n"));
    EXPECT_EQ(replay({"-q", "--timeout", timeout, "slow.dms"}).err, "");
    return;
  }
  FAIL() << "no progress was shown";
}

TEST_F(ReplayResults, QuietLeavesOutTranscripts) {
  const Ended ended = replay({"-q", "failed.dms", "passed.dms"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, failed_report + "1 passed, 1 failed (failed.dms:3)\n");
  EXPECT_EQ(ended.err, "");
}

TEST_F(ReplayResults, QuietIsASummaryForASingleFileToo) {
  const Ended ended = replay({"--quiet", "passed.dms"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, "1 passed\n");
}

TEST_F(ReplayResults, AFolderMeansAllScenariosBelowItInTheOrderOfTheirPaths) {
  for (const char* folder : {"all/b/c", "all/a"}) fs::create_directories(dmsim_.path_of(folder));
  for (const char* name : {"all/z.dms", "all/b/c/d.dms", "all/b/a.dms", "all/a/x.dms"})
    dmsim_.file(name, "expect " + std::string(name) + "\n");
  dmsim_.file("all/a/notes.txt", "no scenario");
  const Ended ended = replay({"all"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out,
            "all/a/x.dms:1: not as expected: nothing in the output matches all/a/x.dms\n"
            "all/b/a.dms:1: not as expected: nothing in the output matches all/b/a.dms\n"
            "all/b/c/d.dms:1: not as expected: nothing in the output matches all/b/c/d.dms\n"
            "all/z.dms:1: not as expected: nothing in the output matches all/z.dms\n"
            "0 passed, 4 failed (all/a/x.dms:1, all/b/a.dms:1, all/b/c/d.dms:1, all/z.dms:1)\n");
  EXPECT_EQ(ended.err, "");
}

TEST_F(ReplayResults, FilesAndFoldersKeepTheOrderInWhichTheyWereNamed) {
  fs::create_directories(dmsim_.path_of("all"));
  dmsim_.file("all/in.dms", passed);
  const Ended ended = replay({"-v", "passed.dms", "all", "failed.dms"});
  EXPECT_EQ(ended.out, "== passed.dms\n" + passed_transcript + "== all/in.dms\n" + passed_transcript +
                           "== failed.dms\n" + failed_transcript);
}

TEST_F(ReplayResults, AFolderWithoutScenariosIsAMistake) {
  fs::create_directories(dmsim_.path_of("empty/inside"));
  const Ended ended = replay({"passed.dms", "empty"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(ended.err, "dmsim: empty: there are no *.dms files below this folder\n");
}

TEST_F(ReplayResults, NothingRunsIfAFileThatIsNamedIsMissing) {
  dmsim_.file("saves.dms", "disk d 1M\nsave d d.img\n");
  const Ended ended = replay({"saves.dms", "nosuch.dms"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "dmsim: nosuch.dms: No such file or directory\n");
  EXPECT_FALSE(fs::exists(dmsim_.path_of("d.img")));
}

TEST_F(ReplayResults, AFileThatIsFoundAndCannotBeReadIsOneOfMany) {
  fs::create_directories(dmsim_.path_of("all"));
  fs::create_symlink("nowhere", dmsim_.path_of("all/a.dms"));
  dmsim_.file("all/b.dms", passed);
  const Ended ended = replay({"all"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.out,
            "dmsim: all/a.dms: No such file or directory\n1 passed, 1 with mistakes (all/a.dms)\n");
}

TEST_F(ReplayResults, AMistakeInOneOfManyKeepsTheOthersRunning) {
  const Ended ended = replay({"-q", "mistake.dms", "passed.dms", "failed.dms"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.out, "mistake.dms:2:1: there is no command 'raed'; did you mean 'read'?\nraed d 0 8\n^\n" +
                           failed_report +
                           "1 passed, 1 failed (failed.dms:3), 1 with mistakes (mistake.dms:2)\n");
}

TEST_F(ReplayResults, AMachineThatStopsIsOneOfManyAndTheWorst) {
  const Ended ended = replay({"-q", "stopped.dms", "mistake.dms", "passed.dms"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.out, StartsWith("stopped.dms:3: the machine stopped: deadlock"));
  EXPECT_THAT(ended.out, EndsWith("1 passed, 1 with mistakes (mistake.dms:2), 1 stopped (stopped.dms:3)\n"));
}

TEST_F(ReplayResults, TheSummaryNamesTheFirstFivePlaces) {
  const Ended ended = replay(std::vector<std::string>{"-q"}, std::vector<std::string>(7, "failed.dms"));
  EXPECT_THAT(ended.out, EndsWith("0 passed, 7 failed (failed.dms:3, failed.dms:3, failed.dms:3, "
                                  "failed.dms:3, failed.dms:3 and 2 more)\n"));
}

TEST_F(ReplayResults, CheckRunsNothing) {
  dmsim_.file("saves.dms", "disk d 1M\nsave d d.img\nexpect nothing\n");
  EXPECT_EQ(replay({"--check", "saves.dms"}).out, "1 passed\n");
  EXPECT_FALSE(fs::exists(dmsim_.path_of("d.img")));
  EXPECT_EQ(replay({"--check", "saves.dms", "mistake.dms"}).status, 2);
}

TEST_F(ReplayResults, StandardInputIsAFile) {
  const Ended ended = dmsim_.shell("dmsim replay -q - passed.dms <failed.dms");
  EXPECT_EQ(ended.out, "-:3: not as expected: nothing in the output matches A\n1 passed, 1 failed (-:3)\n");
}

TEST_F(ReplayResults, WarningsOfAScenarioThatPassesAreShown) {
  dmsim_.file("warned.dms", "dmsetup nosuch\n");
  const Ended ended = replay({"-q", "warned.dms"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, AllOf(StartsWith("warned.dms:1:9: warning: "), EndsWith("\n1 passed\n")));
}

TEST_F(ReplayResults, WhatDmsetupSaysIsShownOnRequest) {
  dmsim_.file("dmsetup.dms", "dmsetup table nosuch\n");
  EXPECT_EQ(replay({"-q", "dmsetup.dms"}).err, "");
  EXPECT_THAT(replay({"-v", "--stderr", "dmsetup.dms", "passed.dms"}).err,
              HasSubstr("table ioctl on nosuch  failed"));
}

TEST_F(ReplayResults, AnErrorOfTheHostFailsTheRunAndNamesTheFile) {
  dmsim_.file("full.dms", "disk d 1M file=d.img\nwrite d 0 2048 A\nread d 0 8\n");
  const Ended alone = dmsim_.shell("ulimit -f 100; dmsim replay full.dms");
  EXPECT_EQ(alone.status, 1);
  EXPECT_THAT(alone.err, AllOf(StartsWith("full.dms:"), HasSubstr("d.img: File too large\n")));
  fs::remove(dmsim_.path_of("d.img"));
  const Ended among_others = dmsim_.shell("ulimit -f 100; dmsim replay -q full.dms passed.dms");
  EXPECT_EQ(among_others.status, 1);
  EXPECT_EQ(among_others.out.substr(0, alone.err.size()), alone.err);
  EXPECT_THAT(among_others.out, HasSubstr("1 passed, 1 failed (full.dms:"));
}

TEST_F(ReplayResults, AnErrorOfTheHostIsSaidWhenTheMachineStopsOnIt) {
  // Half of the write fails while the last command waits; the other half never ends, nor does the command.
  dmsim_.file("full.dms",
              "disk d 1M file=d.img\n"
              "dmsetup create slow --table '0 1024 delay /dev/d 0 1000'\n"
              "dmsetup create z --table '0 1024 zero'\n"
              "dmsetup create both <<EOF\n"
              "0 1024 linear /dev/mapper/slow 0\n"
              "1024 1024 linear /dev/mapper/z 0\n"
              "EOF\n"
              "dmsetup suspend z\n"
              "write both 0 2048 A &\n"
              "read z 0 8\n");
  const Ended ended = dmsim_.shell("truncate -s 1M d.img; ulimit -f 100; dmsim replay full.dms");
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.out, EndsWith("> read z 0 8\n"));
  EXPECT_THAT(ended.err, HasSubstr("d.img: File too large\n"));
}

}  // namespace
