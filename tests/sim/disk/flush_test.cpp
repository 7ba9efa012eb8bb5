// SPDX-License-Identifier: GPL-2.0-or-later
// Flushes and FUA on a disk with a volatile cache that cannot write through it.
#include <gtest/gtest.h>

#include "dmcore/block/lib.h"

#include "tests/rig/bio.h"
#include "tests/rig/letters.h"
#include "tests/rig/machine.h"

namespace {

using dmcore::bio_fua;
using dmcore::bio_preflush;
using dmcore::BioOp;
using dmcore::BlockStatus;
using std::chrono::milliseconds;
using test::Machine;
using test::stored_letters;
using test::TestBio;

constexpr sim::DiskOptions slow{
    .timing = {.write_latency = milliseconds(10), .flush_latency = milliseconds(100)}};

TEST(DiskFlush, AnEmptyFlushIsOneFlush) {
  Machine machine;
  auto& disk = machine.add_disk(64);
  machine.run([&] { EXPECT_TRUE(issue_flush(disk).ok()); });
  EXPECT_EQ(disk.counters.flushes, 1U);
  EXPECT_EQ(disk.counters.written_sectors, 0U);
}

TEST(DiskFlush, FuaIsDataAndThenAFlush) {
  Machine machine;
  auto& disk = machine.add_disk(64, slow);
  machine.run([&] {
    TestBio bio(disk, BioOp::write, 0, 1, 'A', bio_fua);
    bio.submit().wait();
    EXPECT_EQ(bio.ended_at(), milliseconds(110));
  });
  EXPECT_EQ(disk.counters.flushes, 1U);
  EXPECT_EQ(disk.counters.written_sectors, 1U);
}

TEST(DiskFlush, PreflushComesBeforeTheData) {
  Machine machine;
  auto& disk = machine.add_disk(64, slow);
  machine.run([&] {
    TestBio bio(disk, BioOp::write, 0, 1, 'A', bio_preflush | bio_fua);
    bio.submit();
    machine.runtime().sleep_for(milliseconds(105));
    EXPECT_EQ(stored_letters(disk, 0, 1), ".");
    bio.wait();
    EXPECT_EQ(bio.ended_at(), milliseconds(210));
  });
  EXPECT_EQ(disk.counters.flushes, 2U);
}

TEST(DiskFlush, FlushesThatArriveDuringAFlushShareTheNext) {
  Machine machine;
  auto& disk = machine.add_disk(64, slow);
  machine.run([&] {
    std::vector<std::unique_ptr<TestBio>> bios;
    for (int i = 0; i < 10; ++i) {
      bios.push_back(std::make_unique<TestBio>(disk, BioOp::write, 0, 0, '\0', bio_preflush));
      bios.back()->submit();
    }
    for (auto& bio : bios) bio->wait();
    EXPECT_EQ(bios.front()->ended_at(), milliseconds(100));
    EXPECT_EQ(bios.back()->ended_at(), milliseconds(200));
  });
  EXPECT_EQ(disk.counters.flushes, 2U);
}

TEST(DiskFlush, FuaWritesSentTogetherShareOneFlush) {
  Machine machine;
  auto& disk = machine.add_disk(64, slow);
  machine.run([&] {
    TestBio first(disk, BioOp::write, 0, 1, 'A', bio_fua);
    TestBio second(disk, BioOp::write, 1, 1, 'B', bio_fua);
    first.submit();
    second.submit();
    first.wait();
    second.wait();
    EXPECT_EQ(first.ended_at(), milliseconds(110));
    EXPECT_EQ(second.ended_at(), milliseconds(110));
  });
  EXPECT_EQ(disk.counters.flushes, 1U);
}

// The kernel's loop device, too, flushes once for each 128 of them.
TEST(DiskFlush, AFloodOfFuaWritesCostsAFlushForEachSetOfTags) {
  Machine machine;
  auto& disk = machine.add_disk(1024);
  machine.run([&] {
    std::vector<std::unique_ptr<TestBio>> bios;
    for (unsigned i = 0; i < 129; ++i) {
      bios.push_back(std::make_unique<TestBio>(disk, BioOp::write, i, 1, 'A', bio_fua));
      bios.back()->submit();
    }
    for (auto& bio : bios) bio->wait();
  });
  EXPECT_EQ(disk.counters.flushes, 2U);
}

TEST(DiskFlush, AFlushWaitsForDataThatWillWantOneToo) {
  Machine machine;
  auto& disk = machine.add_disk(64, slow);
  machine.run([&] {
    TestBio write(disk, BioOp::write, 0, 1, 'A', bio_fua);
    TestBio flush(disk, BioOp::write, 0, 0, '\0', bio_preflush);
    write.submit();
    flush.submit();
    flush.wait();
    EXPECT_EQ(flush.ended_at(), milliseconds(110));
  });
  EXPECT_EQ(disk.counters.flushes, 1U);
}

TEST(DiskFlush, ButNotForEver) {
  Machine machine;
  auto& disk = machine.add_disk(
      64, {.timing = {.write_latency = milliseconds(4000), .flush_latency = milliseconds(1)}});
  machine.run([&] {
    TestBio first(disk, BioOp::write, 0, 1, 'A', bio_fua);
    TestBio flush(disk, BioOp::write, 0, 0, '\0', bio_preflush);
    TestBio second(disk, BioOp::write, 1, 1, 'B', bio_fua);
    first.submit();
    flush.submit();
    machine.runtime().sleep_for(milliseconds(3000));
    second.submit();  // in flight from 3 s to 7 s
    machine.runtime().sleep_for(milliseconds(2500));
    EXPECT_FALSE(flush.ended());  // the first one's data ended at 4 s, which was too early to lose patience
    TestBio third(disk, BioOp::write, 2, 1, 'C', bio_fua);
    third.submit();  // at 5.5 s: looks again
    flush.wait();
    EXPECT_EQ(flush.ended_at(), milliseconds(5501));
    for (TestBio* bio : {&first, &second, &third}) bio->wait();
  });
}

TEST(DiskFlush, OrdinaryWritesDoNotHoldUpAFlush) {
  Machine machine;
  auto& disk = machine.add_disk(
      64, {.timing = {.write_latency = milliseconds(500), .flush_latency = milliseconds(1)}});
  machine.run([&] {
    TestBio write(disk, BioOp::write, 0, 1, 'A');
    TestBio flush(disk, BioOp::write, 0, 0, '\0', bio_preflush);
    write.submit();
    flush.submit();
    flush.wait();
    EXPECT_EQ(flush.ended_at(), milliseconds(1));
    write.wait();
  });
}

TEST(DiskFlush, FailedDataEndsTheSequenceWithoutAFlush) {
  Machine machine;
  auto& disk = machine.add_disk(64);
  disk.faults().add(0, 1, sim::FaultMap::Fails::both);
  machine.run([&] {
    EXPECT_EQ(TestBio(disk, BioOp::write, 0, 1, 'A', bio_fua).submit().wait(), BlockStatus::ioerr);
  });
  EXPECT_EQ(disk.counters.flushes, 0U);
}

TEST(DiskFlush, AFailedPreflushKeepsTheDataFromBeingWritten) {
  Machine machine;
  auto& disk = machine.add_disk(64);
  disk.faults().fail_flushes(true);
  machine.run([&] {
    EXPECT_EQ(TestBio(disk, BioOp::write, 0, 1, 'A', bio_preflush).submit().wait(), BlockStatus::ioerr);
  });
  EXPECT_EQ(stored_letters(disk, 0, 1), ".");
}

TEST(DiskFlush, WithoutACacheFlushesAreNoRequests) {
  Machine machine;
  auto& disk = machine.add_disk(64, {.read_only = true});
  machine.run([&] { EXPECT_TRUE(issue_flush(disk).ok()); });
  EXPECT_EQ(disk.counters.flushes, 0U);
}

}  // namespace
