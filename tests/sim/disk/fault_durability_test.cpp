// SPDX-License-Identifier: GPL-2.0-or-later
// What a power cut may leave on a disk with faults.
#include <gtest/gtest.h>

#include "dmcore/block/lib.h"

#include "tests/rig/bio.h"
#include "tests/rig/letters.h"
#include "tests/rig/machine.h"

namespace {

using dmcore::bio_fua;
using dmcore::BioOp;
using dmcore::BlockStatus;
using dmcore::Errno;
using sim::Fault;
using std::chrono::milliseconds;
using test::TestBio;
using test::write_letters;

// A disk whose writes take 10 ms and whose flushes take 100 ms.
class FaultDurability : public testing::Test {
 protected:
  FaultDurability() { disk.record_durability(); }

  void have(const std::vector<Fault>& faults) { disk.set_faults(sim::FaultMap(faults)); }
  // Of a sector, a letter each, the durable one first.
  std::string candidates(std::uint64_t sector) {
    std::string letters;
    for (const auto& content : disk.durability()->candidates(sector * 512).contents)
      letters += content.zero() ? std::string(".") : test::letters_of(content.bytes(), sector);
    return letters;
  }

  test::Machine machine;
  sim::VirtualDisk& disk = machine.add_disk(
      64, {.timing = {.write_latency = milliseconds(10), .flush_latency = milliseconds(100)}});
};

TEST_F(FaultDurability, ALyingFlushEndsAtOnceAndCoversNothing) {
  have({{Fault::Lies{}, 1}});
  machine.run([&] {
    EXPECT_EQ(write_letters(disk, 0, "A"), Errno::ok);
    EXPECT_TRUE(issue_flush(disk).ok());
    EXPECT_EQ(machine.runtime().now(), milliseconds(10));
    EXPECT_EQ(candidates(0), ".A");
    EXPECT_TRUE(issue_flush(disk).ok());
    EXPECT_EQ(machine.runtime().now(), milliseconds(110));
    EXPECT_EQ(candidates(0), "A");
  });
  EXPECT_EQ(disk.counters.flushes, 2U);
}

TEST_F(FaultDurability, AWriteWithFuaIsNotDurableIfTheFlushLies) {
  have({{Fault::Lies{}}});
  machine.run([&] {
    TestBio bio(disk, BioOp::write, 0, 1, 'A', bio_fua);
    EXPECT_EQ(bio.submit().wait(), BlockStatus::ok);
    EXPECT_EQ(bio.ended_at(), milliseconds(10));
  });
  EXPECT_EQ(candidates(0), ".A");
}

TEST_F(FaultDurability, OfALyingAndAFailingFlushTheFirstFaultDecides) {
  have({{Fault::FlushError{}, 1}, {Fault::Lies{}}});
  machine.run([&] {
    EXPECT_EQ(issue_flush(disk).error(), Errno::io);
    EXPECT_TRUE(issue_flush(disk).ok());
  });
}

TEST_F(FaultDurability, WhatATornWriteHasNotReachedIsAsItWas) {
  have({{Fault::Torn{{0, 8}, 1}}});
  machine.run([&] {
    TestBio bio(disk, BioOp::write, 0, 2, 'A');
    bio.submit();
    EXPECT_EQ(candidates(0), ".A");
    EXPECT_EQ(candidates(1), ".");
    bio.wait();
    EXPECT_EQ(candidates(0), ".A");
    EXPECT_EQ(candidates(1), ".");
    EXPECT_TRUE(issue_flush(disk).ok());
  });
  EXPECT_EQ(candidates(0), "A");
  EXPECT_EQ(candidates(1), ".");
}

TEST_F(FaultDurability, APartOfATornWriteThatFailedIsThereOrNot) {
  have({{Fault::Torn{{0, 8}, 1}}, {Fault::WriteError{{0, 8}}}});
  machine.run([&] {
    EXPECT_EQ(write_letters(disk, 0, "AB"), Errno::io);
    EXPECT_TRUE(issue_flush(disk).ok());
  });
  EXPECT_EQ(candidates(0), ".A");
  EXPECT_EQ(candidates(1), ".");
}

TEST_F(FaultDurability, AMisdirectedWriteIsInFlightAndDurableWhereItGoes) {
  have({{Fault::Misdirected{{0, 8}, 32}}});
  test::store_letters(disk, 32, "X");
  machine.run([&] {
    TestBio bio(disk, BioOp::write, 0, 1, 'A');
    bio.submit();
    EXPECT_EQ(candidates(0), ".");
    EXPECT_EQ(candidates(32), "XA");
    bio.wait();
    EXPECT_EQ(candidates(32), "XA");
    EXPECT_TRUE(issue_flush(disk).ok());
    EXPECT_EQ(candidates(32), "A");
  });
  EXPECT_EQ(candidates(0), ".");
}

TEST_F(FaultDurability, AFuaWriteIsDurableWhereItGoes) {
  have({{Fault::Misdirected{{0, 8}, 32}}});
  machine.run([&] { EXPECT_EQ(write_letters(disk, 0, "A", bio_fua), Errno::ok); });
  EXPECT_EQ(candidates(32), "A");
}

TEST_F(FaultDurability, ABitRotsInAllThatABlockMayHold) {
  machine.run([&] { EXPECT_EQ(write_letters(disk, 0, "B"), Errno::ok); });
  have({{Fault::BitRot{.byte = 3, .bit = 0}}});
  const auto found = disk.durability()->candidates(0).contents;
  ASSERT_EQ(found.size(), 2U);
  ASSERT_FALSE(found[0].zero());
  EXPECT_EQ(found[0].bytes()[3], std::byte{1});
  EXPECT_EQ(found[1].bytes()[3], std::byte{'C'});
  EXPECT_EQ(found[1].bytes()[2], std::byte{'B'});
}

TEST_F(FaultDurability, AWriteThatIsSentButNotExecutedHasNotRotten) {
  machine.run([&] {
    TestBio bio(disk, BioOp::write, 0, 1, 'B');
    bio.submit();
    have({{Fault::BitRot{.byte = 3, .bit = 0}}});
    EXPECT_EQ(candidates(0), "?B");
    bio.wait();
    EXPECT_TRUE(issue_flush(disk).ok());
  });
  EXPECT_EQ(candidates(0), "B");
}

TEST_F(FaultDurability, WhatASilentDiskHoldsIsThereOrNot) {
  have({{Fault::Silent{}}});
  machine.run([&] {
    TestBio bio(disk, BioOp::write, 0, 1, 'A');
    bio.submit();
    machine.runtime().sleep_for(milliseconds(500));
    EXPECT_EQ(candidates(0), ".A");
    EXPECT_FALSE(bio.ended());
    have({});
    bio.wait();
  });
}

}  // namespace
