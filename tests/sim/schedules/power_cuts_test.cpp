// SPDX-License-Identifier: GPL-2.0-or-later
// Schedules whose power is cut as well.
#include "sim/explore/power_cuts.h"

#include <cstddef>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>

#include "sim/schedules/schedule_token.h"
#include "sim/schedules/schedules.h"
#include "sim/schedules/source_dpor.h"

namespace {

using sim::explore::Verdict;
using sim::schedules::EngineKind;
using sim::schedules::explore_schedules;
using sim::schedules::Oracle;
using sim::schedules::replay_schedule;
using sim::schedules::ReplayedSchedule;
using sim::schedules::ScheduleOptions;
using sim::schedules::ScheduleResult;

const std::string set_up =
    "disk m 4M\ndisk d 16\ndisk s 16\nwrite s 0 16 @S\nflush s\n"
    "dmsetup create c --table '0 16 clone /dev/m /dev/d /dev/s 8 1 no_hydration'\n";
const std::string two_writes = set_up + "write c 0 8 @A &\nwrite c 8 8 @B &\nflush c &\nwait\n";

ScheduleOptions cut(EngineKind engine, std::uint64_t runs) {
  ScheduleOptions options;
  options.engine = engine;
  options.runs_max = runs;
  options.run.crash.emplace().depth = 1;
  return options;
}

ScheduleOptions cut_with(dmcore::Defect defect) {
  ScheduleOptions options = cut(EngineKind::pos, 500);
  options.run.machine.defects.put_in(defect);
  return options;
}

TEST(CutSchedules, HoldWithoutADefect) {
  const ScheduleResult result = explore_schedules(two_writes, cut(EngineKind::pos, 100));
  EXPECT_EQ(result.verdict, Verdict::ended) << result.text();
  ASSERT_TRUE(result.report.cuts);
  EXPECT_GT(result.report.cuts->cuts, result.report.runs);
  EXPECT_GT(result.report.cuts->distinct, 100U);
  EXPECT_GT(result.report.cuts->starts, 2U);
}

// Regions that are hydrated between the two phases: neither any power cut of the run in turn shows it, nor
// any schedule without one.
TEST(CutSchedules, FindWhatTakesAnOrderAndAPowerCut) {
  ScheduleOptions options = cut_with(dmcore::Defect::one_phase_commit);
  sim::explore::PowerCutOptions in_turn;
  in_turn.workload.machine = options.run.machine;
  EXPECT_TRUE(sim::explore::explore_power_cuts(two_writes, in_turn).holds());
  ScheduleOptions no_cuts = options;
  no_cuts.run.crash.reset();
  no_cuts.runs_max = 50;
  EXPECT_EQ(explore_schedules(two_writes, no_cuts).verdict, Verdict::ended);

  const ScheduleResult found = explore_schedules(two_writes, options);
  ASSERT_EQ(found.verdict, Verdict::found) << found.text();
  EXPECT_EQ(found.failure.oracle, Oracle::cut);
  EXPECT_EQ(found.failure.device, "c");
  ASSERT_TRUE(found.failure.cuts);
  EXPECT_EQ(found.failure.cuts->oracle, sim::explore::Oracle::contract);
  EXPECT_THAT(found.failure.report, testing::HasSubstr("the power is cut, after"));
  EXPECT_THAT(found.failure.what, testing::StartsWith("contract: sector "));
}

TEST(CutSchedules, ATokenRepeatsScheduleAndCuts) {
  const ScheduleResult found = explore_schedules(two_writes, cut_with(dmcore::Defect::flush_during_commit));
  ASSERT_EQ(found.verdict, Verdict::found) << found.text();
  const ReplayedSchedule again = replay_schedule(found.scenario, found.token);
  EXPECT_TRUE(again.followed) << again.complaint;
  EXPECT_TRUE(again.reproduced);
  EXPECT_EQ(again.text, describe(found.failure));
  EXPECT_EQ(to_string(again.interleaving, 0), to_string(found.interleaving, 0));

  // Without the defect nothing is lost by them; and a cut after the end is none.
  auto token = sim::schedules::parse_schedule_token(found.token);
  ASSERT_TRUE(token && token->cuts);
  EXPECT_EQ(to_string(*token), found.token);
  token->cuts->cuts.front().event = 100'000;
  const ReplayedSchedule late = replay_schedule(found.scenario, to_string(*token));
  EXPECT_FALSE(late.followed);
  EXPECT_THAT(late.complaint, testing::HasSubstr("it ends before the first cut"));
}

// A run in turn, beside which there is no other one: the same cuts as those of the scenario.
TEST(CutSchedules, OfOneScheduleAreItsPowerCuts) {
  const std::string scenario = set_up + "write c 0 3 @A &\nwait\nflush c\n";
  ScheduleOptions options = cut(EngineKind::few, 0);
  options.deviations = 0;
  const ScheduleResult one = explore_schedules(scenario, options);
  EXPECT_TRUE(one.holds()) << one.text();
  EXPECT_EQ(one.report.runs, 1U);
  sim::explore::PowerCutOptions in_turn;
  in_turn.settings.depth = 1;
  const sim::explore::PowerCutResult cuts = sim::explore::explore_power_cuts(scenario, in_turn);
  EXPECT_TRUE(cuts.holds()) << cuts.text();
  EXPECT_EQ(one.report.cuts->cuts, cuts.report.cuts);
  EXPECT_EQ(one.report.cuts->distinct, cuts.report.distinct);
}

TEST(CutSchedules, OfRunsThatAreRewoundAreThoseOfNewMachines) {
  ScheduleOptions options = cut(EngineKind::random, 50);
  const ScheduleResult rewound = explore_schedules(two_writes, options);
  options.run.rewinds = false;
  const ScheduleResult made_anew = explore_schedules(two_writes, options);
  EXPECT_EQ(rewound.report.cuts->cuts, made_anew.report.cuts->cuts);
  EXPECT_EQ(rewound.report.cuts->distinct, made_anew.report.cuts->distinct);
  EXPECT_EQ(rewound.report.cuts->starts, made_anew.report.cuts->starts);
}

TEST(CutSchedules, AreNoneOfAllCutsIfOrdersAreLeftOut) {
  ScheduleOptions options = cut(EngineKind::few, 0);
  options.deviations = 0;
  EXPECT_TRUE(explore_schedules(two_writes, options).holds());
  options.run.crash->orders_max = 1;
  const ScheduleResult result = explore_schedules(two_writes, options);
  EXPECT_EQ(result.verdict, Verdict::ended);
  EXPECT_FALSE(result.report.cuts->complete);
}

// docs/findings.md: a write that was acknowledged is lost without a power cut, and that is excepted.
TEST(CutSchedules, AreNotJudgedWhereTablesOverlap) {
  const ScheduleResult result = explore_schedules(
      set_up +
          "write c 0 8 @A\ndmsetup remove c &\nthen dmsetup create c --table "
          "'0 16 clone /dev/m /dev/d /dev/s 8 1 no_hydration' &\ndmsetup remove c &\nwait\n",
      cut(EngineKind::pos, 100));
  EXPECT_EQ(result.verdict, Verdict::ended) << result.text();
  EXPECT_EQ(result.report.cuts->cuts, 0U);
  EXPECT_FALSE(result.report.cuts->complete);
  EXPECT_EQ(result.report.cuts->not_judged.size(), 1U);
}

// Any task that can run takes each step, of runs as SourceDpor has them.
class WalkOfDpor final : public sim::schedules::Engine {
 public:
  [[nodiscard]] sim::Wants wants() const override { return sim::schedules::SourceDpor().wants(); }
  bool begin() override { return true; }
  std::size_t choose(const sim::Situation& situation) override {
    return random_() % situation.choices.size();
  }

