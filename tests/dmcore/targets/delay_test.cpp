// SPDX-License-Identifier: GPL-2.0-or-later
// delay: how long, which device, and what suspending does.
#include <gtest/gtest.h>

#include "tests/rig/bio.h"
#include "tests/rig/dm_machine.h"
#include "tests/rig/letters.h"

namespace {

using dmcore::bio_preflush;
using dmcore::BioOp;
using std::chrono::milliseconds;
using test::DmMachine;
using test::read_letters;
using test::stored_letters;
using test::TestBio;
using test::write_letters;

struct Delay : testing::Test {
  DmMachine bench;
  sim::VirtualDisk& a = bench.add_disk(2048);
  sim::VirtualDisk& b = bench.add_disk(2048);
  sim::VirtualDisk& c = bench.add_disk(2048);
};

TEST_F(Delay, WithoutADelayBiosPassAtOnce) {
  bench.run([&] {
    auto& delay = bench.make("d", 64, "delay", "7:0 8 0");
    EXPECT_TRUE(write_letters(delay, 0, "A").ok());
    EXPECT_EQ(stored_letters(a, 8, 1), "A");
    EXPECT_EQ(bench.runtime().now(), milliseconds(0));
  });
}

TEST_F(Delay, HoldsBiosUntilTheJiffyAfterTheirTime) {
  bench.run([&] {
    auto& delay = bench.make("d", 64, "delay", "7:0 0 50");
    EXPECT_EQ(read_letters(delay, 0, 1), ".");
    EXPECT_EQ(bench.runtime().now(), milliseconds(60));
  });
}

TEST_F(Delay, CountsTheBiosItHoldsByClass) {
  bench.run([&] {
    auto& delay = bench.make("d", 64, "delay", "7:0 0 100 7:1 0 200 7:2 0 300");
    TestBio read(delay, BioOp::read, 0, 1);
    TestBio write(delay, BioOp::write, 0, 1, 'A');
    TestBio flush(delay, BioOp::write, 0, 0, '\0', bio_preflush);
    for (TestBio* bio : {&read, &write, &flush}) bio->submit();
    EXPECT_EQ(bench.status("d"), "1 1 1");
    read.wait();
    EXPECT_EQ(bench.status("d"), "0 1 1");
    write.wait();
    EXPECT_EQ(bench.status("d"), "0 0 1");
    flush.wait();
    EXPECT_EQ(bench.status("d"), "0 0 0");
  });
  EXPECT_EQ(a.counters.read_sectors, 1U);
  EXPECT_EQ(b.counters.written_sectors, 1U);
  EXPECT_EQ(c.counters.flushes, 1U);
}

TEST_F(Delay, AnEarlierBioMovesTheTimer) {
  bench.run([&] {
    auto& delay = bench.make("d", 64, "delay", "7:0 0 500 7:0 0 100");
    TestBio late(delay, BioOp::read, 0, 1);
    TestBio early(delay, BioOp::write, 8, 1, 'A');
    late.submit();
    early.submit();
    early.wait();
    EXPECT_EQ(early.ended_at(), milliseconds(110));
    late.wait();
    EXPECT_EQ(late.ended_at(), milliseconds(510));
  });
}

TEST_F(Delay, SuspendingLetsAllGo) {
  bench.run([&] {
    auto& delay = bench.make("d", 64, "delay", "7:0 0 5000");
    TestBio bio(delay, BioOp::write, 0, 1, 'A');
    bio.submit();
    EXPECT_TRUE(bench.suspend("d").ok());
    EXPECT_TRUE(bio.ended());
    EXPECT_EQ(bench.runtime().now(), milliseconds(0));
  });
}

TEST_F(Delay, ResumingDelaysAgain) {
  bench.run([&] {
    auto& delay = bench.make("d", 64, "delay", "7:0 0 50");
    EXPECT_TRUE(bench.suspend("d").ok());
    EXPECT_TRUE(bench.resume("d").ok());
    EXPECT_EQ(read_letters(delay, 0, 1), ".");
    EXPECT_EQ(bench.runtime().now(), milliseconds(60));
  });
}

TEST_F(Delay, ShowsAsManyClassesAsItWasGiven) {
  bench.run([&] {
    bench.make("d3", 64, "delay", "7:0 8 0");
    bench.make("d6", 64, "delay", "7:0 8 0 7:1 16 300");
    bench.make("d9", 64, "delay", "7:0 8 0 7:1 16 300 7:2 0 7");
    EXPECT_EQ(bench.table("d3"), "7:0 8 0");
    EXPECT_EQ(bench.table("d6"), "7:0 8 0 7:1 16 300");
    EXPECT_EQ(bench.table("d9"), "7:0 8 0 7:1 16 300 7:2 0 7");
  });
}

TEST_F(Delay, RefusesWrongArguments) {
  bench.run([&] {
    const auto refusal = [&](const char* params) { return bench.refusal(2048, "delay", params); };
    EXPECT_EQ(refusal("7:0 0"), "delay: Requires exactly 3, 6 or 9 arguments (-EINVAL)");
    EXPECT_EQ(refusal("7:0 0 0 7:1"), "delay: Requires exactly 3, 6 or 9 arguments (-EINVAL)");
    EXPECT_EQ(refusal("7:0 0 x"), "delay: Invalid delay (-EINVAL)");
    EXPECT_EQ(refusal("7:0 x 0"), "delay: Invalid device sector (-EINVAL)");
    EXPECT_EQ(refusal("/dev/nope 0 0"), "delay: Device lookup failed (-ENODEV)");
    EXPECT_EQ(refusal("7:0 8 0"), "loop0 too small for target: start=8, len=2048, dev_size=2048");
  });
}

TEST_F(Delay, GivesBackItsDevicesWhenALaterClassIsWrong) {
  bench.run([&] {
    EXPECT_EQ(bench.refusal(2048, "delay", "7:0 0 0 7:1 0 x"), "delay: Invalid delay (-EINVAL)");
    EXPECT_EQ(a.open_count(), 0U);
  });
}

}  // namespace
