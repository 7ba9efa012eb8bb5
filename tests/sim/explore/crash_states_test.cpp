// SPDX-License-Identifier: GPL-2.0-or-later
// Scenarios that say themselves where the power is cut, and what they expect then.
#include "sim/explore/crash_states.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/explore/power_cuts.h"

namespace {

using sim::explore::explore_power_cuts;
using sim::explore::Oracle;
using sim::explore::PowerCutOptions;
using sim::explore::PowerCutResult;
using sim::explore::replay_power_cuts;
using sim::explore::Verdict;
using testing::HasSubstr;

const std::string table = "dmsetup create l --table '0 16 linear /dev/a 0'\n";
const std::string before =
    "disk a 1M\n" + table + "write l 0 8 @A\nflush l\nwrite l 8 8 @X\nwrite l 8 2 @B\nwrite l 2 2 @C\n";

TEST(CrashStates, OnlyWhatIsReadMakesADifference) {
  const PowerCutResult result = explore_power_cuts(before + "crash\n" + table + "read l 0 2\nexpect A\n");
  EXPECT_TRUE(result.holds()) << result.text();
  EXPECT_EQ(result.report.runs, 1U);
}

TEST(CrashStates, AllContentsOfWhatIsReadAreTried) {
  // Each of two sectors: nothing, the first write or the second.
  const PowerCutResult result =
      explore_power_cuts(before + "crash\n" + table + "read l 8 2\nexpect '[BX]|zero'\n");
  EXPECT_TRUE(result.holds()) << result.text();
  EXPECT_EQ(result.report.runs, 9U);
}

TEST(CrashStates, WhatIsNotAsExpectedIsFoundAndMadeShorter) {
  const PowerCutResult result = explore_power_cuts(before + "crash\n" + table + "read l 8 2\nexpect B\n");
  ASSERT_EQ(result.verdict, Verdict::found);
  EXPECT_EQ(result.report.violation->oracle, Oracle::expect);
  EXPECT_EQ(result.scenario,
            "disk a 1M\n" + table + "write l 8 2 @B\ncrash\n" + table + "read l 8 2\nexpect B\n");
  EXPECT_THAT(result.retraced, HasSubstr("sector 8 of a holds what was durable\n"));
  EXPECT_THAT(result.retraced, HasSubstr("not as expected: nothing in the output matches B\n"));
}

TEST(CrashStates, ATokenRepeatsIt) {
  const PowerCutResult result = explore_power_cuts(before + "crash\n" + table + "read l 8 2\nexpect B\n");
  const auto replayed = replay_power_cuts(result.scenario, result.token);
  EXPECT_TRUE(replayed.reproduced);
  EXPECT_EQ(replayed.text, result.retraced);
}

TEST(CrashStates, ATokenWithOtherBlocksIsRefused) {
  const PowerCutResult result = explore_power_cuts(before + "crash\n" + table + "read l 8 2\nexpect B\n");
  std::string token = result.token;
  token.insert(token.find(":expect"), ".0.0.1");
  const auto replayed = replay_power_cuts(result.scenario, token);
  EXPECT_FALSE(replayed.followed);
  EXPECT_THAT(replayed.complaint, HasSubstr("it has other blocks"));
}

TEST(CrashStates, AnExpectationThatIsWrongWithoutALossIsNotMadeShorter) {
  const std::string scenario = before + "crash\n" + table + "read l 0 2\nexpect Z\n";
  const PowerCutResult result = explore_power_cuts(scenario);
  ASSERT_EQ(result.verdict, Verdict::found);
  EXPECT_EQ(result.scenario, scenario);
}

TEST(CrashStates, ADiskThatKeepsItsPowerKeepsTheNewest) {
  const std::string scenario = "disk b 1M\n" + before + "crash b\n" + table + "read l 8 2\nexpect B\n";
  const PowerCutResult result = explore_power_cuts(scenario);
  EXPECT_TRUE(result.holds()) << result.text();
  EXPECT_EQ(result.report.runs, 1U);
}

TEST(CrashStates, AnotherCrashMayLoseMore) {
  const PowerCutResult result =
      explore_power_cuts(before + "crash\n" + table + "read l 8 1\nwrite l 8 1 @D\ncrash\n" + table +
                         "read l 8 1\nexpect '[BXD]|zero'\n");
  EXPECT_TRUE(result.holds()) << result.text();
  EXPECT_EQ(result.report.runs, 6U);  // three contents, each with the write or without
}

TEST(CrashStates, ABudgetEndsIt) {
  PowerCutOptions options;
  options.settings.cuts_max = 4;
  const PowerCutResult result =
      explore_power_cuts(before + "crash\n" + table + "read l 8 2\nexpect '[BX]|zero'\n", options);
  EXPECT_EQ(result.verdict, Verdict::ended);
  EXPECT_EQ(result.report.runs - result.report.samples, 4U);
}

// The first block in the order of the search is the last to get another content.
TEST(CrashStates, AfterABudgetEachContentOfEachBlockIsTried) {
  PowerCutOptions options;
  options.settings.cuts_max = 2;
  const PowerCutResult result = explore_power_cuts(
      before + "crash\n" + table + "read l 8 1\nexpect '[BX]'\nread l 9 1\nexpect '[BX]|zero'\n", options);
  EXPECT_EQ(result.verdict, Verdict::found);
  EXPECT_GT(result.report.samples, 0U);
}

TEST(CrashStates, ACloneKeepsWhatWasFlushed) {
  const std::string clone = "dmsetup create c --table '0 32 clone /dev/m /dev/d /dev/s 8 1 no_hydration'\n";
  const PowerCutResult result =
      explore_power_cuts("disk m 4M\ndisk d 32\ndisk s 32\nwrite s 0 32 @S\nflush s\n" + clone +
                         "write c 0 4 @A\nflush c\nwrite c 8 8 @B\nsleep 2s\nwrite c 1 1 @D\ncrash\n" +
                         clone + "read c 0 1\nexpect A\nread c 4 4\nexpect S\nread c 1 1\nexpect '[AD]'\n");
  EXPECT_TRUE(result.holds()) << result.text();
  EXPECT_EQ(result.report.runs, 2U);
}

TEST(CrashStates, AreForScenariosThatHaveTheCommand) {
  EXPECT_TRUE(sim::explore::says_crash("disk a 1M\ncrash\n"));
  EXPECT_FALSE(sim::explore::says_crash("disk crash 1M\n"));
  EXPECT_FALSE(sim::explore::says_crash("disk a 1M\n# crash\n"));
  EXPECT_FALSE(sim::explore::says_crash("crash crash crash=\n"));
}

}  // namespace