 private:
  std::mt19937_64 random_{20261128};
};

// The cuts of the orders that one run of a class stands for are those of all its runs: once all classes were
// run, no other schedule has a cut that was not looked at.
TEST(CutSchedules, OfAllClassesHaveTheCutsOfEverySchedule) {
  for (const char* operations :
       {"write c 0 8 @A &\nread c 0 8 &\n", "write c 0 8 @A &\ndiscard c 8 8 &\n", "flush c &\nflush c &\n",
        "write c 0 8 @A &\nflush c &\n", "write c 0 8 @Z\nwrite c 0 1 @A &\nflush c &\n"}) {
    SCOPED_TRACE(operations);
    sim::schedules::RunSettings settings;
    settings.crash.emplace().depth = 1;
    sim::schedules::ScenarioRun run(set_up + operations + "wait\n", settings);
    sim::schedules::SourceDpor all;
    std::size_t classes = 0;
    for (; all.begin(); ++classes) {
      ASSERT_FALSE(run.run(all).failure);
      all.end();
    }
    EXPECT_GT(classes, 1U);
    EXPECT_TRUE(run.cut_counts().complete);
    const std::uint64_t distinct = run.cut_counts().distinct;
    WalkOfDpor walk;
    constexpr int walks = 300;
    for (int i = 0; i < walks; ++i) ASSERT_FALSE(run.run(walk).failure);
    EXPECT_EQ(run.cut_counts().distinct, distinct);
  }
}

// A flush makes durable what has ended before: without a power cut that cannot be seen.
TEST(CutSchedules, HaveAnOrderOfAFlushAndTheEndOfAWrite) {
  const std::string scenario =
      "disk d 64\ndmsetup create l --table '0 16 linear /dev/d 8'\nwrite l 0 1 @A &\nflush l &\nwait\n";
  const ScheduleResult with = explore_schedules(scenario, cut(EngineKind::dpor, 0));
  ScheduleOptions options = cut(EngineKind::dpor, 0);
  options.run.crash.reset();
  const ScheduleResult without = explore_schedules(scenario, options);
  EXPECT_TRUE(with.holds()) << with.text();
  EXPECT_TRUE(without.holds()) << without.text();
  EXPECT_GT(with.report.runs, without.report.runs);
}

TEST(CutSchedules, AreRefusedIfADiskIsTooLarge) {
  const ScheduleResult result = explore_schedules("disk big 1T\n" + two_writes, cut(EngineKind::pos, 10));
  EXPECT_EQ(result.verdict, Verdict::mistake);
  EXPECT_THAT(result.complaint, testing::HasSubstr("-:1: big is too large to be explored"));
}

// Two adjacent writes become one request, behind which one of the two may wait.
TEST(CutSchedules, AMergedWriteComesAfterItsProgramHasBegun) {
  const ScheduleResult result =
      explore_schedules(set_up + "write c 0 16 @A\nflush c\nwrite c 8 8 @C &\nwrite c 0 8 @D &\nwait\n",
                        cut(EngineKind::few, 400));
  EXPECT_NE(result.verdict, Verdict::found) << result.text();
}

}  // namespace
