// SPDX-License-Identifier: GPL-2.0-or-later
// Exploring the schedules of scenarios: what holds, and what is found.
#include "sim/schedules/schedules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/explore/cut_token.h"
#include "sim/generate/concurrent.h"
#include "sim/rewind/arena.h"
#include "sim/schedules/schedule_token.h"

namespace {

using sim::explore::Verdict;
using sim::schedules::EngineKind;
using sim::schedules::explore_schedules;
using sim::schedules::Oracle;
using sim::schedules::replay_schedule;
using sim::schedules::ScheduleOptions;
using sim::schedules::ScheduleResult;
using testing::HasSubstr;

const std::string clone =
    "disk m 4M\ndisk d 16\ndisk s 16\nwrite s 0 16 @S\n"
    "dmsetup create c --table '0 16 clone /dev/m /dev/d /dev/s 8 1 no_hydration'\n";

ScheduleOptions with(EngineKind engine, std::uint64_t runs) {
  ScheduleOptions options;
  options.engine = engine;
  options.runs_max = runs;
  return options;
}
ScheduleOptions with(dmcore::Defect defect) {
  ScheduleOptions options = with(EngineKind::pos, 2000);
  options.run.machine.defects.put_in(defect);
  return options;
}

std::size_t deviations_in(const std::string& token) {
  return sim::schedules::parse_schedule_token(token).value().deviations.size();
}

TEST(Schedules, AReadDuringAWriteIsRunUnderEachThatDiffers) {
  const ScheduleResult result = explore_schedules(clone + "write c 0 8 @A &\nread c 0 1 &\nwait\n");
  EXPECT_TRUE(result.holds()) << result.text();
  EXPECT_TRUE(result.report.complete);
  EXPECT_GT(result.report.runs, 2U);
  EXPECT_EQ(result.report.cut_off, 0U);
}

// A program that changes the table: the device is judged as long as no other one suspends it.
const std::string reload =
    "dmsetup suspend c &\n"
    "then dmsetup load c --table '0 16 clone /dev/m /dev/d /dev/s 8 1 no_hydration' &\n"
    "then dmsetup resume c &\n";

TEST(Schedules, AnotherTableWhileADeviceIsSuspendedLosesNothing) {
  const ScheduleResult result = explore_schedules(
      clone + "write c 0 8 @A\nwrite c 8 8 @B &\n" + reload + "wait\n", with(EngineKind::pos, 100));
  EXPECT_EQ(result.verdict, Verdict::ended) << result.text();
  EXPECT_TRUE(result.report.not_judged.empty());
}

// The suspend is the second system call of its program, and comes while the read is under way.
TEST(Schedules, AProgramMayMakeItsNextCallAtAnyStep) {
  ScheduleOptions options = with(EngineKind::dpor, 1000);
  options.shrink = false;
  options.run.machine.defects.put_in(dmcore::Defect::counted_down_early);
  const ScheduleResult result =
      explore_schedules(clone + "dmsetup suspend c &\nread c 0 16 &\nwait\n", options);
  EXPECT_EQ(result.verdict, Verdict::found) << result.text();
  EXPECT_EQ(result.failure.oracle, Oracle::stops);
}

// A known bug of Linux (docs/findings.md), which runs of the scenario meet. Returns what is found if it is
// not excepted.
ScheduleResult found_if_not_excepted(const std::string& scenario, Oracle oracle,
                                     const ScheduleOptions& how = with(EngineKind::pos, 100)) {
  ScheduleOptions options = how;
  const ScheduleResult excepted = explore_schedules(scenario, options);
  EXPECT_EQ(excepted.verdict, Verdict::ended) << excepted.text();
  EXPECT_EQ(excepted.report.not_judged.size(), 1U);
  options.run.machine.finds_known_bugs = true;
  ScheduleResult found = explore_schedules(scenario, options);
  EXPECT_EQ(found.verdict, Verdict::found);
  EXPECT_EQ(found.failure.oracle, oracle);
  return found;
}

// docs/findings.md: a suspend that returns while another one commits.
TEST(Schedules, TheKnownBugOfTwoSuspendsIsExceptedAndFoundOnRequest) {
  const std::string scenario =
      clone + "write c 0 8 @A\n" + reload + "dmsetup suspend c &\nthen dmsetup resume c &\nwait\n";
  const ScheduleResult found = found_if_not_excepted(scenario, Oracle::reads);
  EXPECT_TRUE(replay_schedule(found.scenario, found.token).reproduced);
}

// What the clone does by itself is still on its way when the programs have ended: to a slow disk, in a target
// that holds it for a while, or to a disk that takes longer than is waited for it.
TEST(Schedules, WhatIsStillUnderWayIsNotLost) {
  for (const char* const source :
       {"disk s 16 read_latency=10ms\n", "disk s0 16\ndmsetup create s --table '0 16 delay /dev/s0 0 30'\n",
        "disk s 16 read_latency=100s\n"}) {
    const std::string path = std::string_view(source).starts_with("disk s0") ? "mapper/s" : "s";
    const ScheduleResult result =
        explore_schedules(std::string("disk m 4M\ndisk d 16\n") + source +
                              "dmsetup create c --table '0 16 clone /dev/m /dev/d /dev/" + path +
                              " 8 1 no_hydration'\ndmsetup message c 0 enable_hydration &\nwait\n",
                          with(EngineKind::dpor, 0));
    EXPECT_EQ(result.verdict, Verdict::holds) << result.text();
  }
}

// With the repair it does not matter who loads a table when, so that nothing is excepted.
TEST(Schedules, WithItsRepairNothingIsLostByATableThatIsLoadedEarly) {
  const std::string scenario =
      "disk m 4M write_latency=10ms flush_latency=10ms\ndisk d 16\ndisk s 16\n"
      "dmsetup create c --table '0 16 clone /dev/m /dev/d /dev/s 8 1 no_hydration'\n"
      "write c 0 8 @A\ndmsetup suspend c &\nsleep 0.005 &\nthen dmsetup suspend c &\n"
      "then dmsetup load c --table '0 16 clone /dev/m /dev/d /dev/s 8 1 no_hydration' &\n"
      "then dmsetup resume c &\nwait\n";
  ScheduleOptions options = with(EngineKind::dpor, 0);
  options.run.machine.finds_known_bugs = true;
  EXPECT_EQ(explore_schedules(scenario, options).verdict, Verdict::found);
  options.run.machine.fixes.put_in(dmcore::Fix::reread_metadata);
  EXPECT_EQ(explore_schedules(scenario, options).verdict, Verdict::holds);
  options.run.machine.finds_known_bugs = false;
  const ScheduleResult repaired = explore_schedules(scenario, options);
  EXPECT_EQ(repaired.verdict, Verdict::holds);
  EXPECT_THAT(repaired.report.not_judged, testing::IsEmpty());
}

// docs/findings.md: a device that is gone may still have to commit.
TEST(Schedules, TheKnownBugOfADeviceThatIsGoneIsExceptedAndFoundOnRequest) {
  const std::string scenario =
      clone + "write c 0 8 @A\ndmsetup remove c &\nthen dmsetup create c --table " +
      "'0 16 clone /dev/m /dev/d /dev/s 8 1 no_hydration' &\ndmsetup remove c &\nwait\n";
  found_if_not_excepted(scenario, Oracle::reads);
}

// docs/findings.md: kcopyd may be woken after it is gone.
const std::string removes_while_copies_end =
    "disk m 4M\ndisk d 16\ndisk s 16\n"
    "dmsetup create c --table '0 16 clone /dev/m /dev/d /dev/s 8 0 2 hydration_threshold 4' &\n"
    "then dmsetup remove c &\nwait\n";

// One schedule in a thousand has it.
ScheduleOptions finds_late_wake() {
  ScheduleOptions options = with(EngineKind::pos, 6000);
  options.seed = 5;
  return options;
}

TEST(Schedules, TheKnownBugOfALateWakeIsExceptedAndFoundOnRequest) {
  if (!sim::rewind::supported())
    GTEST_SKIP() << "a sanitizer may stop the program: memory is used after it was freed";
  found_if_not_excepted(removes_while_copies_end, Oracle::stops, finds_late_wake());
}

TEST(Schedules, WithItsRepairKcopydIsNotWokenLate) {
  ScheduleOptions options = finds_late_wake();
  options.run.machine.fixes.put_in(dmcore::Fix::kcopyd_wake);
  const ScheduleResult result = explore_schedules(removes_while_copies_end, options);
  EXPECT_EQ(result.verdict, Verdict::ended) << result.text();
  EXPECT_THAT(result.report.not_judged, testing::IsEmpty());
}

// The device has come to rest before the copy ends, since the source is slow.
TEST(Schedules, TheKnownBugOfADiscardUnderACopyIsExceptedInThePartAfterIt) {
  const std::string scenario =
      "disk m 4M\ndisk d 16\ndisk s 16 read_latency=1s\nwrite s 0 16 @S\n"
      "dmsetup create c --table '0 16 clone /dev/m /dev/d /dev/s 8 0 0'\n"
      "discard c 0 16 &\nwait\ndmsetup suspend c &\nthen dmsetup resume c &\nwait\n";
  ScheduleOptions options = with(EngineKind::pos, 100);
  const ScheduleResult excepted = explore_schedules(scenario, options);
  EXPECT_EQ(excepted.verdict, Verdict::ended) << excepted.text();
  EXPECT_GE(excepted.report.copies_over_discards, 1U);
  options.run.machine.finds_known_bugs = true;
  const ScheduleResult found = explore_schedules(scenario, options);
  EXPECT_EQ(found.verdict, Verdict::found);
  EXPECT_EQ(found.failure.oracle, Oracle::reads);
}

TEST(Schedules, ADeviceThatIsReopenedByOneProgramLosesNothing) {
  const ScheduleResult result =
      explore_schedules(clone + "write c 0 8 @A\ndmsetup remove c &\nthen dmsetup create c --table " +
                            "'0 16 clone /dev/m /dev/d /dev/s 8 1 no_hydration' &\nread c 0 8 &\nwait\n",
                        with(EngineKind::pos, 100));
  EXPECT_EQ(result.verdict, Verdict::ended) << result.text();
  EXPECT_THAT(result.report.not_judged, testing::IsEmpty());
}

// The table that was loaded too early has not seen what is on the disk; the next one does.
TEST(Schedules, AKnownBugIsExceptedInWhatFollowsToo) {
  ScheduleOptions options = with(EngineKind::pos, 100);
  const std::string scenario = clone + "write c 0 8 @A\n" + reload +
                               "dmsetup suspend c &\nthen dmsetup resume c &\nwait\n" + reload + "wait\n";
  const ScheduleResult excepted = explore_schedules(scenario, options);
  EXPECT_EQ(excepted.verdict, Verdict::ended) << excepted.text();
  options.run.machine.finds_known_bugs = true;
  EXPECT_EQ(explore_schedules(scenario, options).verdict, Verdict::found);
}

// It cannot be read when the part begins, and what is known of it from before is no longer true.
TEST(Schedules, AKnownBugIsExceptedOnADeviceThatWasSuspendedBefore) {
  const ScheduleResult result =
      explore_schedules(clone + "write c 0 8 @A &\nwait\ndmsetup suspend c\n" + reload +
                            "dmsetup suspend c &\nthen dmsetup resume c &\nwait\nread c 0 8 &\nwait\n",
                        with(EngineKind::pos, 100));
  EXPECT_EQ(result.verdict, Verdict::ended) << result.text();
  EXPECT_EQ(result.report.not_judged.size(), 1U);
}

TEST(Schedules, ABudgetEndsASearchThatIsNotComplete) {
  const ScheduleResult result =
      explore_schedules(clone + "write c 0 1 @A &\nflush c &\nwait\n", with(EngineKind::dpor, 20));
  EXPECT_EQ(result.verdict, Verdict::ended);
  EXPECT_EQ(result.report.runs + result.report.blocked, 20U);
}

TEST(Schedules, EachSamplerRunsAsManyAsItMay) {
  for (const EngineKind engine : {EngineKind::few, EngineKind::random, EngineKind::pos, EngineKind::pct}) {
    const ScheduleResult result =
        explore_schedules(clone + "write c 0 1 @A &\nread c 0 8 &\nwait\n", with(engine, 30));
    EXPECT_EQ(result.verdict, Verdict::ended) << result.text();
    EXPECT_EQ(result.report.runs, 30U);
  }
}

// The defects of the gallery that need no power cut, each by the order of its steps that no other finds.
class ScheduleDefects : public testing::TestWithParam<dmcore::Defect> {};
TEST_P(ScheduleDefects, AreFoundAndRepeated) {
  const ScheduleOptions options = with(GetParam());
  const ScheduleResult result = explore_schedules(
      clone +
          "write c 0 1 @A &\nread c 0 8 &\nwrite c 4 2 @B &\ndmsetup message c 0 enable_hydration &\nwait\n",
      options);
  ASSERT_EQ(result.verdict, Verdict::found) << result.text();
  EXPECT_EQ(result.failure.oracle, Oracle::reads);
  EXPECT_EQ(result.failure.device, "c");
  const auto again = replay_schedule(result.scenario, result.token, options);
  EXPECT_TRUE(again.followed) << again.complaint;
  EXPECT_TRUE(again.reproduced);
  EXPECT_THAT(again.text, HasSubstr(result.failure.what));
  EXPECT_EQ(explore_schedules(result.scenario, options).verdict, Verdict::found);
}
INSTANTIATE_TEST_SUITE_P(, ScheduleDefects,
                         testing::Values(dmcore::Defect::write_past_copy, dmcore::Defect::copy_marked_early,
                                         dmcore::Defect::copy_ends_early, dmcore::Defect::partial_overwrite));

TEST(Schedules, WhatIsFoundIsMadeShorter) {
  const ScheduleResult result = explore_schedules(clone +
                                                      "write c 8 8 @X\nread c 8 8 &\nwrite c 0 1 @A &\nflush "
                                                      "c &\nwrite c 4 2 @B &\nwait\ndmsetup status c\n",
                                                  with(dmcore::Defect::write_past_copy));
  ASSERT_EQ(result.verdict, Verdict::found) << result.text();
  EXPECT_EQ(result.scenario,
            "disk m 4M\ndisk d 16\ndisk s 16\n"
            "dmsetup create c --table '0 16 clone /dev/m /dev/d /dev/s 8 1 no_hydration'\n"
            "write c 0 1 @A &\nwrite c 4 2 @B &\n");
  EXPECT_LE(deviations_in(result.token), 2U) << result.token;
}

TEST(Schedules, WithFewDeviationsTheFirstFailureHasAsFewAsAny) {
  ScheduleOptions options = with(dmcore::Defect::write_past_copy);
  options.engine = EngineKind::few;
  options.shrink = false;
  const ScheduleResult result =
      explore_schedules(clone + "write c 0 1 @A &\nwrite c 4 2 @B &\nwait\n", options);
  ASSERT_EQ(result.verdict, Verdict::found) << result.text();
  EXPECT_EQ(deviations_in(result.token), 1U) << result.token;
}

TEST(Schedules, NoDeviationIsOneSchedule) {
  ScheduleOptions options = with(EngineKind::few, 100);
  options.deviations = 0;
  EXPECT_EQ(explore_schedules(clone + "write c 0 1 @A &\nread c 0 8 &\nwait\n", options).report.runs, 1U);
}

TEST(Schedules, TheSameScenarioGivesTheSameResult) {
  const std::string scenario = clone + "write c 0 1 @A &\nwrite c 4 2 @B &\nread c 0 16 &\nwait\n";
  const ScheduleOptions options = with(dmcore::Defect::copy_ends_early);
  EXPECT_EQ(explore_schedules(scenario, options).text(), explore_schedules(scenario, options).text());
}

TEST(Schedules, ATokenIsOfOneScenarioAndOneRun) {
  const std::string scenario = clone + "write c 0 1 @A &\nwait\n";
  EXPECT_THAT(replay_schedule(scenario, "sched1:4f1c09d2a77b:p:stops").complaint,
              HasSubstr("the token is of another scenario"));
  EXPECT_THAT(replay_schedule(scenario, "cut1:4f1c09d2a77b").complaint, HasSubstr("no token of a schedule"));
  const auto other_run =
      replay_schedule(scenario, "sched1:" + sim::explore::scenario_hash(scenario) + ":p:stops:1.2-3");
  EXPECT_FALSE(other_run.followed);
  EXPECT_THAT(other_run.complaint, HasSubstr("0 of its 1 choices"));
}

TEST(Schedules, AScenarioInWhichNothingRunsAtOnceIsAMistake) {
  const ScheduleResult result = explore_schedules(clone + "write c 0 1 @A\n");
  EXPECT_EQ(result.verdict, Verdict::mistake);
  EXPECT_THAT(result.complaint, HasSubstr("no command runs in the background"));
}

TEST(Schedules, AWrongScenarioIsAMistake) {
  const ScheduleResult result = explore_schedules("disk\nread x 0 1 &\n");
  EXPECT_EQ(result.verdict, Verdict::mistake);
  EXPECT_THAT(result.complaint, HasSubstr("-:1:"));
}

TEST(Schedules, WhoWaitsForASuspendedDeviceWaitsForEver) {
  const ScheduleResult result =
      explore_schedules(clone + "dmsetup suspend c &\nwrite c 0 1 @A &\nwait\n", with(EngineKind::pct, 100));
  EXPECT_EQ(result.verdict, Verdict::ended) << result.text();
  EXPECT_GT(result.report.waiting, 0U);
  EXPECT_LT(result.report.waiting, 100U);
}

TEST(Schedules, ARunOfTooManyStepsIsCutOff) {
  ScheduleOptions options = with(EngineKind::random, 5);
  options.run.steps_max = 500;
  const ScheduleResult result = explore_schedules(clone + "write c 0 1 @A &\nflush c &\nwait\n", options);
  EXPECT_EQ(result.verdict, Verdict::ended);
  EXPECT_EQ(result.report.cut_off, 5U);
}

TEST(Schedules, ADeviceBelowAnotherIsJudgedThroughIt) {
  const ScheduleResult result = explore_schedules(clone +
                                                      "dmsetup create top --table '0 16 linear /dev/mapper/c "
                                                      "0'\nwrite top 0 1 @A &\nread top 0 8 &\nwait\n",
                                                  with(EngineKind::pos, 100));
  EXPECT_EQ(result.verdict, Verdict::ended) << result.text();
  EXPECT_THAT(result.report.not_judged, testing::IsEmpty());
}

// What holds although reads return other data than were written to the device.
TEST(Schedules, WhatCannotBeJudgedIsNamed) {
  const std::string linear = "disk a 1M\ndmsetup create l --table '0 16 linear /dev/a 0'\n";
  const ScheduleOptions options = with(EngineKind::random, 20);
  const auto not_judged = [&](const std::string& scenario) {
    const ScheduleResult result = explore_schedules(scenario, options);
    EXPECT_EQ(result.verdict, Verdict::ended) << result.text();
    return result.report.not_judged;
  };
  EXPECT_THAT(not_judged(linear + "write l 0 8 @A &\nwrite a 0 8 @B &\nread l 0 8 &\n"), testing::IsEmpty());
  EXPECT_THAT(not_judged(linear +
                         "dmsetup create k --table '0 16 linear /dev/a 0'\nwrite l 0 8 @A &\nread k 0 8 &\n"),
              testing::ElementsAre("k: a is below l as well", "l: a is below k as well"));
  EXPECT_THAT(not_judged("dmsetup create z --table '0 16 zero'\nwrite z 0 8 @A &\nread z 0 8 &\n"),
              testing::ElementsAre("z: it is on a target that may lose what is written, zero"));
  EXPECT_THAT(
      not_judged("disk a 1M fault=misdirected:0+8@16\ndmsetup create l --table '0 16 linear /dev/a 0'\n"
                 "write l 0 8 @A &\nread l 0 8 &\n"),
      testing::ElementsAre("l: a disk has faults that change data"));
}

TEST(Schedules, ADeviceWithAnotherTableIsAnotherDevice) {
  const ScheduleResult result = explore_schedules(
      "disk a 1M\ndisk b 1M\nwrite b 0 16 @B\ndmsetup create l --table '0 16 linear /dev/a 0'\n"
      "dmsetup load l --table '0 16 linear /dev/b 0'\ndmsetup resume l &\nwrite l 0 8 @A &\nread l 0 16 &\n",
      with(EngineKind::pos, 100));
  EXPECT_EQ(result.verdict, Verdict::ended) << result.text();
}

// It would wait for ever.
TEST(Schedules, WhatIsAboveASuspendedDeviceIsNotReadAtRest) {
  const ScheduleResult result = explore_schedules(
      clone + "dmsetup create top --table '0 16 linear /dev/mapper/c 0'\ndmsetup suspend c &\nwait\n",
      with(EngineKind::random, 20));
  EXPECT_EQ(result.verdict, Verdict::ended) << result.text();
  EXPECT_EQ(result.report.waiting, 0U);
}

TEST(Schedules, WhatWouldNotBeginWithTheSameIsRefused) {
  EXPECT_THAT(explore_schedules("disk a 1M file=x\nwrite a 0 8 @A &\n").complaint,
              HasSubstr("-:1: disk: a disk in a file"));
  EXPECT_THAT(explore_schedules("disk a 1M\nwrite a 0 8 @A &\nsave a x\n").complaint,
              HasSubstr("-:3: save: "));
  EXPECT_THAT(explore_schedules("disk a 1M\nwrite a 0 8 @A &\ncrash\n").complaint, HasSubstr("-:3: crash: "));
}

TEST(ConcurrentWorkloads, OfTheSameSeedAreTheSame) {
  EXPECT_EQ(sim::generate::random_concurrent_workload(5, 6), sim::generate::random_concurrent_workload(5, 6));
  EXPECT_NE(sim::generate::random_concurrent_workload(5, 6), sim::generate::random_concurrent_workload(6, 6));
}

TEST(ConcurrentWorkloads, EveryChoiceOfOperationsIsThereOnce) {
  EXPECT_EQ(sim::generate::every_concurrent_workload(1, {}), 11U);
  EXPECT_EQ(sim::generate::every_concurrent_workload(2, {}), 66U);
  EXPECT_EQ(sim::generate::every_concurrent_workload(3, {}), 286U);
}

TEST(ConcurrentWorkloads, HoldUnderSomeSchedules) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::string scenario = sim::generate::random_concurrent_workload(seed, 6);
    const ScheduleResult result = explore_schedules(scenario, with(EngineKind::portfolio, 20));
    EXPECT_EQ(result.verdict, Verdict::ended) << "seed " << seed << "\n" << result.text();
  }
}

}  // namespace
