// SPDX-License-Identifier: GPL-2.0-or-later
// The target of docs/write-a-target.md; and the reports about its five variants with mistakes.
#include "tests/tutorial/turnstile.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

#include "sim/machine/machine.h"
#include "sim/scenario/replay.h"

#include "tests/rig/bio.h"
#include "tests/rig/dm_machine.h"
#include "tests/rig/letters.h"
#include "tests/support/sample_table.h"
#include "tests/support/source_tree.h"
#include "tests/tutorial/mistakes.h"

namespace {

using dmcore::BioOp;
using sim::scenario::ReplayOutcome;
using std::chrono::seconds;
using test::read_letters;
using test::stored_letters;
using test::TestBio;
using test::write_letters;
using testing::HasSubstr;

struct TurnstileTest : testing::Test {
  TurnstileTest() { EXPECT_TRUE(bench.dm().register_target(tutorial::turnstile_target_type()).ok()); }
  test::DmMachine bench;
  sim::VirtualDisk& disk = bench.add_disk(2048, {.timing = {.read_latency = seconds(1)}});
};

TEST_F(TurnstileTest, MapsItsSectorsToTheDevice) {
  bench.run([&] {
    auto& turnstile = bench.make("t", 64, "turnstile", "7:0 8 1");
    EXPECT_TRUE(write_letters(turnstile, 0, "AB").ok());
    EXPECT_EQ(stored_letters(disk, 8, 2), "AB");
    EXPECT_EQ(read_letters(turnstile, 1, 1), "B");
  });
}

TEST_F(TurnstileTest, TakesTheArgumentsThatItDeclares) {
  const auto refusal_of = [this](const std::vector<std::string>& words) {
    return bench.refusal(64, "turnstile", test::joined(words));
  };
  std::vector<std::string> words = test::sample_arguments(tutorial::turnstile_arguments());
  bench.run([&] {
    EXPECT_EQ(refusal_of(words), "");
    words.back() = "4294967295";
    EXPECT_EQ(refusal_of(words), "");
    words.back() = "4294967296";
    EXPECT_NE(refusal_of(words), "");
    words.pop_back();
    EXPECT_NE(refusal_of(words), "");
  });
}

TEST_F(TurnstileTest, LetsInAsManyAsItsLimit) {
  bench.run([&] {
    auto& turnstile = bench.make("t", 64, "turnstile", "7:0 0 2");
    TestBio a(turnstile, BioOp::read, 0, 1);
    TestBio b(turnstile, BioOp::read, 1, 1);
    TestBio c(turnstile, BioOp::read, 2, 1);
    for (TestBio* bio : {&a, &b, &c}) bio->submit();
    EXPECT_EQ(bench.status("t"), "2 1 2");
    for (TestBio* bio : {&a, &b, &c}) bio->wait();
    EXPECT_EQ(bench.status("t"), "0 0 2");
  });
}

TEST_F(TurnstileTest, WhoeverCameFirstGoesFirst) {
  bench.run([&] {
    auto& turnstile = bench.make("t", 64, "turnstile", "7:0 0 1");
    TestBio a(turnstile, BioOp::read, 0, 1);
    TestBio b(turnstile, BioOp::read, 1, 1);
    TestBio c(turnstile, BioOp::read, 2, 1);
    for (TestBio* bio : {&a, &b, &c}) bio->submit();
    c.wait();
    EXPECT_EQ(a.ended_at(), seconds(1));
    EXPECT_EQ(b.ended_at(), seconds(2));
    EXPECT_EQ(c.ended_at(), seconds(3));
  });
}

TEST_F(TurnstileTest, AMessageSetsTheLimitAndLetsIn) {
  bench.run([&] {
    auto& turnstile = bench.make("t", 64, "turnstile", "7:0 0 0");
    TestBio a(turnstile, BioOp::read, 0, 1);
    TestBio b(turnstile, BioOp::read, 1, 1);
    a.submit();
    b.submit();
    EXPECT_EQ(bench.status("t"), "0 2 0");
    EXPECT_EQ(bench.message("t", "limit 1"), "");
    EXPECT_EQ(bench.status("t"), "1 1 1");
    EXPECT_EQ(bench.table("t"), "7:0 0 1");
    b.wait();
  });
}

TEST_F(TurnstileTest, ALowerLimitHoldsForThoseWhoComeLater) {
  bench.run([&] {
    auto& turnstile = bench.make("t", 64, "turnstile", "7:0 0 2");
    TestBio a(turnstile, BioOp::read, 0, 1);
    TestBio b(turnstile, BioOp::read, 1, 1);
    TestBio c(turnstile, BioOp::read, 2, 1);
    a.submit();
    b.submit();
    EXPECT_EQ(bench.message("t", "limit 1"), "");
    c.submit();
    EXPECT_EQ(bench.status("t"), "2 1 2");
    c.wait();
  });
}

TEST_F(TurnstileTest, SuspendingLetsEverybodyThroughAndResumingClosesAgain) {
  bench.run([&] {
    auto& turnstile = bench.make("t", 64, "turnstile", "7:0 0 0");
    TestBio before(turnstile, BioOp::read, 0, 1);
    before.submit();
    EXPECT_TRUE(bench.suspend("t").ok());
    EXPECT_TRUE(before.ended());
    EXPECT_TRUE(bench.resume("t").ok());
    TestBio after(turnstile, BioOp::read, 0, 1);
    after.submit();
    EXPECT_EQ(bench.status("t"), "0 1 1");
    bench.message("t", "limit 1");
    after.wait();
  });
}

TEST_F(TurnstileTest, RefusesWrongArguments) {
  bench.run([&] {
    const auto refusal = [&](const char* params) { return bench.refusal(2048, "turnstile", params); };
    EXPECT_EQ(refusal("7:0 0"), "turnstile: Invalid argument count (-EINVAL)");
    EXPECT_EQ(refusal("7:0 x 1"), "turnstile: Invalid device sector (-EINVAL)");
    EXPECT_EQ(refusal("7:0 0 -1"), "turnstile: Invalid limit (-EINVAL)");
    EXPECT_EQ(refusal("/dev/nope 0 1"), "turnstile: Device lookup failed (-ENODEV)");
  });
}

TEST_F(TurnstileTest, RefusesWrongMessages) {
  bench.run([&] {
    bench.make("t", 64, "turnstile", "7:0 0 1");
    for (const char* words : {"limit", "limit x", "open 1", "limit 1 2"}) {
      EXPECT_EQ(bench.message("t", words), "EINVAL") << words;
    }
    EXPECT_EQ(bench.table("t"), "7:0 0 1");
  });
}

sim::scenario::ReplayResult replay(const std::string& name, const sim::Schedule& schedule = {}) {
  std::ifstream in(test::source_dir() / "tests/tutorial" / (std::string(name) + ".dms"));
  std::ostringstream text;
  text << in.rdbuf();
  sim::scenario::ReplayOptions options;
  options.schedule = schedule;
  options.prepare = [](sim::Machine& machine) {
    EXPECT_TRUE(machine.dm().register_target(tutorial::turnstile_target_type()).ok());
    for (const auto& type : tutorial::mistaken_target_types()) {
      EXPECT_TRUE(machine.dm().register_target(type).ok());
    }
  };
  return sim::scenario::replay(text.str(), options);
}

sim::Schedule random_schedule(std::uint64_t seed) {
  return {.kind = sim::Schedule::Kind::random, .seed = seed};
}

constexpr std::uint64_t seeds = 40;

TEST(Turnstile, KeepsItsLimitUnderEverySchedule) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto result = replay("limit", random_schedule(seed));
    EXPECT_EQ(result.outcome, ReplayOutcome::ok) << seed << "\n" << result.transcript << result.complaint;
  }
}

