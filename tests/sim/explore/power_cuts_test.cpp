// SPDX-License-Identifier: GPL-2.0-or-later
// Exploring the power cuts of scenarios: what holds, and what is found.
#include "sim/explore/power_cuts.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/dm/target.h"

#include "sim/defects/catalogue.h"
#include "sim/explore/cut_token.h"
#include "sim/generate/power_cut.h"
#include "sim/machine/machine.h"

#include "tests/sim/explore/forgetful.h"

namespace {

using sim::explore::CrashReport;
using sim::explore::explore_power_cuts;
using sim::explore::Oracle;
using sim::explore::PowerCutOptions;
using sim::explore::PowerCutResult;
using sim::explore::replay_power_cuts;
using sim::explore::Verdict;
using testing::HasSubstr;

const std::string clone =
    "disk loop0 4M\ndisk loop1 32\ndisk loop2 32\nwrite loop2 0 32 @S\nflush loop2\n"
    "dmsetup create c --table '0 32 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration'\n";

PowerCutOptions with_forgetful_targets() {
  PowerCutOptions options;
  options.workload.machine.prepare = test::register_forgetful_targets;
  return options;
}

TEST(PowerCuts, OfACloneAllHold) {
  const PowerCutResult result = explore_power_cuts(
      clone +
      "write c 0 8 @A\nwrite c 9 2 @B\nflush c\nwrite c 2 3 @C fua\ndiscard c 16 8\nwrite c 24 1 @D\n");
  EXPECT_TRUE(result.holds()) << result.text();
  EXPECT_GT(result.report.distinct, 30U);
  EXPECT_GT(result.report.later_cuts, 10U);
  EXPECT_GT(result.report.branches, 0U);
}

TEST(PowerCuts, OfALinearDeviceAllHold) {
  const PowerCutResult result = explore_power_cuts(
      "disk a 1M\ndmsetup create l --table '0 16 linear /dev/a 0'\nwrite l 0 8 @A\nflush l\nwrite l "
      "4 8 @B\nwrite l 2 1 @C fua\n");
  EXPECT_TRUE(result.holds()) << result.text();
}

TEST(PowerCuts, OfAStackAllHold) {
  const PowerCutResult result = explore_power_cuts(
      clone + "dmsetup create top --table '0 32 linear /dev/mapper/c 0'\nwrite top 3 9 @A\nflush top\n");
  EXPECT_TRUE(result.holds()) << result.text();
  EXPECT_TRUE(result.report.not_judged.empty());
}

TEST(PowerCuts, ATargetThatForgetsFlushesLosesWrites) {
  const PowerCutResult result = explore_power_cuts(
      "disk a 1M\ndmsetup create f --table '0 16 forgets-flushes /dev/a 0'\nwrite f 8 8 @Z\nwrite f 0 8 "
      "@A\nflush f\nwrite f 9 1 @Y\n",
      with_forgetful_targets());
  ASSERT_EQ(result.verdict, Verdict::found) << result.text();
  EXPECT_EQ(result.report.violation->oracle, Oracle::contract);
  EXPECT_EQ(result.scenario,
            "disk a 1M\ndmsetup create f --table '0 16 forgets-flushes /dev/a 0'\nwrite f 8 8 @Z\nflush f\n");
  EXPECT_THAT(result.retraced, HasSubstr("contract: sector 8 of f may be zero; it must be @Z\n"));
}

// Linux flushes after such a write of a program, but a file system relies on the write alone.
TEST(PowerCuts, AFuaWriteIsDurableBeforeTheFlushThatFollowsIt) {
  const PowerCutResult result = explore_power_cuts(
      "disk a 1M\ndmsetup create f --table '0 16 forgets-fua /dev/a 0'\nwrite f 0 8 @A fua\n",
      with_forgetful_targets());
  ASSERT_EQ(result.verdict, Verdict::found) << result.text();
  EXPECT_EQ(result.report.violation->oracle, Oracle::contract);
  EXPECT_THAT(result.retraced, HasSubstr("contract: sector 0 of f may be zero; it must be @A\n"));
}

TEST(PowerCuts, ATokenRepeatsWhatWasFound) {
  PowerCutOptions options = with_forgetful_targets();
  const PowerCutResult result = explore_power_cuts(
      "disk a 1M\ndmsetup create f --table '0 16 forgets-flushes /dev/a 0'\nwrite f 0 8 @A\nflush f\n",
      options);
  const auto replayed = replay_power_cuts(result.scenario, result.token, options.workload);
  EXPECT_TRUE(replayed.followed);
  EXPECT_TRUE(replayed.reproduced);
  EXPECT_EQ(replayed.text, result.retraced);
}

TEST(PowerCuts, ATokenIsOfOneScenario) {
  const auto replayed = replay_power_cuts("disk a 1M\n", "cut1:4f1c09d2a77b:fifo:halves:118:contract:0:f");
  EXPECT_FALSE(replayed.followed);
  EXPECT_THAT(replayed.complaint, HasSubstr("the token is of another scenario"));
}

TEST(PowerCuts, ADeviceThatDoesNotStartIsFound) {
  PowerCutOptions options = with_forgetful_targets();
  options.workload.metadata = {"a"};
  const PowerCutResult result = explore_power_cuts(
      "disk a 1M\ndmsetup create f --table '0 16 fears-letters /dev/a 0'\nwrite f 0 8 Q\n", options);
  ASSERT_EQ(result.verdict, Verdict::found) << result.text();
  EXPECT_EQ(result.report.violation->oracle, Oracle::starts);
  EXPECT_THAT(result.retraced, HasSubstr("starts: f: "));
}

TEST(PowerCuts, AnOracleThatIsNotAskedFindsNothing) {
  PowerCutOptions options = with_forgetful_targets();
  options.settings.oracles[static_cast<std::size_t>(Oracle::contract)] = false;
  const PowerCutResult result = explore_power_cuts(
      "disk a 1M\ndmsetup create f --table '0 16 forgets-flushes /dev/a 0'\nwrite f 0 8 @A\nflush f\n",
      options);
  EXPECT_TRUE(result.holds()) << result.text();
}

// The other oracles that see a loss of data left out, as --no-contract and --no-stable do.
PowerCutOptions asking_what_is_hydrated() {
  PowerCutOptions options;
  options.settings.oracles[static_cast<std::size_t>(Oracle::contract)] = false;
  options.settings.oracles[static_cast<std::size_t>(Oracle::stable)] = false;
  return options;
}

TEST(PowerCuts, WhatIsHydratedOnDiskIsDurableOnTheDestination) {
  const std::string scenario = clone + "write c 0 8 @A\ndiscard c 8 8\nsleep 2\n";
  PowerCutOptions options = asking_what_is_hydrated();
  EXPECT_TRUE(explore_power_cuts(scenario, options).holds());
  options.workload.machine.defects.put_in(dmcore::Defect::commit_before_flush);
  const PowerCutResult result = explore_power_cuts(scenario, options);
  ASSERT_EQ(result.verdict, Verdict::found) << result.text();
  EXPECT_EQ(result.report.violation->oracle, Oracle::hydrated);
  EXPECT_THAT(
      result.retraced,
      HasSubstr("hydrated: sector 0 of c is hydrated on disk, and may be zero; it must be @S or @A\n"));
}

TEST(PowerCuts, ACloneThatWasHydratedBeforeHasNothingStale) {
  const PowerCutResult result = explore_power_cuts(
      clone +
          "write c 0 32 @A\nflush c\ndmsetup remove c\nwrite loop1 0 8 @B\n"
          "dmsetup create again --table '0 32 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration'\n"
          "read again 0 8\n",
      asking_what_is_hydrated());
  EXPECT_TRUE(result.holds()) << result.text();
}

TEST(PowerCuts, ADeviceWhoseDiskIsWrittenDirectlyIsNotJudged) {
  const PowerCutResult result =
      explore_power_cuts(clone + "write c 0 8 @A\nflush c\nwrite loop1 0 8 @B\nflush loop1\n");
  EXPECT_TRUE(result.holds()) << result.text();
  EXPECT_THAT(result.report.not_judged, testing::ElementsAre("c: loop1 is written directly"));
}

// What was written through `top` is in memory only when `top` is removed; then the clone commits it.
TEST(PowerCuts, ADeviceThatHasBeenBelowAnotherIsNotJudged) {
  const PowerCutResult result =
      explore_power_cuts(clone +
                         "dmsetup create top --table '0 32 linear /dev/mapper/c 0'\nwrite top 0 1 @A\n"
                         "dmsetup remove top\ndmsetup remove c\n"
                         "dmsetup create c --table '0 32 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 "
                         "no_hydration'\n");
  EXPECT_TRUE(result.holds()) << result.text();
  EXPECT_THAT(result.report.not_judged, testing::ElementsAre("c: it was below another device before"));
}

TEST(PowerCuts, ASourceThatIsWrittenIsFound) {
  const PowerCutResult result = explore_power_cuts(
      clone + "dmsetup create below --table '0 32 linear /dev/loop2 0'\nread c 0 8\nwrite below 4 1 @X\n");
  ASSERT_EQ(result.verdict, Verdict::found) << result.text();
  EXPECT_EQ(result.report.violation->oracle, Oracle::source);
  EXPECT_THAT(result.retraced, HasSubstr("source: sector 4 of loop2 is written\n"));
}

TEST(PowerCuts, ASourceThatAProgramWritesItselfIsItsOwnBusiness) {
  const PowerCutResult result = explore_power_cuts(clone + "write loop2 4 1 @X\n");
  EXPECT_TRUE(result.holds()) << result.text();
}

// What was hydrated for good stays so when the device is opened again.
TEST(PowerCuts, ADeviceMayBeOpenedAgain) {
  const PowerCutResult result =
      explore_power_cuts(clone +
                         "write c 0 8 @A\nflush c\ndmsetup remove c\n"
                         "dmsetup create c --table '0 32 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 "
                         "no_hydration'\nwrite c 8 8 @B\n");
  EXPECT_TRUE(result.holds()) << result.text();
}

// Many cuts, few of which tell anything new.
std::string many_writes() {
  std::string text = clone;
  for (unsigned i = 0; i < 100; ++i)
    text += fmt::format("write c {} 1 @{}\n", i % 8, static_cast<char>('A' + i % 20));
  return text;
}

TEST(PowerCuts, ABudgetEndsTheSearchButForSamples) {
  PowerCutOptions options;
  options.settings.cuts_max = 5;
  const PowerCutResult result = explore_power_cuts(many_writes(), options);
  EXPECT_EQ(result.verdict, Verdict::ended);
  EXPECT_EQ(result.report.distinct - result.report.samples, 5U);
  EXPECT_GT(result.report.samples, 0U);
  const sim::explore::CrashReport all = explore_power_cuts(many_writes()).report;
  EXPECT_EQ(result.report.recoveries, all.recoveries);
  EXPECT_LT(result.report.distinct, all.distinct / 2);
}

// What is wrong is far behind the budget.
TEST(PowerCuts, SamplesAreThoseThatMayTellSomethingNew) {
  PowerCutOptions options;
  options.settings.cuts_max = 1;
  options.settings.orders_max = 0;
  options.workload.machine.defects.put_in(dmcore::Defect::commit_before_flush);
  const PowerCutResult result = explore_power_cuts(many_writes() + "flush c\n", options);
  EXPECT_EQ(result.verdict, Verdict::found);
  EXPECT_GT(result.report.samples, 0U);
}

TEST(PowerCuts, ABudgetThatIsEnoughMakesNoDifference) {
  PowerCutOptions options;
  options.settings.cuts_max = 1000000;
  const PowerCutResult result = explore_power_cuts(clone + "write c 0 8 @A\n", options);
  EXPECT_TRUE(result.holds()) << result.text();
  EXPECT_EQ(result.report.samples, 0U);
}

TEST(PowerCuts, WhoGivesUpIsAsked) {
  PowerCutOptions options;
  options.settings.give_up = [] { return true; };
  const PowerCutResult result = explore_power_cuts(clone + "write c 0 8 @A\n", options);
  EXPECT_EQ(result.verdict, Verdict::ended);
  EXPECT_TRUE(result.report.interrupted);
}

// Devices below a clone have no contract of their own as soon as it is there, also if it is about to be.
TEST(PowerCuts, OfAStackAreJudgedAtItsTop) {
  const std::string disks = "disk m 4M\ndisk d 32\ndisk s 32\nwrite s 0 32 @S\nflush s\n";
  const PowerCutResult result = explore_power_cuts(
      disks +
      "dmsetup create ld --table '0 32 linear /dev/d 0'\ndmsetup create lm --table '0 8192 linear /dev/m 0'\n"
      "dmsetup create c --table '0 32 clone /dev/mapper/lm /dev/mapper/ld /dev/s 8 1 no_hydration'\n"
      "dmsetup create top --table '0 32 linear /dev/mapper/c 0'\nwrite top 0 8 @A\nflush top\n");
  EXPECT_TRUE(result.holds()) << result.text();
}

// Metadata and data may be on one disk, as with LVM: only the metadata are looked at.
TEST(PowerCuts, OfPartsOfOneDisk) {
  const std::string scenario =
      "disk pv 8M\ndisk s 1024\nwrite s 0 1024 @S\nflush s\n"
      "dmsetup create m --table '0 8192 linear /dev/pv 8'\ndmsetup create d --table '0 1024 linear /dev/pv "
      "8200'\n"
      "dmsetup create c --table '0 1024 clone /dev/mapper/m /dev/mapper/d /dev/s 8 1 no_hydration'\n"
      "write c 0 8 @A\nflush c\nwrite c 4 4 @B\nwrite c 64 512 @C\nflush c\nwrite c 64 512 @D\n";
  PowerCutOptions options;
  options.settings.recoveries_max = 50;
  const PowerCutResult result = explore_power_cuts(scenario, options);
  EXPECT_TRUE(result.holds()) << result.text();
  options.workload.machine.defects.put_in(dmcore::Defect::flush_uncommitted);
  EXPECT_EQ(explore_power_cuts(scenario, options).verdict, Verdict::found);
}

// The source is among the metadata, so that each of its blocks that is not durable is one more question.
TEST(PowerCuts, TooManyRecoveriesEndTheSearch) {
  PowerCutOptions options;
  options.settings.recoveries_max = 40;
  std::string scenario = "disk m 4M\ndisk d 2048\nwrite m 0 8 zero\nflush m\n";
  for (int i = 0; i < 20; ++i) scenario += fmt::format("write m {} 8 @M\n", 1024 + 8 * i);
  const PowerCutResult result = explore_power_cuts(
      scenario + "dmsetup create c --table '0 2048 clone /dev/m /dev/d /dev/m 8 1 no_hydration'\n", options);
  EXPECT_EQ(result.verdict, Verdict::ended);
  EXPECT_TRUE(result.report.too_many_recoveries);
  EXPECT_EQ(result.report.recoveries, 40U);
}

// A device that is about to be hidden is looked at as it is.
TEST(PowerCuts, OfADeviceBeforeOthersAreSetUpOnIt) {
  PowerCutOptions options = with_forgetful_targets();
  const PowerCutResult result = explore_power_cuts(
      "disk d 32\ndmsetup create f --table '0 32 forgets-flushes /dev/d 0'\n"
      "write f 0 8 @A\nflush f\nwrite f 8 8 @B\n"
      "dmsetup create top --table '0 32 linear /dev/mapper/f 0'\n",
      options);
  EXPECT_EQ(result.verdict, Verdict::found);
  EXPECT_THAT(result.retraced, HasSubstr("of f may be"));
}

// Half of the zeroes reach the metadata, or none do: the next clone has other regions than those of before.
const std::string wiped_clone =
    clone +
    "write c 0 8 @A\nflush c\ndmsetup remove c\nwrite loop0 0 8 zero\n"
    "dmsetup create c --table '0 32 clone /dev/loop0 /dev/loop1 /dev/loop2 16 1 no_hydration'\n"
    "write c 0 16 @B\nflush c\n";

TEST(PowerCuts, MetadataThatAProgramRewritesAreItsOwnBusiness) {
  const PowerCutResult result = explore_power_cuts(wiped_clone);
  EXPECT_TRUE(result.holds()) << result.text();
}

TEST(PowerCuts, OfTheNextCloneAreLookedAtAgain) {
  PowerCutOptions options;
  options.workload.machine.defects.put_in(dmcore::Defect::commit_before_flush);
  // The first clone has nothing to lose, unless it is started and copies.
  options.settings.depth = 1;
  const PowerCutResult result = explore_power_cuts(
      clone +
          "dmsetup remove c\nwrite loop0 0 8 zero\n"
          "dmsetup create c --table '0 32 clone /dev/loop0 /dev/loop1 /dev/loop2 16 1 no_hydration'\n"
          "write c 0 16 @B\nflush c\n",
      options);
  EXPECT_EQ(result.verdict, Verdict::found);
}

TEST(PowerCuts, NothingIsExpectedOfATargetThatLosesWhatIsWritten) {
  const PowerCutResult result = explore_power_cuts(
      "disk m 4M\ndisk d 32\ndisk s 32\nwrite s 0 32 @S\nflush s\n"
      "dmsetup create ld --table '0 32 linear /dev/d 0'\n"
      "dmsetup create c --table '0 32 clone /dev/m /dev/mapper/ld /dev/s 8 1 no_hydration'\n"
      "write c 0 8 @A\nflush c\ndmsetup load ld --table '0 32 flakey /dev/d 0 0 3600 1 drop_writes'\n"
      "dmsetup suspend ld\ndmsetup resume ld\nwrite c 8 8 @B\nflush c\n");
  EXPECT_TRUE(result.holds()) << result.text();
  EXPECT_THAT(result.report.not_judged,
              testing::Contains("c: it is on a target that may lose what is written, flakey"));
}

// A source that fails loses nothing that was written to the clone; nor does one that cannot be read excuse
// metadata that are damaged.
TEST(PowerCuts, ASourceThatFailsOnPurposeIsNoExcuse) {
  const std::string before =
      "disk m 4M\ndisk d 32\ndisk s 32\nwrite s 0 32 @S\nflush s\n"
      "dmsetup create fs --table '0 32 flakey /dev/s 0 60 5'\n";
  const std::string after =
      "dmsetup create c --table '0 32 clone /dev/m /dev/d /dev/mapper/fs 8 1 no_hydration'\n"
      "write c 0 8 @A\nflush c\nwrite c 8 8 @B\n";
  EXPECT_TRUE(explore_power_cuts(before + after).holds());
  PowerCutOptions options;
  options.workload.machine.defects.put_in(dmcore::Defect::commit_before_flush);
  EXPECT_EQ(explore_power_cuts(before + after, options).verdict, Verdict::found);
  PowerCutOptions damaged;
  damaged.workload.machine.defects.put_in(dmcore::Defect::superblock_with_blocks);
  const PowerCutResult result =
      explore_power_cuts(before + "dmsetup create e --table '0 8 error'\n" + after, damaged);
  ASSERT_EQ(result.verdict, Verdict::found);
  EXPECT_EQ(result.report.violation->oracle, Oracle::metadata);
}

TEST(PowerCuts, ADiskMayBeSourceAndDestination) {
  const PowerCutResult result = explore_power_cuts(
      "disk m 4M\ndisk d 32\nwrite d 0 32 @S\n"
      "dmsetup create c --table '0 32 clone /dev/m /dev/d /dev/d 8 1 no_hydration'\n"
      "write c 0 8 @A\nflush c\n");
  EXPECT_TRUE(result.holds()) << result.text();
}

TEST(PowerCuts, AScenarioWithoutADeviceIsAMistake) {
  const PowerCutResult result = explore_power_cuts("disk a 1M\nwrite a 0 8 A\n");
  EXPECT_EQ(result.verdict, Verdict::mistake);
  EXPECT_THAT(result.complaint, HasSubstr("-:2: the scenario ends, and no device was ever set up"));
}

TEST(PowerCuts, AMistakeIsSaid) {
  const PowerCutResult result = explore_power_cuts("disk a 1M\nwrit a 0 8 A\n");
  EXPECT_EQ(result.verdict, Verdict::mistake);
  EXPECT_THAT(result.complaint, HasSubstr("-:2:"));
}

TEST(PowerCuts, ACrashCommandHasNoPlaceWhereEveryMomentIsCut) {
  PowerCutOptions options;
  options.settings.oracles[static_cast<std::size_t>(Oracle::expect)] = false;
  const PowerCutResult result = explore_power_cuts("disk a 1M\ncrash\n", options);
  EXPECT_EQ(result.verdict, Verdict::mistake);
  EXPECT_THAT(result.complaint, HasSubstr("-:2: crash: "));
}

TEST(PowerCuts, TheSameScenarioGivesTheSameReport) {
  const std::string scenario = sim::generate::random_power_cut_workload(3, 40);
  const PowerCutResult one = explore_power_cuts(scenario);
  const PowerCutResult two = explore_power_cuts(scenario);
  EXPECT_TRUE(one.holds()) << one.text();
  EXPECT_EQ(one.report.distinct, two.report.distinct);
  EXPECT_EQ(one.report.looked_at, two.report.looked_at);
  EXPECT_EQ(one.report.recoveries, two.report.recoveries);
}

// Without the exceptions of docs/findings.md.
PowerCutResult explore_with_known_bugs(const std::string& scenario) {
  PowerCutOptions options;
  options.workload.machine.finds_known_bugs = true;
  return explore_power_cuts(scenario, options);
}

// A known bug: it is excepted, and counted; it is found if it is not excepted; and the repair is sufficient.
struct KnownBug {
  dmcore::Fix fix;
  std::uint64_t CrashReport::*count;
};
constexpr KnownBug discard_under_copy = {dmcore::Fix::discard_under_copy, &CrashReport::copies_over_discards};
constexpr KnownBug fua_overwrite = {dmcore::Fix::fua_overwrite, &CrashReport::early_fua_writes};

void expect_known_bug(const std::string& scenario, const KnownBug& bug) {
  const PowerCutResult result = explore_power_cuts(scenario);
  EXPECT_TRUE(result.holds()) << result.text();
  EXPECT_GT(result.report.*bug.count, 0U);
  const PowerCutResult found = explore_with_known_bugs(scenario);
  ASSERT_EQ(found.verdict, Verdict::found);
  EXPECT_EQ(found.report.violation->oracle, Oracle::contract);
  EXPECT_TRUE(replay_power_cuts(found.scenario, found.token).reproduced);
  PowerCutOptions repaired;
  repaired.workload.machine.fixes.put_in(bug.fix);
  const PowerCutResult holds = explore_power_cuts(scenario, repaired);
  EXPECT_TRUE(holds.holds()) << holds.text();
  EXPECT_EQ(holds.report.*bug.count, 0U);
}

TEST(PowerCuts, TheKnownBugOfDiscardsUnderACopyIsExcepted) {
  expect_known_bug(
      "disk loop0 4M\ndisk loop1 24\ndisk loop2 24 read_latency=400ms\n"
      "dmsetup create c --table '0 24 clone /dev/loop0 /dev/loop1 /dev/loop2 8'\n"
      "discard c 0 8 &\nwrite c 0 8 @A\nwrite c 17 3 @C fua\n",
      discard_under_copy);
}

// Also where the copy was on its way to the destination, even before the clone could be used, and what is
// written after the discard overtakes it.
TEST(PowerCuts, TheKnownBugIsExceptedWhereTheCopyIsBeingWritten) {
  for (const std::string reads : {"", " read_latency=5ms"}) {
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
      PowerCutOptions options;
      options.workload.schedule = {sim::Schedule::Kind::random, seed};
      const PowerCutResult result = explore_power_cuts(
          fmt::format("disk loop0 4M\ndisk loop1 8 discard=off write_latency=10ms\ndisk loop2 8{}\n"
                      "dmsetup create c --table '0 8 clone /dev/loop0 /dev/loop1 /dev/loop2 8'\n{}"
                      "discard c 0 8\nwrite c 0 1 @A\nflush c\n",
                      reads, reads.empty() ? "" : "sleep 7ms\n"),
          options);
      EXPECT_TRUE(result.holds()) << result.text();
      EXPECT_EQ(result.report.copies_over_discards, 1U);
    }
  }
}

