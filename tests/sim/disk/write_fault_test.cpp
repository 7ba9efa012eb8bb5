// SPDX-License-Identifier: GPL-2.0-or-later
// Torn and misdirected writes, and what several faults make of one request.
#include "dmcore/block/plug.h"

#include "tests/rig/bio.h"
#include "tests/sim/disk/fault_fixture.h"

namespace {

using dmcore::BioOp;
using dmcore::BlockStatus;
using dmcore::Errno;
using sim::Fault;
using std::chrono::milliseconds;
using test::read_letters;
using test::stored_letters;
using test::TestBio;
using test::write_letters;

class WriteFault : public test::DiskFault {};

// ---- torn and misdirected writes ----

TEST_F(WriteFault, OfATornWriteTheFirstSectorsReachTheMedium) {
  have({{Fault::Torn{{10, 1}, 3}}});
  machine.run([&] {
    EXPECT_EQ(write_letters(disk, 8, "ABCDE"), Errno::ok);
    EXPECT_EQ(write_letters(disk, 16, "FGHIJ"), Errno::ok);
  });
  EXPECT_EQ(stored(8, 5), "ABC..");
  EXPECT_EQ(stored(16, 5), "FGHIJ");
}

TEST_F(WriteFault, AWriteOfFewSectorsIsNotTornAndIsNoHit) {
  have({{Fault::Torn{{0, 64}, 3}, 1}});
  machine.run([&] {
    EXPECT_EQ(write_letters(disk, 0, "ABC"), Errno::ok);
    EXPECT_EQ(write_letters(disk, 8, "ABCD"), Errno::ok);
  });
  EXPECT_EQ(stored(0, 3), "ABC");
  EXPECT_EQ(stored(8, 4), "ABC.");
}

TEST_F(WriteFault, AMergedRequestIsTornAsOne) {
  have({{Fault::Torn{{0, 8}, 3}}});
  machine.run([&] {
    TestBio first(disk, BioOp::write, 0, 2, 'A');
    TestBio second(disk, BioOp::write, 2, 2, 'B');
    {
      const dmcore::Plug plug(machine.runtime());
      first.submit();
      second.submit();
    }
    EXPECT_EQ(first.wait(), BlockStatus::ok);
    EXPECT_EQ(second.wait(), BlockStatus::ok);
  });
  EXPECT_EQ(stored(0, 4), "AAB.");
}

TEST_F(WriteFault, AMisdirectedWriteChangesOtherSectors) {
  have({{Fault::Misdirected{{9, 2}, 33}}});
  test::store_letters(disk, 32, "XXXX");
  machine.run([&] { EXPECT_EQ(write_letters(disk, 8, "ABCD"), Errno::ok); });
  EXPECT_EQ(stored(8, 4), "A..D");
  EXPECT_EQ(stored(32, 4), "XBCX");
}

TEST_F(WriteFault, AWriteWithinTheSectorsIsAsFarFromTheNewPlaceAsFromTheOld) {
  have({{Fault::Misdirected{{8, 8}, 32}}});
  machine.run([&] { EXPECT_EQ(write_letters(disk, 10, "AB"), Errno::ok); });
  EXPECT_EQ(stored(32, 4), "..AB");
}

// What is executed ends with the disk.
TEST(WriteFaultMap, MisdirectsNothingBehindTheEnd) {
  const std::vector<Fault> faults = {{Fault::Misdirected{{0, 8}, 62}}};
  sim::FaultMap map(faults);
  const sim::Fate fate = map.fate_of_write({{.offset = 0, .bytes = 2048, .data = {}}}, {64 * 512, 512});
  ASSERT_EQ(fate.ranges.size(), 1U);
  EXPECT_EQ(fate.ranges[0].offset, 62U * 512);
  EXPECT_EQ(fate.ranges[0].bytes, 2U * 512);
}

TEST_F(WriteFault, AWriteThatIsMisdirectedBehindTheEndIsLost) {
  have({{Fault::Misdirected{{0, 8}, 62}}});
  machine.run([&] { EXPECT_EQ(write_letters(disk, 0, "ABCD"), Errno::ok); });
  EXPECT_EQ(stored(0, 4), "....");
  EXPECT_EQ(stored(62, 2), "AB");
}

TEST_F(WriteFault, ADiscardIsAWriteThatMayBeMisdirected) {
  have({{Fault::Misdirected{{0, 8}, 32}}});
  test::store_letters(disk, 0, "AAAAAAAA");
  test::store_letters(disk, 32, "BBBBBBBBB");
  machine.run([&] { EXPECT_EQ(TestBio(disk, BioOp::discard, 0, 8).submit().wait(), BlockStatus::ok); });
  EXPECT_EQ(stored(0, 8), "AAAAAAAA");
  EXPECT_EQ(stored(32, 9), "........B");
}

TEST_F(WriteFault, LogicalBlocksStayWhole) {
  sim::VirtualDisk& large = machine.add_disk(64, {.logical_block_size = 4096});
  large.set_faults(
      sim::FaultMap(std::vector<Fault>{{Fault::Torn{{0, 8}, 15}}, {Fault::Misdirected{{20, 1}, 41}}}));
  machine.run([&] {
    EXPECT_EQ(write_letters(large, 0, "AAAAAAAABBBBBBBB"), Errno::ok);
    EXPECT_EQ(write_letters(large, 16, "CCCCCCCC"), Errno::ok);
  });
  EXPECT_EQ(stored_letters(large, 0, 24), "AAAAAAAA................");
  EXPECT_EQ(stored_letters(large, 40, 8), "CCCCCCCC");
}

// ---- several faults ----

TEST_F(WriteFault, AnErrorAfterATornWriteLeavesThePartThere) {
  have({{Fault::Torn{{0, 8}, 1}}, {Fault::WriteError{{0, 8}}}});
  machine.run([&] { EXPECT_EQ(write_letters(disk, 0, "AB"), Errno::io); });
  EXPECT_EQ(stored(0, 2), "A.");
}

TEST_F(WriteFault, AnErrorBeforeATornWriteLeavesNothing) {
  have({{Fault::WriteError{{0, 8}}}, {Fault::Torn{{0, 8}, 1}, 1}});
  machine.run([&] { EXPECT_EQ(write_letters(disk, 0, "AB"), Errno::io); });
  EXPECT_EQ(stored(0, 2), "..");
}

TEST_F(WriteFault, AWriteThatHasFailedIsNoHitOfLaterFaults) {
  have({{Fault::WriteError{{0, 8}}, 1}, {Fault::Torn{{0, 8}, 1}, 1}});
  machine.run([&] {
    EXPECT_EQ(write_letters(disk, 0, "AB"), Errno::io);
    EXPECT_EQ(write_letters(disk, 0, "CD"), Errno::ok);
  });
  EXPECT_EQ(stored(0, 2), "C.");
}

TEST_F(WriteFault, AFaultActsOnWhatThoseBeforeItHaveLeft) {
  have({{Fault::Misdirected{{0, 8}, 16}}, {Fault::Misdirected{{16, 8}, 32}}, {Fault::WriteError{{0, 24}}}});
  machine.run([&] { EXPECT_EQ(write_letters(disk, 0, "AB"), Errno::ok); });
  EXPECT_EQ(stored(0, 2), "..");
  EXPECT_EQ(stored(16, 2), "..");
  EXPECT_EQ(stored(32, 2), "AB");
}

TEST_F(WriteFault, OtherFaultsTakeThePlaceOfThoseThatWereThere) {
  have({{Fault::WriteError{}}});
  have({{Fault::ReadError{}}});
  machine.run([&] {
    EXPECT_EQ(read_letters(disk, 0, 1), "EIO");
    EXPECT_EQ(write_letters(disk, 0, "A"), Errno::ok);
  });
}

TEST_F(WriteFault, FaultsAreDecidedWhenARequestIsSent) {
  sim::VirtualDisk& slow = machine.add_disk(64, {.timing = {.read_latency = milliseconds(10)}});
  machine.run([&] {
    TestBio before(slow, BioOp::read, 0, 1);
    before.submit();
    slow.set_faults(sim::FaultMap(std::vector<Fault>{{Fault::ReadError{}}}));
    EXPECT_EQ(before.wait(), BlockStatus::ok);
    EXPECT_EQ(read_letters(slow, 0, 1), "EIO");
  });
}

}  // namespace
