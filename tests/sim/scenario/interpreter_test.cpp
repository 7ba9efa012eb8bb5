// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/scenario/interpreter.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "sim/language/parser.h"

namespace sim::scenario {
namespace {

using std::chrono::milliseconds;

class Scenario : public testing::Test {
 protected:
  Scenario()
      : directory_(std::filesystem::path(testing::TempDir()) /
                   testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::create_directories(directory_);
  }
  ~Scenario() override { std::filesystem::remove_all(directory_); }

  // Runs a scenario on a new machine; returns its transcript, without the echo of commands unless `echo`.
  std::string run(const std::string& text, bool echo = false) {
    const language::ParseResult parsed = language::parse_scenario(text);
    EXPECT_TRUE(parsed.ok()) << parsed.diagnostics.format("test", text);
    std::string out;
    Machine machine;
    Interpreter interpreter(
        machine, {.directory = directory_.string(), .save_directory = directory_.string(), .echo = echo},
        [&out](std::string_view line) { out.append(line).push_back('\n'); });
    interpreter.run(parsed.scenario.commands);
    interpreter.finish();
    as_expected_ = !interpreter.unexpected();
    now_ = machine.runtime().now();
    return out;
  }

  std::filesystem::path directory_;
  bool as_expected_ = false;
  dmcore::Time now_{0};
};

TEST_F(Scenario, EchoesCommandsAsOneWouldTypeThem) {
  EXPECT_EQ(run("disk loop0  1M # one\ndmsetup create a --table \"0 8 zero\" &\nwait", true),
            "> disk loop0 1M\n> dmsetup create a --table '0 8 zero' '&'\n> wait\n");
}

TEST_F(Scenario, HereDocumentsAreReadAndEchoed) {
  EXPECT_EQ(run("dmsetup create a <<END &\n0 8 zero\n8 8 error  # two\nEND\nwait\ndmsetup table a", true),
            "> dmsetup create a <<END '&'\n> 0 8 zero\n> 8 8 error  # two\n> END\n> wait\n"
            "> dmsetup table a\n0 8 zero \n8 8 error \n");
}

TEST_F(Scenario, ANewTableForgetsTheReadAheadThatWasSet) {
  EXPECT_EQ(run("dmsetup create a --readahead 16 --table '0 8 zero'\nsysfs a read_ahead_kb\n"
                "dmsetup suspend a\ndmsetup resume a\nsysfs a read_ahead_kb\n"
                "dmsetup load a --table '0 8 zero'\ndmsetup resume a\nsysfs a read_ahead_kb"),
            "8\n8\n128\n");
}

TEST_F(Scenario, ReadsWhatWasWritten) {
  EXPECT_EQ(run("disk loop0 1M\nwrite loop0 0 16 @S\nwrite loop0 4 2 A\nread loop0 0 20"),
            "0-3 @S\n4-5 A\n6-15 @S\n16-19 zero\n");
}

TEST_F(Scenario, ReadingBeyondTheEndIsShort) {
  EXPECT_EQ(run("disk loop0 2M\nread loop0 2040 2060\nread loop0 4096 1"),
            "short read at sector 4088\nshort read at sector 4096\n");
}

TEST_F(Scenario, WritingBeyondTheEndWritesWhatFits) {
  EXPECT_EQ(run("disk loop0 8s\nwrite loop0 4 8 X\nread loop0 0 8"), "error ENOSPC\n0-3 zero\n4-7 X\n");
}

TEST_F(Scenario, IoMustBeOnLogicalBlocks) {
  EXPECT_EQ(
      run("disk loop0 1M logical_block_size=4096\nread loop0 1 8\nwrite loop0 8 1 X\ndiscard loop0 8 4"),
      "error EINVAL\nerror EINVAL\nerror EINVAL\n");
}

TEST_F(Scenario, ReadOnlyDisksCannotBeChanged) {
  EXPECT_EQ(run("disk loop0 1M ro\nwrite loop0 0 8 X\ndiscard loop0 0 8\nflush loop0"),
            "error EPERM\nerror EPERM\n");
}

TEST_F(Scenario, DiscardAsksFirstWhetherTheDeviceCan) {
  EXPECT_EQ(run("disk loop0 1M discard=off\ndiscard loop0 0 9999"), "error ENOTSUP\n");
}

TEST_F(Scenario, DiscardMustStayOnTheDevice) {
  EXPECT_EQ(run("disk loop0 1M\ndiscard loop0 2040 9\ndiscard loop0 0 0"), "error EINVAL\nerror EINVAL\n");
}

TEST_F(Scenario, DevicesMustExist) {
  EXPECT_EQ(run("read nosuch 0 8\nwrite nosuch 0 8 X\nflush nosuch\ndiscard nosuch 0 8\nsha256 nosuch"),
            "error ENOENT\nerror ENOENT\nerror ENOENT\nerror ENOENT\nerror ENOENT\n");
}

TEST_F(Scenario, NodesCanBeWithoutDevice) {
  EXPECT_EQ(run("dmsetup create a --notable\nread a 0 8\ndmsetup resume a\nread a 0 8"),
            "error ENOENT\nerror ENXIO\n");
}

TEST_F(Scenario, IostatCountsSinceTheLastTime) {
  EXPECT_EQ(
      run("disk loop0 1M\nwrite loop0 0 8 X\niostat loop0\nread loop0 0 4\ndiscard loop0 0 8\nflush loop0\n"
          "iostat loop0"),
      "read=0 written=8 discarded=0 flushes=0\n0-3 X\nread=4 written=0 discarded=8 flushes=1\n");
}

TEST_F(Scenario, WriteThroughFlushesTwice) {
  // Once for the disk, which cannot write through, and once because Linux does it after every such write.
  EXPECT_EQ(run("disk loop0 1M\nwrite loop0 0 8 X fua\niostat loop0"),
            "read=0 written=8 discarded=0 flushes=2\n");
}

TEST_F(Scenario, SysfsTellsLimits) {
  EXPECT_EQ(run("disk loop0 1M\nsysfs loop0 logical_block_size\nsysfs loop0 ../size\nsysfs loop0 "
                "nosuch\nsysfs no x"),
            "512\n2048\nerror ENOENT\nerror ENOENT\n");
}

TEST_F(Scenario, ParametersOfModulesAreReadAndWritten) {
  EXPECT_EQ(run("parameter dm_bufio max_age_seconds\nparameter dm_bufio max_age_seconds 0x10\n"
                "parameter dm_bufio max_age_seconds\nparameter dm_bufio max_age_seconds 4294967296\n"
                "parameter dm_bufio retain_bytes -1\nparameter dm_bufio current_allocated_bytes 1\n"
                "parameter dm_bufio no\nparameter no max_age_seconds"),
            "300\n16\nerror ERANGE\nerror EINVAL\nerror EACCES\nerror ENOENT\nerror ENOENT\n");
}

// Its owner decides whether a machine can be started again.
TEST_F(Scenario, CrashNeedsAMachineThatCanBeStartedAgain) {
  EXPECT_EQ(run("disk loop0 1M\nwrite loop0 0 8 X\ncrash\nread loop0 0 8"),
            "this machine cannot be started again\n0-7 X\n");
}

TEST_F(Scenario, DropCachesForgetsMetadata) {
  EXPECT_EQ(
      run("disk loop0 4M\ndisk loop1 1M\ndisk loop2 1M\n"
          "dmsetup create c --table '0 2048 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration'\n"
          "parameter dm_bufio current_allocated_bytes\ndrop_caches\n"
          "parameter dm_bufio current_allocated_bytes\nparameter dm_bufio retain_bytes 8192\ndrop_caches\n"
          "parameter dm_bufio current_allocated_bytes"),
      "24576\n24576\n8192\n");
}

TEST_F(Scenario, PokeChangesBytesWithoutIo) {
  EXPECT_EQ(run("disk loop0 1M\nwrite loop0 1 1 A\npoke loop0 0x3ff 42\niostat loop0\nread loop0 1 1"),
            "read=0 written=1 discarded=0 flushes=0\n1-1 ?70e1fcbe\n");
}

TEST_F(Scenario, WhatWasSavedCanBeLoaded) {
  run("disk loop0 3M\nwrite loop0 4000 100 @S\nsave loop0 image.xz");
  EXPECT_EQ(run("disk loop1 4M\nload loop1 image.xz\nread loop1 3990 200"),
            "3990-3999 zero\n4000-4099 @S\n4100-4189 zero\n");
}

TEST_F(Scenario, SavedImagesAreAsLargeAsTheDisk) {
  run("disk loop0 3M\nwrite loop0 0 8 X\nsave loop0 image");
  EXPECT_EQ(std::filesystem::file_size(directory_ / "image"), 3U << 20);
}

TEST_F(Scenario, LoadingWhatIsNotThereFails) {
  EXPECT_EQ(run("disk loop0 1M\nload loop0 nosuch.xz"), "error ENOENT\n");
}

TEST_F(Scenario, WhatIsNotPackedIsLoadedAsItIs) {
  run("disk loop0 3M\nwrite loop0 4000 100 @S\nsave loop0 image");
  EXPECT_EQ(run("disk loop1 4M\nload loop1 image\nread loop1 3990 200"),
            "3990-3999 zero\n4000-4099 @S\n4100-4189 zero\n");
}

TEST_F(Scenario, LoadingADamagedPackedFileFails) {
  std::ofstream(directory_ / "bad.xz") << std::string_view(
      "\xfd"
      "7zXZ\0 and so on",
      16);
  EXPECT_EQ(run("disk loop0 1M\nload loop0 bad.xz"), "error EINVAL\n");
}

TEST_F(Scenario, OneDiscardIsNoLargerThanADiskAllows) {
  EXPECT_EQ(run("disk loop0 1M discard=16K\nsysfs loop0 discard_max_bytes\nsysfs loop0 discard_max_hw_bytes"),
            "16384\n4294966784\n");
}

TEST_F(Scenario, DisksInFilesOutliveTheMachine) {
  run("disk data 1M file=image\nwrite data 8 8 @S");
  EXPECT_EQ(run("disk data file=image\nread data 0 24"), "0-7 zero\n8-15 @S\n16-23 zero\n");
}

TEST_F(Scenario, DisksOfAnyNameWork) {
  EXPECT_EQ(
      run("disk ssd 1M\nwrite ssd 0 8 A\ndmsetup create l --table '0 8 linear /dev/ssd 0'\ndmsetup table l\n"
          "read l 0 8"),
      "0 8 linear 240:0 0\n0-7 A\n");
}

TEST_F(Scenario, BackgroundCommandsTellWhenWaitedFor) {
  EXPECT_EQ(run("disk loop0 1M\nread loop0 0 8 &\nread nosuch 0 8 &\nread loop0 8 8\nwait\nwait"),
            "8-15 zero\n0-7 zero\nerror ENOENT\n");
}

TEST_F(Scenario, BackgroundCommandsGetATenthOfASecond) {
  run("disk loop0 1M\nread loop0 0 8 &");
  EXPECT_EQ(now_, milliseconds(100));
}

TEST_F(Scenario, ThenBeginsWhenTheOneBeforeHasEnded) {
  run("sleep 1 &\nthen sleep 1 &\nthen sleep 1 &\nwait");
  EXPECT_EQ(now_, milliseconds(3000));
  EXPECT_EQ(run("dmsetup create a --table '0 8 zero'\nread nosuch 0 8 &\nthen read a 0 8 &\nwait"),
            "error ENOENT\n0-7 zero\n");
}

TEST_F(Scenario, BackgroundIoWaitsForTheResume) {
  EXPECT_EQ(
      run("dmsetup create a --table '0 8 zero'\ndmsetup suspend a\nread a 0 8 &\ndmsetup resume a\nwait"),
      "0-7 zero\n");
}

TEST_F(Scenario, OnlySomeCommandsTakeTime) {
  run("disk loop0 1M\nwrite loop0 0 2048 A\ndmsetup create a --table '0 8 linear /dev/loop0 0'\nsha256 a");
  EXPECT_EQ(now_, dmcore::Time(0));
  run("sleep 0.25");
  EXPECT_EQ(now_, milliseconds(250));
}

TEST_F(Scenario, DisksCanBeSlow) {
  run("disk loop0 1M read_latency=20ms\nread loop0 0 8\nread loop0 0 8");
  EXPECT_EQ(now_, milliseconds(40));
}

TEST_F(Scenario, UntilLooksAtOnce) {
  EXPECT_EQ(run("dmsetup create a --table '0 8 zero'\nuntil a '^0 8 zero $'"), "");
  EXPECT_EQ(now_, dmcore::Time(0));
}

TEST_F(Scenario, UntilGivesUp) {
  EXPECT_EQ(run("dmsetup create a --table '0 8 zero'\nuntil a error 0.1"), "timed out: 0 8 zero\n");
  EXPECT_EQ(now_, milliseconds(100));
}

TEST_F(Scenario, LogLinesFollowTheOutput) {
  EXPECT_EQ(run("dmsetup create a --table '0 8 nosuch'"),
            "exit 1\nlog: device-mapper: table: 253:0: nosuch: unknown target type\n"
            "log: device-mapper: ioctl: error adding target to table\n");
}

TEST_F(Scenario, LogLinesShowBackslashesInHexadecimal) {
  EXPECT_EQ(run("dmsetup rename 'a b' c"),
            "exit 1\nlog: device-mapper: ioctl: Unable to rename non-existent device, a\\x5cx20b to c\n");
}

TEST_F(Scenario, ExpectLooksAtTheOutputBefore) {
  EXPECT_EQ(run("disk loop0 1M\nread loop0 0 8\nexpect zero\nexpect '^0-7 '"), "0-7 zero\n");
  EXPECT_TRUE(as_expected_);
}

TEST_F(Scenario, ExpectTellsAndRemembersWhatIsWrong) {
  EXPECT_EQ(run("disk loop0 1M\nread loop0 0 8\nexpect 'one two'\nsleep 1"),
            "0-7 zero\nnot as expected: nothing in the output matches 'one two'\n");
  EXPECT_FALSE(as_expected_);
}

TEST_F(Scenario, PatternsThatCannotBeMatchedInTimeAreToldOf) {
  const std::string name(100, 'a');
  const std::string create = "dmsetup create " + name + " --table \"0 8 zero\"\n";
  EXPECT_EQ(run(create + "dmsetup ls\nexpect '(a+a+)+!'"),
            name + "\t(253:0)\nnot as expected: '(a+a+)+!' takes too long to match\n");
  EXPECT_FALSE(as_expected_);
  EXPECT_EQ(run(create + "until " + name + " '(.*.*.*.*.*.*)+Q'"), "the pattern takes too long to match\n");
  EXPECT_EQ(run(create + "dmsetup info -c --noheadings -o name -S 'name=~\"(a+a+)+!\"'"), "");
}

TEST_F(Scenario, DmsetupsComplaintsAreNoOutput) {
  EXPECT_EQ(run("dmsetup status nosuch\ndmsetup message x 0 -1"), "exit 1\nexit 1\n");
}

}  // namespace
}  // namespace sim::scenario