// Also where programs use the clone through another device.
TEST(PowerCuts, TheKnownBugIsExceptedAboveTheCloneToo) {
  expect_known_bug(
      "disk loop0 4M\ndisk loop1 24\ndisk loop2 24 read_latency=400ms\n"
      "dmsetup create c --table '0 24 clone /dev/loop0 /dev/loop1 /dev/loop2 8'\n"
      "dmsetup create top --table '0 24 linear /dev/mapper/c 0'\n"
      "discard top 0 8 &\nwrite top 0 8 @A\nwrite top 17 3 @C fua\n",
      discard_under_copy);
}

// Also where that device is taken down while the clone still copies.
TEST(PowerCuts, TheKnownBugIsExceptedAfterTheDeviceAboveIsGone) {
  expect_known_bug(
      "disk loop0 4M\ndisk loop1 8\ndisk loop2 8\n"
      "dmsetup create s --table '0 8 delay /dev/loop2 0 30'\n"
      "dmsetup create c --table '0 8 clone /dev/loop0 /dev/loop1 /dev/mapper/s 8'\n"
      "dmsetup create top --table '0 8 linear /dev/mapper/c 0'\n"
      "discard top 0 8\nwrite top 0 1 @A\ndmsetup remove top\ndmsetup remove c\n"
      "dmsetup create c --table '0 8 clone /dev/loop0 /dev/loop1 /dev/mapper/s 8'\n"
      "dmsetup create top --table '0 8 linear /dev/mapper/c 0'\nflush top\n",
      discard_under_copy);
}

