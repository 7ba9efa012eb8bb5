// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim explore schedules: what it prints, its exit statuses, its tokens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/cli/dmsim_program.h"

namespace {

using test::DmsimProgram;
using test::Ended;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::StartsWith;

const std::string clone =
    "disk m 4M\ndisk d 16\ndisk s 16\nwrite s 0 16 @S\n"
    "dmsetup create c --table '0 16 clone /dev/m /dev/d /dev/s 8 1 no_hydration'\n";

class ExploreSchedules : public testing::Test {
 protected:
  ExploreSchedules() {
    dmsim.file("holds.dms", clone + "write c 0 8 @A &\nread c 0 1 &\nwait\n");
    dmsim.file("writes.dms", clone + "write c 0 1 @A &\nwrite c 4 2 @B &\nwait\n");
  }
  Ended explore(std::vector<std::string> words) {
    words.insert(words.begin(), {"explore", "schedules"});
    return dmsim.run(words);
  }
  DmsimProgram dmsim;
};

TEST_F(ExploreSchedules, SaysThatAllHold) {
  const Ended ended = explore({"holds.dms", "--engine", "dpor"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, StartsWith("holds.dms: "));
  EXPECT_THAT(ended.out, HasSubstr(" schedules run, which are all that differ in what can be seen"));
  EXPECT_THAT(ended.out, HasSubstr("\n1 scenario: 1 hold, 0 found"));
  EXPECT_THAT(ended.out, HasSubstr("\ncertificate: dmsim "));
}

TEST_F(ExploreSchedules, ABudgetEndsWithAStatusOfItsOwn) {
  const Ended ended = explore({"writes.dms", "--budget", "30"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.out, HasSubstr("1 scenario: 0 hold, 0 found, 1 ended"));
  EXPECT_THAT(ended.out, HasSubstr("\nno certificate: dmsim "));
}

TEST_F(ExploreSchedules, ATokenIsReplayedToTheByte) {
  const std::string out =
      explore({"--json", "writes.dms", "--defect", "write-past-copy", "--engine", "few"}).out;
  const auto result = nlohmann::json::parse(out.substr(0, out.find('\n')));
  EXPECT_EQ(result["result"], "found");
  EXPECT_EQ(result["oracle"], "reads");
  dmsim.file("shortest.dms", result["shortest"]);
  const Ended ended = dmsim.run({"replay", "shortest.dms", "--token", result["token"]});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, StartsWith(std::string(result["report"])));
  EXPECT_EQ(ended.err, "");
}

TEST_F(ExploreSchedules, AFailureIsShownAsAnInterleaving) {
  const std::vector<std::string> words = {"writes.dms", "--defect", "write-past-copy", "--engine", "few"};
  const std::string out = explore(words).out;
  EXPECT_THAT(out, HasSubstr("\nthe interleaving, "));
  EXPECT_THAT(out, HasSubstr("\n   step [5] write c "));
  EXPECT_THAT(out, HasSubstr(" goes first"));
}

TEST_F(ExploreSchedules, ATokenShowsTheSameInterleavingAgain) {
  std::vector<std::string> words = {"writes.dms", "--defect", "write-past-copy", "--engine", "few"};
  const std::string out = explore(words).out;
  words.emplace_back("--json");
  const std::string json = explore(words).out;
  const auto result = nlohmann::json::parse(json.substr(0, json.find('\n')));
  dmsim.file("shortest.dms", result["shortest"]);
  const std::vector<std::string> replay = {"replay", "shortest.dms", "--token", result["token"]};
  const std::string again = dmsim.run(replay).out;
  const std::string interleaving = again.substr(again.find("the interleaving, "));
  EXPECT_THAT(out, HasSubstr(interleaving));

  std::vector<std::string> as_json = replay;
  as_json.emplace_back("--json");
  const auto replayed = nlohmann::json::parse(dmsim.run(as_json).out);
  EXPECT_EQ(replayed["interleaving"], result["interleaving"]);
  EXPECT_EQ(replayed["reproduced"], true);
  EXPECT_EQ(replayed["report"], result["report"]);
}

TEST_F(ExploreSchedules, AnInterleavingIsAListInJson) {
  const std::string out =
      explore({"--json", "writes.dms", "--defect", "write-past-copy", "--engine", "few"}).out;
  const auto lines = nlohmann::json::parse(out.substr(0, out.find('\n')))["interleaving"];
  ASSERT_FALSE(lines.empty());
  EXPECT_THAT(lines[0]["does"].get<std::string>(), StartsWith("begins: write of c"));
  EXPECT_EQ(lines[0]["line"], 5);
}

TEST_F(ExploreSchedules, AllStepsAreShownOnRequest) {
  const std::vector<std::string> words = {"writes.dms", "--defect", "write-past-copy", "--engine", "few"};
  std::vector<std::string> all = words;
  all.emplace_back("--all-steps");
  EXPECT_GT(explore(all).out.size(), 2 * explore(words).out.size());
}

TEST_F(ExploreSchedules, AllStepsNeedAToken) {
  EXPECT_EQ(dmsim.run({"replay", "holds.dms", "--all-steps"}).status, 2);
}

TEST_F(ExploreSchedules, ATokenOfAnotherScenarioIsAMistake) {
  const Ended ended = dmsim.run({"replay", "holds.dms", "--token", "sched1:000000000000:p:stops"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "holds.dms: the token is of another scenario\n");
}

TEST_F(ExploreSchedules, WhereNothingRunsAtOnceIsAMistake) {
  dmsim.file("alone.dms", clone + "write c 0 8 @A\n");
  const Ended ended = explore({"alone.dms"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("alone.dms:6: no command runs in the background"));
}

TEST_F(ExploreSchedules, OptionsOfPowerCutsAreRefused) {
  const Ended ended = explore({"holds.dms", "--depth", "3"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err,
              HasSubstr("--depth: this is an option of `dmsim explore crash` and of `dmsim explore "
                        "schedules --crash`"));
}

TEST_F(ExploreSchedules, PowerIsCutOnRequest) {
  const Ended ended = explore({"holds.dms", "--engine", "dpor", "--crash", "--no-metadata"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, ContainsRegex("\n[1-9][0-9]* power cuts of them, [1-9][0-9]* different\n"));
  EXPECT_THAT(ended.out, HasSubstr("\ncertificate: dmsim "));
  EXPECT_THAT(ended.out,
              HasSubstr("; power cuts of each run, and of up to 1000 other orders of each command, depth "
                        "1, blocks torn by halves; oracles starts,contract,"));
}

TEST_F(ExploreSchedules, ATokenOfASchedulesPowerCutIsReplayedToTheByte) {
  dmsim.file("flush.dms", clone + "write c 0 8 @A &\nflush c &\n");
  const std::string out =
      explore({"--json", "flush.dms", "--defect", "flush-during-commit", "--engine", "pos", "--crash"}).out;
  const auto result = nlohmann::json::parse(out.substr(0, out.find('\n')));
  EXPECT_EQ(result["result"], "found");
  EXPECT_EQ(result["oracle"], "cut");
  EXPECT_EQ(result["promise"], "contract");
  dmsim.file("shortest.dms", result["shortest"]);
  const Ended ended = dmsim.run({"replay", "shortest.dms", "--token", result["token"]});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, StartsWith(std::string(result["report"])));
  EXPECT_EQ(ended.err, "");
}

TEST_F(ExploreSchedules, ItsOptionsAreRefusedWithPowerCuts) {
  const Ended ended = dmsim.run({"explore", "crash", "holds.dms", "--engine", "pct"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("--engine: this is an option of `dmsim explore schedules`"));
}

TEST_F(ExploreSchedules, TheNumberOfJobsChangesNothing) {
  const std::vector<std::string> words = {"--generate", "8", "--budget", "20", "--json", "--jobs"};
  std::vector<std::string> one = words;
  std::vector<std::string> three = words;
  one.emplace_back("1");
  three.emplace_back("3");
  EXPECT_EQ(explore(one).out, explore(three).out);
}

TEST_F(ExploreSchedules, WhatOnlyAPartWasExploredOfIsSaid) {
  EXPECT_THAT(explore({"holds.dms", "--shard", "2/2"}).out, HasSubstr("; only part 2/2\n"));
}

TEST_F(ExploreSchedules, AllSchedulesWithFewDifferencesAreACertificateForThose) {
  const Ended ended = explore({"writes.dms", "--engine", "few", "--deviations", "1"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, HasSubstr("\ncertificate: dmsim "));
  EXPECT_THAT(ended.out, HasSubstr("schedules by few with at most 1 differences from first in, first out"));
}

TEST_F(ExploreSchedules, ACheckpointIsResumed) {
  const std::vector<std::string> words = {"--generate", "8", "--budget", "20", "--checkpoint", "state"};
  EXPECT_THAT(explore(words).out, StartsWith("8 scenarios: "));
  const Ended again = explore(words);
  EXPECT_EQ(again.status, 3);
  EXPECT_THAT(again.out, StartsWith("8 scenarios: "));
}

}  // namespace
