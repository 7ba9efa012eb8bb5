// SPDX-License-Identifier: GPL-2.0-or-later
// striped: where sectors go, and what becomes of devices that fail.
#include <gtest/gtest.h>

#include "dmcore/block/lib.h"
#include "dmcore/dm/mapped_device.h"

#include "tests/rig/bio.h"
#include "tests/rig/dm_machine.h"
#include "tests/rig/letters.h"

namespace {

using dmcore::BioOp;
using dmcore::BlockStatus;
using dmcore::Errno;
using test::DmMachine;
using test::read_letters;
using test::stored_letters;
using test::TestBio;
using test::write_letters;

struct Striped : testing::Test {
  DmMachine bench;
  sim::VirtualDisk& a = bench.add_disk(2048);
  sim::VirtualDisk& b = bench.add_disk(2048);
  sim::VirtualDisk& c = bench.add_disk(2048);
};

TEST_F(Striped, ChunksGoRoundTheDevices) {
  bench.run([&] {
    auto& striped = bench.make("s", 48, "striped", "3 4 7:0 0 7:1 8 7:2 16");
    EXPECT_EQ(write_letters(striped, 0, "DDDDEEEEFFFFAAAABBBBCCCC"), Errno::ok);
    EXPECT_EQ(stored_letters(a, 0, 9), "DDDDAAAA.");
    EXPECT_EQ(stored_letters(b, 8, 9), "EEEEBBBB.");
    EXPECT_EQ(stored_letters(c, 16, 9), "FFFFCCCC.");
    EXPECT_EQ(read_letters(striped, 2, 8), "DDEEEEFF");
  });
}

TEST_F(Striped, SizesNeedNotBePowersOfTwo) {
  bench.run([&] {
    auto& striped = bench.make("s", 36, "striped", "3 3 7:0 0 7:1 0 7:2 0");
    EXPECT_EQ(write_letters(striped, 1, "DDEEEFFFAAABBBCCC"), Errno::ok);
    EXPECT_EQ(stored_letters(a, 0, 7), ".DDAAA.");
    EXPECT_EQ(stored_letters(b, 0, 7), "EEEBBB.");
    EXPECT_EQ(stored_letters(c, 0, 7), "FFFCCC.");
  });
}

TEST_F(Striped, ADiscardIsOnePieceOnEachDevice) {
  bench.run([&] {
    auto& striped = bench.make("s", 3072, "striped", "3 8 7:0 0 7:1 8 7:2 16");
    EXPECT_EQ(TestBio(striped, BioOp::discard, 4, 48).submit().wait(), BlockStatus::ok);
  });
  EXPECT_EQ(a.counters.discarded_sectors, 16U);
  EXPECT_EQ(b.counters.discarded_sectors, 16U);
  EXPECT_EQ(c.counters.discarded_sectors, 16U);
}

TEST_F(Striped, ADiscardWithinAChunkSparesTheOtherDevices) {
  bench.run([&] {
    auto& striped = bench.make("s", 3072, "striped", "3 8 7:0 0 7:1 8 7:2 16");
    EXPECT_EQ(TestBio(striped, BioOp::discard, 10, 4).submit().wait(), BlockStatus::ok);
  });
  EXPECT_EQ(a.counters.discarded_sectors, 0U);
  EXPECT_EQ(b.counters.discarded_sectors, 4U);
  EXPECT_EQ(c.counters.discarded_sectors, 0U);
}

TEST_F(Striped, AFlushGoesToAllDevices) {
  bench.run([&] { EXPECT_TRUE(issue_flush(bench.make("s", 48, "striped", "3 4 7:0 0 7:1 0 7:2 0")).ok()); });
  EXPECT_EQ(a.counters.flushes, 1U);
  EXPECT_EQ(b.counters.flushes, 1U);
  EXPECT_EQ(c.counters.flushes, 1U);
}

TEST_F(Striped, HintsAtItsChunks) {
  bench.run([&] {
    auto& striped = bench.make("s", 3072, "striped", "3 8 7:0 0 7:1 8 7:2 16");
    EXPECT_EQ(striped.limits.io_min, 4096U);
    EXPECT_EQ(striped.limits.io_opt, 12288U);
  });
}

TEST_F(Striped, ShowsItsDevices) {
  bench.run([&] {
    bench.make("s", 3072, "striped", "3 8 7:0 0 7:1 8 7:2 16");
    EXPECT_EQ(bench.table("s"), "3 8 7:0 0 7:1 8 7:2 16");
    EXPECT_EQ(bench.status("s"), "3 7:0 7:1 7:2 1 AAA");
  });
}

TEST_F(Striped, AnErrorMarksAllStripesOnTheDeviceAndIsAnEvent) {
  b.faults().add(0, 1, sim::FaultMap::Fails::reads);
  bench.run([&] {
    auto& striped = bench.make("s", 48, "striped", "3 4 7:0 0 7:1 0 7:1 16");
    EXPECT_EQ(read_letters(striped, 4, 1), "EIO");
    bench.runtime().settle();
    EXPECT_EQ(bench.status("s"), "3 7:0 7:1 7:1 1 ADD");
    EXPECT_EQ(striped.event_nr(), 1U);
  });
}

TEST_F(Striped, ADeviceThatFailedOftenCausesNoMoreEvents) {
  a.faults().add(0, 1, sim::FaultMap::Fails::reads);
  bench.run([&] {
    auto& striped = bench.make("s", 48, "striped", "3 4 7:0 0 7:1 0 7:2 0");
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(read_letters(striped, 0, 1), "EIO");
      bench.runtime().settle();
    }
    EXPECT_EQ(striped.event_nr(), 14U);
  });
}