// Also where the source is no disk.
TEST(PowerCuts, TheKnownBugIsExceptedBelowOtherDevices) {
  expect_known_bug(
      "disk loop0 4M\ndisk loop1 96\ndisk loop2 96 read_latency=150ms flush_latency=10ms\n"
      "dmsetup create s --table '0 96 dust /dev/loop2 0 512'\n"
      "dmsetup create c --table '0 96 clone /dev/loop0 /dev/loop1 /dev/mapper/s 16 1 no_hydration'\n"
      "write c 89 1 @E &\ndiscard c 80 16\nwrite c 87 9 @I\nflush c\n",
      discard_under_copy);
}

TEST(PowerCuts, TheKnownBugOfFuaWithoutAWriteCacheIsExcepted) {
  expect_known_bug(
      "disk loop0 4M\ndisk loop1 24 cache=writethrough\ndisk loop2 24\nwrite loop2 0 24 @S\nflush loop2\n"
      "dmsetup create c --table '0 24 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration'\n"
      "write c 0 8 @A fua\n",
      fua_overwrite);
}

TEST(PowerCuts, TheKnownBugIsExceptedWhereTheDestinationIsNoDisk) {
  expect_known_bug(
      "disk loop0 4M\ndisk loop1 24 cache=writethrough\ndisk loop2 24\nwrite loop2 0 24 @S\nflush loop2\n"
      "dmsetup create d --table '0 24 linear /dev/loop1 0'\n"
      "dmsetup create c --table '0 24 clone /dev/loop0 /dev/mapper/d /dev/loop2 8 1 no_hydration'\n"
      "write c 8 8 @A fua\n",
      fua_overwrite);
}

