// SPDX-License-Identifier: GPL-2.0-or-later
// flakey: when it is down, and what it does then.
#include <gtest/gtest.h>

#include "dmcore/block/bio_opf.h"
#include "dmcore/block/lib.h"

#include "tests/rig/bio.h"
#include "tests/rig/dm_machine.h"
#include "tests/rig/letters.h"

namespace {

using dmcore::bio_fua;
using dmcore::bio_preflush;
using dmcore::bio_sync;
using dmcore::BioOp;
using dmcore::BlockStatus;
using dmcore::Errno;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::DmMachine;
using test::read_letters;
using test::stored_letters;
using test::TestBio;
using test::write_letters;

struct Flakey : testing::Test {
  DmMachine bench;
  sim::VirtualDisk& disk = bench.add_disk(2048);

  dmcore::MappedDevice& make(const std::string& params) { return bench.make("f", 1024, "flakey", params); }
  // One that is always down, over another mapped device.
  dmcore::MappedDevice& make_over_linear(const std::string& features) {
    bench.make("lin", 2048, "linear", "7:0 0");
    return make("253:0 0 0 3600 " + features);
  }
};

TEST_F(Flakey, IsLinearWhileItIsUp) {
  bench.run([&] {
    auto& flakey = make("7:0 8 3600 0");
    EXPECT_EQ(write_letters(flakey, 1, "AB"), Errno::ok);
    EXPECT_EQ(stored_letters(disk, 8, 4), ".AB.");
    EXPECT_TRUE(issue_flush(flakey).ok());
  });
}

TEST_F(Flakey, FailsEverythingWhileItIsDown) {
  bench.run([&] {
    auto& flakey = make("7:0 0 0 3600");
    EXPECT_EQ(read_letters(flakey, 0, 1), "EIO");
    EXPECT_EQ(write_letters(flakey, 0, "A"), Errno::io);
    EXPECT_EQ(issue_flush(flakey).error(), Errno::io);
  });
}

TEST_F(Flakey, GoesUpAndDownAndUp) {
  bench.run([&] {
    auto& flakey = make("7:0 0 1 2");
    EXPECT_EQ(read_letters(flakey, 0, 1), ".");
    bench.runtime().sleep_for(milliseconds(990));
    EXPECT_EQ(read_letters(flakey, 0, 1), ".");
    bench.runtime().sleep_for(milliseconds(10));
    EXPECT_EQ(read_letters(flakey, 0, 1), "EIO");
    bench.runtime().sleep_for(milliseconds(1990));
    EXPECT_EQ(read_letters(flakey, 0, 1), "EIO");
    bench.runtime().sleep_for(milliseconds(10));
    EXPECT_EQ(read_letters(flakey, 0, 1), ".");
  });
}

TEST_F(Flakey, AReadThatBeganBeforeTheFallSucceeds) {
  disk.set_timing({.read_latency = seconds(2)});
  bench.run([&] { EXPECT_EQ(read_letters(make("7:0 0 1 2"), 0, 1), "."); });
}

TEST_F(Flakey, DropsWrites) {
  bench.run([&] {
    auto& flakey = make("7:0 0 0 3600 1 drop_writes");
    EXPECT_EQ(write_letters(flakey, 0, "A"), Errno::ok);
    EXPECT_EQ(read_letters(flakey, 0, 1), ".");
  });
}

TEST_F(Flakey, FailsWritesOnly) {
  bench.run([&] {
    auto& flakey = make("7:0 0 0 3600 1 error_writes");
    EXPECT_EQ(write_letters(flakey, 0, "A"), Errno::io);
    EXPECT_EQ(read_letters(flakey, 0, 1), ".");
  });
}

TEST_F(Flakey, CorruptsAByteOfEachWrite) {
  bench.run([&] {
    auto& flakey = make("7:0 0 0 3600 5 corrupt_bio_byte 513 w 90 0");
    EXPECT_EQ(write_letters(flakey, 0, "AAAA"), Errno::ok);
    EXPECT_EQ(stored_letters(disk, 0, 4), "A?AA");
    std::vector<std::byte> sector(512);
    ASSERT_TRUE(disk.store().read(512, sector).ok());
    EXPECT_EQ(sector[0], std::byte{90});
    EXPECT_EQ(sector[1], std::byte{'A'});
  });
}

TEST_F(Flakey, AByteBehindTheBiosEndIsLeftAlone) {
  bench.run([&] {
    EXPECT_EQ(write_letters(make("7:0 0 0 3600 5 corrupt_bio_byte 513 w 90 0"), 0, "A"), Errno::ok);
    EXPECT_EQ(stored_letters(disk, 0, 2), "A.");
  });
}

TEST_F(Flakey, CorruptsOnlyBiosWithTheFlags) {
  bench.run([&] {
    // REQ_SYNC and REQ_OP_WRITE.
    auto& flakey = make("7:0 0 0 3600 5 corrupt_bio_byte 1 w 90 2049");
    EXPECT_EQ(write_letters(flakey, 0, "A", bio_sync), Errno::ok);
    EXPECT_EQ(TestBio(flakey, BioOp::write, 1, 1, 'B').submit().wait(), BlockStatus::ok);
    EXPECT_EQ(stored_letters(disk, 0, 2), "?B");
  });
}

TEST_F(Flakey, CorruptsWhatAnotherMappedDeviceRead) {
  bench.run([&] { EXPECT_EQ(read_letters(make_over_linear("5 corrupt_bio_byte 2 r 90 0"), 0, 2), "?."); });
}

// As in the kernel, where a disk leaves nothing of a bio to corrupt.
TEST_F(Flakey, DoesNotCorruptWhatADiskRead) {
  bench.run([&] { EXPECT_EQ(read_letters(make("7:0 0 0 3600 5 corrupt_bio_byte 2 r 90 0"), 0, 2), ".."); });
}

TEST_F(Flakey, ShowsItsFeatures) {
  bench.run([&] {
    make("7:0 8 0 3600");
    EXPECT_EQ(bench.table("f"), "7:0 8 0 3600 0 ");
    EXPECT_EQ(bench.status("f"), "");
    bench.make("g", 64, "flakey", "7:0 8 0 3600 6 Drop_Writes corrupt_bio_byte 1 R 122 7");
    EXPECT_EQ(bench.table("g"), "7:0 8 0 3600 6 drop_writes corrupt_bio_byte 1 r 122 7 ");
  });
}

TEST_F(Flakey, RefusesWrongArguments) {
  bench.run([&] {
    const auto refusal = [&](const char* params) { return bench.refusal(1024, "flakey", params); };
    EXPECT_EQ(refusal("7:0 0 1"), "flakey: Invalid argument count (-EINVAL)");
    EXPECT_EQ(refusal("7:0 x 1 1"), "flakey: Invalid device sector (-EINVAL)");
    EXPECT_EQ(refusal("7:0 0 x 1"), "flakey: Invalid up interval (-EINVAL)");
    EXPECT_EQ(refusal("7:0 0 1 -1"), "flakey: Invalid up interval (-EINVAL)");
    EXPECT_EQ(refusal("7:0 0 0 0"), "flakey: Total (up + down) interval is zero (-EINVAL)");
    EXPECT_EQ(refusal("7:0 0 4294967295 1"), "flakey: Total (up + down) interval is zero (-EINVAL)");
    EXPECT_EQ(refusal("7:0 0 4294967295 2"), "flakey: Interval overflow (-EINVAL)");
    EXPECT_EQ(refusal("/dev/nope 0 1 1"), "flakey: Device lookup failed (-ENODEV)");
    EXPECT_EQ(refusal("7:0 1500 1 1"), "loop0 too small for target: start=1500, len=1024, dev_size=2048");
  });
}

TEST_F(Flakey, RefusesWrongFeatures) {
  bench.run([&] {
    const auto refusal = [&](const std::string& features) {
      return bench.refusal(1024, "flakey", "7:0 0 1 1 " + features);
    };
    EXPECT_EQ(refusal("1 no_writes"), "flakey: Unrecognised flakey feature requested (-EINVAL)");
    EXPECT_EQ(refusal("7 a b c d e f g"), "flakey: Invalid number of feature args (-EINVAL)");
    EXPECT_EQ(refusal("2 drop_writes drop_writes"), "flakey: Feature drop_writes duplicated (-EINVAL)");
    EXPECT_EQ(refusal("2 drop_writes error_writes"),
              "flakey: Feature error_writes conflicts with feature drop_writes (-EINVAL)");
    EXPECT_EQ(refusal("1 corrupt_bio_byte"),
              "flakey: Feature corrupt_bio_byte requires parameters (-EINVAL)");
    EXPECT_EQ(refusal("5 corrupt_bio_byte 0 r 1 0"), "flakey: Invalid corrupt bio byte (-EINVAL)");
    EXPECT_EQ(refusal("5 corrupt_bio_byte 1 x 1 0"),
              "flakey: Invalid corrupt bio direction (r or w) (-EINVAL)");
    EXPECT_EQ(refusal("5 corrupt_bio_byte 1 r 256 0"),
              "flakey: Invalid corrupt value to write into bio byte (0-255) (-EINVAL)");
    EXPECT_EQ(refusal("6 corrupt_bio_byte 1 w 1 0 error_writes"),
              "flakey: error_writes is incompatible with corrupt_bio_byte with the WRITE flag set (-EINVAL)");
  });
}

TEST(BioOpf, IsTheKernelsNumber) {
  DmMachine bench;
  auto& disk = bench.add_disk(8);
  EXPECT_EQ(bio_opf(TestBio(disk, BioOp::read, 0, 1).bio), 0U);
  EXPECT_EQ(bio_opf(TestBio(disk, BioOp::write, 0, 1, 'A', bio_sync | bio_fua).bio),
            1U | 1U << 11 | 1U << 17);
  EXPECT_EQ(bio_opf(TestBio(disk, BioOp::write, 0, 0, 'A', bio_preflush).bio), 1U | 1U << 18);
  EXPECT_EQ(bio_opf(TestBio(disk, BioOp::write_zeroes, 0, 1).bio), 9U);
}

}  // namespace
