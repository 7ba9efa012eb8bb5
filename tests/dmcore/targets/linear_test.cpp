// SPDX-License-Identifier: GPL-2.0-or-later
// The targets without moving parts: linear, zero and error.
#include <gtest/gtest.h>

#include "dmcore/block/lib.h"
#include "dmcore/targets/targets.h"

#include "tests/support/target_bench.h"

namespace {

using test::read_text;
using test::stored_text;
using test::TargetBench;
using test::write_text;

TEST(Linear, MapsTheDevicesSectorsFromItsStart) {
  TargetBench bench;
  auto& disk = bench.add_disk(64);
  bench.run([&] {
    auto& linear = bench.make("l", 16, "linear", "/dev/loop0 8");
    write_text(linear, 2, "AB");
    EXPECT_EQ(stored_text(disk, 8, 5), "..AB.");
    EXPECT_EQ(read_text(linear, 0, 4), "..AB");
  });
}

TEST(Linear, ASecondLineBeginsAtItsOwnStart) {
  TargetBench bench;
  auto& disk = bench.add_disk(64);
  bench.run([&] {
    auto& linear = bench.make("l", {{0, 8, "linear", "7:0 32"}, {8, 8, "linear", "7:0 0"}});
    write_text(linear, 6, "ABCD");
    EXPECT_EQ(stored_text(disk, 38, 2), "AB");
    EXPECT_EQ(stored_text(disk, 0, 2), "CD");
  });
}

TEST(Linear, PassesFlushesAndDiscardsOn) {
  TargetBench bench;
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
  TargetBench bench;
  bench.add_disk(64);
  bench.run([&] {
    bench.make("l", 16, "linear", "/dev/loop0 8");
    EXPECT_EQ(bench.table("l"), "7:0 8");
    EXPECT_EQ(bench.status("l"), "");
  });
}

TEST(Linear, RefusesWrongArguments) {
  TargetBench bench;
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
  TargetBench bench;
  bench.add_disk(64);
  bench.run([&] {
    bench.make("l", 16, "linear", "7:0 0");
    EXPECT_EQ(bench.message("l", "hi"), "EINVAL");
  });
}

TEST(Zero, ReadsZeroesAndForgetsWrites) {
  TargetBench bench;
  bench.run([&] {
    auto& zero = bench.make("z", 64, "zero", "");
    EXPECT_EQ(write_text(zero, 0, "ABC"), dmcore::BlockStatus::ok);
    EXPECT_EQ(read_text(zero, 0, 4), "....");
    EXPECT_EQ(bench.table("z"), "");
    EXPECT_EQ(bench.status("z"), "");
  });
}

TEST(Zero, TakesNoArguments) {
  TargetBench bench;
  bench.run([&] { EXPECT_EQ(bench.refusal(8, "zero", "arg"), "zero: No arguments required (-EINVAL)"); });
}

TEST(Error, FailsReadsAndWritesAndTakesAnyArguments) {
  TargetBench bench;
  bench.run([&] {
    auto& error = bench.make("e", 64, "error", "whatever you like");
    EXPECT_EQ(read_text(error, 0, 1), "EIO");
    EXPECT_EQ(write_text(error, 0, "A"), dmcore::BlockStatus::ioerr);
    EXPECT_EQ(bench.table("e"), "");
  });
}

TEST(Error, HasNothingToFlush) {
  TargetBench bench;
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