// What is not that bug holds: of parts of regions, of hydrated ones, and with a write cache.
TEST(PowerCuts, OtherFuaWritesAreDurableWhenTheyEnd) {
  const std::string source = "\ndisk loop2 24\nwrite loop2 0 24 @S\nflush loop2\n";
  const std::string create =
      "dmsetup create c --table '0 24 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration'\n";
  const std::string through = "disk loop0 4M\ndisk loop1 24 cache=writethrough" + source + create;
  const std::string back = "disk loop0 4M\ndisk loop1 24" + source + create;
  for (const std::string& scenario :
       {through + "write c 3 3 @A fua\n", through + "write c 8 8 @A\nwrite c 8 8 @B fua\n",
        back + "write c 8 8 @A fua\n"}) {
    const PowerCutResult result = explore_with_known_bugs(scenario);
    EXPECT_TRUE(result.holds()) << result.text();
  }
}

TEST(EveryPowerCutWorkload, OfTwoOperationsHolds) {
  std::uint64_t explored = 0;
  const std::uint64_t count = sim::generate::every_power_cut_workload(2, [&](const std::string& scenario) {
    const PowerCutResult result = explore_power_cuts(scenario);
    ASSERT_TRUE(result.holds()) << result.text();
    ++explored;
  });
  EXPECT_EQ(count, 98U);
  EXPECT_EQ(explored, count);
}