TEST(Mistake, ASingleReadFindsNothingWrong) {
  test::DmMachine bench;
  bench.add_disk(2048);
  bench.run([&] {
    for (const auto& type : tutorial::mistaken_target_types()) {
      EXPECT_TRUE(bench.dm().register_target(type).ok());
      EXPECT_EQ(read_letters(bench.make(type.name, 64, type.name, "7:0 0 1"), 0, 1), ".");
    }
  });
}

TEST(Mistake, SubmittingInEndIoIsSleepingInAtomicContext) {
  const auto result = replay("sleeps");
  EXPECT_EQ(result.outcome, ReplayOutcome::stopped);
  EXPECT_THAT(result.complaint,
              HasSubstr("sleeping in atomic context: submit_bio in task 8 'disk completion' (softirq)"));
}

TEST(Mistake, ABioThatIsDroppedIsNamed) {
  const auto result = replay("loses");
  EXPECT_EQ(result.outcome, ReplayOutcome::stopped);
  EXPECT_THAT(result.complaint, HasSubstr("deadlock: no task can run, and some wait"));
  EXPECT_THAT(result.complaint, HasSubstr("bio in flight: read 8+8 on dm-0"));
}

TEST(Mistake, ASuspendThatWaitsForEverIsReported) {
  const auto result = replay("hangs");
  EXPECT_EQ(result.outcome, ReplayOutcome::stopped);
  EXPECT_THAT(result.complaint, HasSubstr("holds 'md suspend_lock', waits for wait queue 'dm suspend'"));
}

TEST(Mistake, TwoLocksInBothOrdersAreReportedThoughNothingDeadlocks) {
  const auto result = replay("inverts");
  EXPECT_EQ(result.outcome, ReplayOutcome::stopped);
  EXPECT_THAT(result.complaint, HasSubstr("lock order: 'turnstile' is taken while 'diary' is held"));
}

TEST(Mistake, ARaceIsFoundBySomeSchedulesOnly) {
  EXPECT_EQ(replay("races").outcome, ReplayOutcome::ok);
  std::uint64_t found = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    if (replay("races", random_schedule(seed)).outcome == ReplayOutcome::mismatch) ++found;
  }
  EXPECT_GT(found, 0U);
  EXPECT_LT(found, seeds);
}

}  // namespace