TEST_F(Striped, WhatIsNotSupportedIsNoError) {
  bench.run([&] {
    auto& striped = bench.make("s", 48, "striped", "3 4 7:0 0 7:1 0 7:2 0");
    a.limits.max_discard_sectors = 0;
    EXPECT_EQ(TestBio(striped, BioOp::discard, 0, 4).submit().wait(), BlockStatus::notsupp);
    EXPECT_EQ(bench.status("s"), "3 7:0 7:1 7:2 1 AAA");
  });
}

TEST_F(Striped, RefusesWrongArguments) {
  bench.run([&] {
    const auto refusal = [&](const char* params, dmcore::sector_t length = 2048) {
      return bench.refusal(length, "striped", params);
    };
    EXPECT_EQ(refusal("2"), "striped: Not enough arguments (-EINVAL)");
    EXPECT_EQ(refusal("0 8"), "striped: Invalid stripe count (-EINVAL)");
    EXPECT_EQ(refusal("x 8"), "striped: Invalid stripe count (-EINVAL)");
    EXPECT_EQ(refusal("2 0 7:0 0 7:1 0"), "striped: Invalid chunk_size (-EINVAL)");
    EXPECT_EQ(refusal("2 8 7:0 0 7:1 0", 2047),
              "striped: Target length not divisible by number of stripes (-EINVAL)");
    EXPECT_EQ(refusal("2 24 7:0 0 7:1 0"), "striped: Target length not divisible by chunk size (-EINVAL)");
    EXPECT_EQ(refusal("2 8 7:0 0"), "striped: Not enough destinations specified (-EINVAL)");
    EXPECT_EQ(refusal("2 8 7:0 x 7:1 0"), "striped: Couldn't parse stripe destination (-EINVAL)");
    EXPECT_EQ(refusal("2 8 7:0 0 /dev/nope 0"), "striped: Couldn't parse stripe destination (-ENODEV)");
    EXPECT_EQ(refusal("2 8 7:0 0 7:1 0", 4112),
              "loop0 too small for target: start=0, len=2056, dev_size=2048");
  });
}

}  // namespace
