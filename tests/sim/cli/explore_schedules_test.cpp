// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim explore schedules: what it prints, its exit statuses, its tokens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/cli/dmsim_program.h"

namespace {

using test::DmsimProgram;
using test::Ended;
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
  EXPECT_EQ(ended.out, result["report"]);
  EXPECT_EQ(ended.err, "");
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
  EXPECT_THAT(ended.err, HasSubstr("--depth: this is an option of `dmsim explore crash`"));
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

TEST_F(ExploreSchedules, ACheckpointIsResumed) {
  const std::vector<std::string> words = {"--generate", "8", "--budget", "20", "--checkpoint", "state"};
  EXPECT_THAT(explore(words).out, StartsWith("8 scenarios: "));
  const Ended again = explore(words);
  EXPECT_EQ(again.status, 3);
  EXPECT_THAT(again.out, StartsWith("8 scenarios: "));
}

}  // namespace
