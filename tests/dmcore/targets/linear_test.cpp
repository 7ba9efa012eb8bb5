// SPDX-License-Identifier: GPL-2.0-or-later
// The targets without moving parts: linear, zero and error.
#include <gtest/gtest.h>

#include "dmcore/block/lib.h"
#include "dmcore/targets/targets.h"

#include "tests/rig/dm_machine.h"
#include "tests/rig/letters.h"

namespace {

using dmcore::Errno;
using test::DmMachine;
using test::read_letters;
using test::stored_letters;
using test::write_letters;

TEST(Linear, MapsTheDevicesSectorsFromItsStart) {
  DmMachine bench;
  auto& disk = bench.add_disk(64);
  bench.run([&] {
    auto& linear = bench.make("l", 16, "linear", "/dev/loop0 8");
    EXPECT_EQ(write_letters(linear, 2, "AB"), Errno::ok);
    EXPECT_EQ(stored_letters(disk, 8, 5), "..AB.");
    EXPECT_EQ(read_letters(linear, 0, 4), "..AB");
  });
}

TEST(Linear, ASecondLineBeginsAtItsOwnStart) {
  DmMachine bench;
  auto& disk = bench.add_disk(64);
  bench.run([&] {
    auto& linear = bench.make("l", {{0, 8, "linear", "7:0 32"}, {8, 8, "linear", "7:0 0"}});
    EXPECT_EQ(write_letters(linear, 6, "ABCD"), Errno::ok);
    EXPECT_EQ(stored_letters(disk, 38, 2), "AB");
    EXPECT_EQ(stored_letters(disk, 0, 2), "CD");
  });
}

TEST(Linear, PassesFlushesAndDiscardsOn) {
  DmMachine bench;
  auto& disk = bench.add_disk(64);
  bench.run([&] {
    auto& linear = bench.make("l", 16, "linear", "7:0 8");
    EXPECT_TRUE(issue_flush(linear).ok());
    EXPECT_TRUE(issue_discard(linear, 0, 8).ok());
  });
  EXPECT_EQ(disk.counters.flushes, 1U);
  EXPECT_EQ(disk.counters.discarded_sectors, 8U);
}

TEST(Linear, ShowsDeviceAndStart) {
  DmMachine bench;
  bench.add_disk(64);
  bench.run([&] {
    bench.make("l", 16, "linear", "/dev/loop0 8");
    EXPECT_EQ(bench.table("l"), "7:0 8");
    EXPECT_EQ(bench.status("l"), "");
  });
}

TEST(Linear, RefusesWrongArguments) {
  DmMachine bench;
  bench.add_disk(64);
  bench.run([&] {
    EXPECT_EQ(bench.refusal(8, "linear", "7:0"), "linear: Invalid argument count (-EINVAL)");
    EXPECT_EQ(bench.refusal(8, "linear", "7:0 0 x"), "linear: Invalid argument count (-EINVAL)");
    EXPECT_EQ(bench.refusal(8, "linear", "7:0 x"), "linear: Invalid device sector (-EINVAL)");
    EXPECT_EQ(bench.refusal(8, "linear", "/dev/nope 0"), "linear: Device lookup failed (-ENODEV)");
    EXPECT_EQ(bench.refusal(64, "linear", "7:0 1"),
              "loop0 too small for target: start=1, len=64, dev_size=64");
  });
}

TEST(Linear, TakesNoMessages) {
  DmMachine bench;
  bench.add_disk(64);
  bench.run([&] {
    bench.make("l", 16, "linear", "7:0 0");
    EXPECT_EQ(bench.message("l", "hi"), "EINVAL");
  });
}

TEST(Zero, ReadsZeroesAndForgetsWrites) {
  DmMachine bench;
  bench.run([&] {
    auto& zero = bench.make("z", 64, "zero", "");
    EXPECT_EQ(write_letters(zero, 0, "ABC"), Errno::ok);
    EXPECT_EQ(read_letters(zero, 0, 4), "....");
    EXPECT_EQ(bench.table("z"), "");
    EXPECT_EQ(bench.status("z"), "");
  });
}

TEST(Zero, TakesNoArguments) {
  DmMachine bench;
  bench.run([&] { EXPECT_EQ(bench.refusal(8, "zero", "arg"), "zero: No arguments required (-EINVAL)"); });
}

TEST(Error, FailsReadsAndWritesAndTakesAnyArguments) {
  DmMachine bench;
  bench.run([&] {
    auto& error = bench.make("e", 64, "error", "whatever you like");
    EXPECT_EQ(read_letters(error, 0, 1), "EIO");
    EXPECT_EQ(write_letters(error, 0, "A"), Errno::io);
    EXPECT_EQ(bench.table("e"), "");
  });
}

TEST(Error, HasNothingToFlush) {
  DmMachine bench;
  bench.run([&] { EXPECT_TRUE(issue_flush(bench.make("e", 64, "error", "")).ok()); });
}

TEST(Targets, HaveTheKernelsVersions) {
  std::string text;
  for (const auto& make : dmcore::standard_target_types) {
    const dmcore::TargetType type = make();
    text += fmt::format("{} v{}.{}.{}\n", type.name, type.version[0], type.version[1], type.version[2]);
  }
  EXPECT_EQ(
      text,
      "error v1.5.0\nlinear v1.4.0\nstriped v1.6.0\ndelay v1.3.0\ndust v1.0.0\nflakey v1.5.0\nzero v1.1.0\n");
}

}  // namespace
