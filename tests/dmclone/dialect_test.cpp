// SPDX-License-Identifier: GPL-2.0-or-later
// The dialect of dm-clone's first posting: what it calls things, what it counts in, and that the two dialects
// do not mix.
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

#include "sim/cli/dialect_option.h"
#include "sim/scenario/replay.h"

#include "tests/rig/scenario.h"
#include "tests/support/source_tree.h"

namespace {

using dmclone::Dialect;
using dmclone::linux_dialect;
using dmclone::rfc1_dialect;
using testing::HasSubstr;
using testing::Not;

// What commands print, after the disks a clone needs are there.
std::string run(const Dialect& dialect, const std::string& commands, dmcore::Time* ended_at = nullptr) {
  const std::string text =
      "disk loop0 4M\ndisk loop1 16M\ndisk loop2 16M read_latency=10ms\ndisk small 1M\n" + commands;
  test::Machine machine(sim::Schedule{}, dialect);
  std::string out;
  for (const std::string& line : test::run_scenario(machine, text)) out += line + "\n";
  if (ended_at != nullptr) *ended_at = machine.runtime().now();
  return out;
}

// A clone of 256 regions that does not hydrate by itself.
std::string create(const std::string& core_args) {
  return "dmsetup create c --table '0 2048 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration " +
         core_args + "'\n";
}

std::string message(const std::string& words) {
  return "dmsetup message c 0 " + words + "\n";
}

const std::string status = "dmsetup status --noflush c\n";

// The end of the status line that says how much is copied at once.
std::string says(const std::string& core_args) {
  return " 4 " + core_args + " rw\n";
}

TEST(Rfc1Dialect, StartsWithAThresholdOf2048SectorsAndBlocksOfOneRegion) {
  EXPECT_THAT(run(rfc1_dialect, create("") + status),
              HasSubstr(says("hydration_threshold 2048 hydration_block_size 8")));
}

TEST(Rfc1Dialect, StartsWithAThresholdOfOneRegionWhereThatIsMore) {
  EXPECT_THAT(run(rfc1_dialect,
                  "dmsetup create c --table '0 8192 clone /dev/loop0 /dev/loop1 /dev/loop2 4096'\n" + status),
              HasSubstr("hydration_threshold 4096 hydration_block_size 4096 rw"));
}

TEST(Rfc1Dialect, CoreArgumentsAreInSectors) {
  EXPECT_THAT(run(rfc1_dialect, create("4 hydration_threshold 512 hydration_block_size 64") + status),
              HasSubstr(says("hydration_threshold 512 hydration_block_size 64")));
}

TEST(Rfc1Dialect, MessagesAreInSectors) {
  EXPECT_THAT(run(rfc1_dialect, create("") + message("hydration_threshold 512") +
                                    message("hydration_block_size 64") + status),
              HasSubstr(says("hydration_threshold 512 hydration_block_size 64")));
}

TEST(Rfc1Dialect, WordsAreReadWithoutRegardToCase) {
  EXPECT_THAT(
      run(rfc1_dialect, create("2 Hydration_Threshold 512") + message("HYDRATION_BLOCK_SIZE 64") + status),
      HasSubstr(says("hydration_threshold 512 hydration_block_size 64")));
}

TEST(Rfc1Dialect, KeepsAThresholdThatIsNotWholeRegions) {
  EXPECT_THAT(run(rfc1_dialect, create("2 hydration_threshold 100") + status),
              HasSubstr("hydration_threshold 100 "));
}

TEST(Rfc1Dialect, RoundsABlockSizeDownToWholeRegions) {
  EXPECT_THAT(run(rfc1_dialect, create("2 hydration_block_size 63") + status),
              HasSubstr("hydration_block_size 56 rw"));
  EXPECT_THAT(run(rfc1_dialect, create("") + message("hydration_block_size 7") + status),
              HasSubstr("hydration_block_size 0 rw"));
}

TEST(Rfc1Dialect, TheTableLineShowsWhatWasGiven) {
  EXPECT_EQ(run(rfc1_dialect, create("2 hydration_block_size 63") + message("hydration_block_size 8") +
                                  "dmsetup table c\n"),
            "0 2048 clone 7:0 7:1 7:2 8 1 no_hydration 2 hydration_block_size 63\n");
}

TEST(Rfc1Dialect, CopiesAsManyWholeRegionsAsTheThresholdHolds) {
  EXPECT_THAT(run(rfc1_dialect, create("2 hydration_threshold 31") + message("enable_hydration") + status),
              HasSubstr(" 8 0/256 3 0 4 hydration_threshold 31 "));
}

TEST(Rfc1Dialect, CopiesNothingWhileTheThresholdIsLessThanARegion) {
  const std::string below =
      create("2 hydration_threshold 7") + message("enable_hydration") + "sleep 5\n" + status;
  EXPECT_THAT(run(rfc1_dialect, below), HasSubstr(" 8 0/256 0 "));
  EXPECT_THAT(run(rfc1_dialect, below + message("hydration_threshold 8") + status), HasSubstr(" 8 0/256 1 "));
}

TEST(Rfc1Dialect, HydratesAsTheOtherDoesWithTheSameInRegions) {
  const auto hydrate = [](const Dialect& dialect, const std::string& core_args) {
    dmcore::Time ended_at{0};
    const std::string out =
        run(dialect, create("4 " + core_args) + message("enable_hydration") + "until c ' 256/256 ' 60\n",
            &ended_at);
    EXPECT_EQ(out, "");
    return ended_at;
  };
  const dmcore::Time in_sectors = hydrate(rfc1_dialect, "hydration_threshold 130 hydration_block_size 37");
  EXPECT_EQ(in_sectors, hydrate(linux_dialect, "hydration_threshold 16 hydration_batch_size 4"));
  EXPECT_NE(in_sectors, hydrate(rfc1_dialect, "hydration_threshold 16 hydration_block_size 4"));
}

TEST(Rfc1Dialect, TakesThresholdsOf64Bits) {
  EXPECT_THAT(run(rfc1_dialect, create("") + message("hydration_threshold 18446744073709551615") + status),
              HasSubstr("hydration_threshold 18446744073709551615 "));
  EXPECT_EQ(run(rfc1_dialect, create("") + message("hydration_threshold 18446744073709551616")), "exit 1\n");
}

TEST(Rfc1Dialect, ABlockSizeWrapsAroundAt32BitsOfRegions) {
  EXPECT_THAT(run(rfc1_dialect, create("") + message("hydration_block_size 34359738367") + status),
              HasSubstr("hydration_block_size 34359738360 rw"));
  EXPECT_THAT(run(rfc1_dialect, create("") + message("hydration_block_size 34359738376") + status),
              HasSubstr("hydration_block_size 8 rw"));
}

TEST(Rfc1Dialect, RefusesWhatIsNoNumber) {
  EXPECT_THAT(run(rfc1_dialect, create("2 hydration_block_size x")),
              HasSubstr("clone: Invalid value for argument `hydration_block_size' (-EINVAL)"));
  EXPECT_THAT(run(rfc1_dialect, create("2 hydration_threshold 0x8")),
              HasSubstr("clone: Invalid value for argument `hydration_threshold' (-EINVAL)"));
  EXPECT_EQ(run(rfc1_dialect, create("") + message("hydration_block_size -8")), "exit 1\n");
}

TEST(Rfc1Dialect, RefusesTheMergedTargetsWords) {
  EXPECT_THAT(run(rfc1_dialect, create("2 hydration_batch_size 4")),
              HasSubstr("clone: Invalid core argument (-EINVAL)"));
  EXPECT_EQ(run(rfc1_dialect, create("") + message("hydration_batch_size 4")),
            "exit 1\nlog: device-mapper: clone: 253:0: Unsupported message `hydration_batch_size'\n");
}

TEST(LinuxDialect, RefusesTheFirstPostingsWords) {
  EXPECT_THAT(run(linux_dialect, create("2 hydration_block_size 32")),
              HasSubstr("clone: Invalid core argument (-EINVAL)"));
  EXPECT_EQ(run(linux_dialect, create("") + message("hydration_block_size 32")),
            "exit 1\nlog: device-mapper: clone: 253:0: Unsupported message `hydration_block_size'\n");
}

TEST(LinuxDialect, RefusesNumbersOfMoreThan32Bits) {
  EXPECT_EQ(run(linux_dialect, create("") + message("hydration_threshold 4294967295")), "");
  EXPECT_EQ(run(linux_dialect, create("") + message("hydration_threshold 4294967296")), "exit 1\n");
}

TEST(Rfc1Dialect, LogsAMessageWithTheWrongNumberOfWords) {
  const std::string short_message = create("") + message("hydration_threshold");
  EXPECT_EQ(run(rfc1_dialect, short_message),
            "exit 1\nlog: device-mapper: clone: 253:0: Unsupported message `hydration_threshold'\n");
  EXPECT_EQ(run(linux_dialect, short_message), "exit 1\n");
}

TEST(Rfc1Dialect, ComplaintsSayCloneAndOrigin) {
  const auto complaint = [](const std::string& destination, const std::string& source) {
    return run(rfc1_dialect,
               "dmsetup create c --table '0 4096 clone /dev/loop0 " + destination + " " + source + " 8'\n");
  };
  EXPECT_THAT(complaint("/dev/nothing", "/dev/loop2"), HasSubstr("clone: Error opening clone device ("));
  EXPECT_THAT(complaint("/dev/loop1", "/dev/nothing"), HasSubstr("clone: Error opening origin device ("));
  EXPECT_THAT(complaint("/dev/small", "/dev/loop2"),
              HasSubstr("clone: Device size larger than clone device"));
  EXPECT_THAT(complaint("/dev/loop1", "/dev/small"),
              HasSubstr("clone: Device size larger than origin device"));
}

TEST(Rfc1Dialect, DisablingPassdownNamesTheCloneDevice) {
  EXPECT_EQ(run(rfc1_dialect,
                "disk loop3 16M discard=off\n"
                "dmsetup create c --table '0 2048 clone /dev/loop0 /dev/loop3 /dev/loop2 8'\n"),
            "log: device-mapper: clone: Clone device (loop3) discard unsupported: Disabling discard "
            "passdown.\n");
}

TEST(DialectOption, PicksADialectByName) {
  CLI::App app;
  const Dialect* dialect = &linux_dialect;
  sim::cli::add_dialect_option(app, dialect);
  app.parse("--dialect rfc1", false);
  EXPECT_EQ(dialect, &rfc1_dialect);
  app.parse("--dialect linux", false);
  EXPECT_EQ(dialect, &linux_dialect);
}

TEST(DialectOption, RefusesAnUnknownName) {
  CLI::App app;
  const Dialect* dialect = &linux_dialect;
  sim::cli::add_dialect_option(app, dialect);
  EXPECT_THROW(app.parse("--dialect rfc2", false), CLI::ValidationError);
  EXPECT_EQ(dialect, &linux_dialect);
}

std::string content_of(const std::string& name) {
  std::ifstream in((test::source_dir() / "tests/dialects" / name), std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// What the first posting's own code printed; see docs/dialects.md.
TEST(Rfc1Dialect, TheExampleGivesItsTranscript) {
  sim::scenario::ReplayOptions options;
  options.dialect = &rfc1_dialect;
  const auto result = sim::scenario::replay(content_of("rfc1.dms"), options);
  EXPECT_EQ(result.transcript, content_of("rfc1.expected"));
  EXPECT_THAT(result.transcript, Not(testing::IsEmpty()));
}

}  // namespace