class RandomPowerCutWorkload : public testing::TestWithParam<std::uint64_t> {};
TEST_P(RandomPowerCutWorkload, Holds) {
  for (const auto tear : {sim::explore::Tear::halves, sim::explore::Tear::sectors}) {
    PowerCutOptions options;
    options.settings.tear = tear;
    options.workload.schedule = {sim::Schedule::Kind::random, GetParam()};
    const PowerCutResult result =
        explore_power_cuts(sim::generate::random_power_cut_workload(GetParam(), 50), options);
    EXPECT_TRUE(result.holds()) << result.text();
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomPowerCutWorkload, testing::Range<std::uint64_t>(1, 21));

// The flush is acknowledged before the metadata are written: in the run that first in, first out makes a
// commit of before comes in between, which the flush does not wait for.
const std::string flush_during_commit =
    "disk loop0 4M read_latency=150ms flush_latency=10ms\ndisk loop1 56 write_latency=10ms "
    "flush_latency=400ms\n"
    "disk loop2 56\ndmsetup create s --table '0 56 dust /dev/loop2 0 512'\n"
    "dmsetup create c --table '0 56 clone /dev/loop0 /dev/loop1 /dev/mapper/s 8'\nflush c\ndiscard c 32 8 &\n"
    "flush c\nwrite c 32 8 @A fua &\nflush c\nflush c &\nwrite c 41 10 @B\ndmsetup suspend c\n"
    "dmsetup resume c\nwrite c 30 16 @D &\nflush c\n";

PowerCutOptions with_flush_during_commit() {
  PowerCutOptions options;
  options.workload.machine.defects.put_in(sim::defect_named("flush-during-commit").value());
  options.shrink = false;
  return options;
}

TEST(PowerCuts, AnotherOrderOfTheEventsShowsWhatTheirOwnDoesNot) {
  PowerCutOptions options = with_flush_during_commit();
  EXPECT_EQ(explore_power_cuts(flush_during_commit, options).verdict, Verdict::found);
  options.settings.orders_max = 0;
  const PowerCutResult one_order = explore_power_cuts(flush_during_commit, options);
  EXPECT_TRUE(one_order.holds()) << one_order.text();
  EXPECT_EQ(one_order.report.reordered, 0U);
}

TEST(PowerCuts, ATokenRepeatsAnotherOrder) {
  const PowerCutOptions options = with_flush_during_commit();
  const PowerCutResult result = explore_power_cuts(flush_during_commit, options);
  ASSERT_EQ(result.verdict, Verdict::found);
  EXPECT_THAT(result.token, HasSubstr("~"));
  EXPECT_THAT(result.retraced, HasSubstr("\n  but before "));
  const auto replayed = replay_power_cuts(result.scenario, result.token, options.workload);
  EXPECT_TRUE(replayed.reproduced) << replayed.complaint;
  EXPECT_EQ(replayed.text, result.retraced);
}

TEST(PowerCuts, ATokenOfAnOrderThatCannotBeIsRefused) {
  const std::string scenario = clone + "write c 0 8 @A\nflush c\n";
  const std::string token =
      fmt::format("cut1:{}:fifo:halves:{}:contract:0:c", sim::explore::scenario_hash(scenario), "12~10");
  const auto replayed = replay_power_cuts(scenario, token);
  EXPECT_FALSE(replayed.followed);
  EXPECT_THAT(replayed.complaint,
              HasSubstr("the token is of another run: its events cannot happen in that order"));
}

TEST(PowerCuts, OrdersBeyondTheBudgetAreLeftOutAndThatIsSaid) {
  PowerCutOptions options;
  const std::string scenario = clone + "dmsetup message c 0 enable_hydration\nsleep 2s\n";
  const PowerCutResult all = explore_power_cuts(scenario, options);
  EXPECT_TRUE(all.report.orders_complete);
  ASSERT_GT(all.report.reordered, 3U);
  options.settings.orders_max = 2;
  const PowerCutResult some = explore_power_cuts(scenario, options);
  EXPECT_FALSE(some.report.orders_complete);
  EXPECT_LT(some.report.reordered, all.report.reordered);
  EXPECT_EQ(some.report.cuts, all.report.cuts);
}

}  // namespace
