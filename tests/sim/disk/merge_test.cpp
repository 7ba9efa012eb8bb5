// SPDX-License-Identifier: GPL-2.0-or-later
// The virtual disk's requests: which bios become one, and in which order requests reach the store.
#include <deque>
#include <gtest/gtest.h>

#include "dmcore/block/plug.h"

#include "tests/rig/bio.h"
#include "tests/rig/letters.h"
#include "tests/rig/machine.h"

namespace {

using dmcore::BioOp;
using dmcore::BlockStatus;
using dmcore::Plug;
using test::sector_t;
using test::stored_letters;
using test::TestBio;

class DiskRequests : public testing::Test {
 protected:
  test::Machine machine;
  sim::VirtualDisk& disk = machine.add_disk(8192);
  std::deque<TestBio> bios;

  TestBio& submit(BioOp op, sector_t sector, sector_t count, char letter = 'A', std::uint16_t flags = 0) {
    return bios.emplace_back(disk, op, sector, count, letter, flags).submit();
  }
  void wait() {
    for (TestBio& bio : bios) bio.wait();
  }
};

TEST_F(DiskRequests, BioBehindARequestJoinsIt) {
  machine.run([&] {
    const Plug plug(machine.runtime());
    submit(BioOp::write, 8, 8, 'A');
    submit(BioOp::write, 16, 8, 'B');
    EXPECT_EQ(disk.in_flight(), 1U);
    wait();
    EXPECT_EQ(stored_letters(disk, 15, 2), "AB");
    EXPECT_EQ(disk.counters.written_sectors, 16U);
  });
}

TEST_F(DiskRequests, BioBeforeARequestJoinsIt) {
  machine.run([&] {
    const Plug plug(machine.runtime());
    submit(BioOp::read, 8, 8);
    submit(BioOp::read, 0, 8);
    submit(BioOp::read, 16, 8);
    EXPECT_EQ(disk.in_flight(), 1U);
    wait();
    EXPECT_EQ(disk.counters.read_sectors, 24U);
  });
}

TEST_F(DiskRequests, NothingMergesWithoutAPlug) {
  machine.run([&] {
    submit(BioOp::write, 0, 8);
    submit(BioOp::write, 8, 8);
    EXPECT_EQ(disk.in_flight(), 2U);
    wait();
  });
}

TEST_F(DiskRequests, OnlyTheNewestRequestTakesABio) {
  machine.run([&] {
    const Plug plug(machine.runtime());
    submit(BioOp::write, 0, 8);
    submit(BioOp::write, 100, 8);
    submit(BioOp::write, 8, 8);
    EXPECT_EQ(disk.in_flight(), 3U);
    wait();
  });
}

TEST_F(DiskRequests, OtherOperationsAreNotMerged) {
  machine.run([&] {
    const Plug plug(machine.runtime());
    submit(BioOp::write, 0, 8);
    submit(BioOp::read, 8, 8);
    submit(BioOp::discard, 16, 8);
    EXPECT_EQ(disk.in_flight(), 3U);
    wait();
  });
}

TEST_F(DiskRequests, NeighbouringDiscardsAreMergedWriteZeroesAreNot) {
  machine.run([&] {
    const Plug plug(machine.runtime());
    submit(BioOp::discard, 0, 8);
    submit(BioOp::discard, 8, 8);
    EXPECT_EQ(disk.in_flight(), 1U);
    submit(BioOp::write_zeroes, 16, 8);
    submit(BioOp::write_zeroes, 24, 8);
    EXPECT_EQ(disk.in_flight(), 3U);
    wait();
  });
}

TEST_F(DiskRequests, ABioThatMustNotMergeDoesNot) {
  machine.run([&] {
    const Plug plug(machine.runtime());
    submit(BioOp::write, 0, 8);
    submit(BioOp::write, 8, 8, 'B', dmcore::bio_nomerge);
    submit(BioOp::write, 16, 8, 'C');
    EXPECT_EQ(disk.in_flight(), 3U);
    wait();
  });
}

TEST_F(DiskRequests, FlushesPassThePlug) {
  machine.run([&] {
    const Plug plug(machine.runtime());
    submit(BioOp::write, 0, 8);
    TestBio& fua = submit(BioOp::write, 8, 8, 'F', dmcore::bio_fua);
    EXPECT_EQ(disk.in_flight(), 2U);
    // Only yields: sleeping would let the plugged write go.
    for (int i = 0; i < 20; ++i) machine.runtime().settle();
    EXPECT_TRUE(fua.ended());
    wait();
  });
}

TEST_F(DiskRequests, ARequestHasAtMost128Pages) {
  machine.run([&] {
    const Plug plug(machine.runtime());
    const sector_t pages_127 = 127 * 8;
    submit(BioOp::read, 0, pages_127);
    submit(BioOp::read, pages_127, 8);
    EXPECT_EQ(disk.in_flight(), 1U);
    submit(BioOp::read, pages_127 + 8, 8);
    EXPECT_EQ(disk.in_flight(), 2U);
    wait();
  });
}

TEST_F(DiskRequests, AMergedRequestFailsAsAWhole) {
  disk.faults().add(8, 8, sim::FaultMap::Fails::both);
  machine.run([&] {
    const Plug plug(machine.runtime());
    TestBio& good = submit(BioOp::write, 0, 8, 'A');
    TestBio& bad = submit(BioOp::write, 8, 8, 'B');
    wait();
    EXPECT_EQ(good.bio.status, BlockStatus::ioerr);
    EXPECT_EQ(bad.bio.status, BlockStatus::ioerr);
  });
}

TEST_F(DiskRequests, OverlappingWritesOfAPlugEndTheOtherWayRound) {
  machine.run([&] {
    {
      const Plug plug(machine.runtime());
      submit(BioOp::write, 0, 1, 'A');
      submit(BioOp::write, 0, 1, 'B');
    }
    wait();
    EXPECT_EQ(stored_letters(disk, 0, 1), "A");
  });
}

TEST_F(DiskRequests, AWorkerStartsThoseOfATaskThatSleeps) {
  machine.run([&] {
    const Plug plug(machine.runtime());
    submit(BioOp::write, 0, 1, 'A');
    submit(BioOp::write, 0, 1, 'B');
    wait();
    EXPECT_EQ(stored_letters(disk, 0, 1), "B");
  });
}

}  // namespace
