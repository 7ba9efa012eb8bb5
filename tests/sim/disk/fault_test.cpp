// SPDX-License-Identifier: GPL-2.0-or-later
// Errors and bit rot of a disk, and what may be expected of the system above. Torn and misdirected writes:
// write_fault_test.cpp.
#include "dmcore/block/lib.h"

#include "tests/sim/disk/fault_fixture.h"
#include "tests/support/failing_store.h"

namespace {

using dmcore::Errno;
using sim::Expectation;
using sim::Fault;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::DiskFault;
using test::read_letters;
using test::write_letters;

// ---- errors ----

TEST_F(DiskFault, AReadErrorFailsReadsThatTouchItAndNoOthers) {
  have({{Fault::ReadError{{8, 2}}}});
  machine.run([&] {
    EXPECT_EQ(read_letters(disk, 6, 3), "EIO");
    EXPECT_EQ(read_letters(disk, 9, 3), "EIO");
    EXPECT_EQ(read_letters(disk, 6, 2), "..");
    EXPECT_EQ(read_letters(disk, 10, 2), "..");
  });
}

TEST_F(DiskFault, AWriteEndsTheReadErrorOfItsSectors) {
  have({{Fault::ReadError{{8, 4}}}});
  machine.run([&] {
    EXPECT_EQ(write_letters(disk, 9, "AB"), Errno::ok);
    EXPECT_EQ(read_letters(disk, 9, 2), "AB");
    EXPECT_EQ(read_letters(disk, 8, 1), "EIO");
    EXPECT_EQ(read_letters(disk, 11, 1), "EIO");
  });
}

TEST_F(DiskFault, AWriteThatFailsDoesNotEndTheReadError) {
  have({{Fault::ReadError{{8, 1}}}, {Fault::WriteError{{8, 1}}}});
  machine.run([&] {
    EXPECT_EQ(write_letters(disk, 8, "A"), Errno::io);
    EXPECT_EQ(read_letters(disk, 8, 1), "EIO");
  });
}

TEST_F(DiskFault, AWriteErrorChangesNothingAndLetsReadsPass) {
  have({{Fault::WriteError{{8, 1}}}});
  machine.run([&] {
    EXPECT_EQ(write_letters(disk, 7, "AB"), Errno::io);
    EXPECT_EQ(read_letters(disk, 7, 2), "..");
    EXPECT_EQ(write_letters(disk, 9, "C"), Errno::ok);
  });
}

TEST_F(DiskFault, FlushesFailUntilTheyAreToldNotTo) {
  disk.faults().fail_flushes(true);
  machine.run([&] {
    EXPECT_EQ(issue_flush(disk).error(), Errno::io);
    disk.faults().fail_flushes(false);
    EXPECT_TRUE(issue_flush(disk).ok());
  });
}

TEST(DiskFaultMap, AWriteThatTheHostHasNotStoredDoesNotEndAReadError) {
  test::Machine machine;
  auto store = std::make_unique<test::FailingStore>(64 * 512, "file");
  store->on_write = Errno::nospc;
  sim::VirtualDisk& full = machine.add_disk("full", std::move(store), {});
  full.set_faults(sim::FaultMap(std::vector<Fault>{{Fault::ReadError{{8, 1}}}}));
  machine.run([&] {
    EXPECT_EQ(write_letters(full, 8, "A"), Errno::io);
    EXPECT_EQ(read_letters(full, 8, 1), "EIO");
  });
}

TEST_F(DiskFault, ARangeMayReachBehindTheLastSectorThatThereIs) {
  have({{Fault::WriteError{{63, Fault::always}}}});
  machine.run([&] { EXPECT_EQ(write_letters(disk, 63, "A"), Errno::io); });
}

TEST_F(DiskFault, AFaultActsAsOftenAsItIsTold) {
  have({{Fault::ReadError{{0, 1}}, 2}, {Fault::FlushError{}, 1}});
  machine.run([&] {
    EXPECT_EQ(read_letters(disk, 8, 1), ".");  // no hit
    EXPECT_EQ(read_letters(disk, 0, 1), "EIO");
    EXPECT_EQ(read_letters(disk, 0, 1), "EIO");
    EXPECT_EQ(read_letters(disk, 0, 1), ".");
    EXPECT_EQ(issue_flush(disk).error(), Errno::io);
    EXPECT_TRUE(issue_flush(disk).ok());
  });
}

// ---- bit rot ----

std::byte first_byte(sim::VirtualDisk& disk) {
  std::byte value{};
  disk.store().read(0, {&value, 1}).ignore();
  return value;
}

TEST_F(DiskFault, ABitRotsAtOnceWithoutATime) {
  have({{Fault::BitRot{.byte = 0, .bit = 3}}});
  EXPECT_EQ(first_byte(disk), std::byte{8});
}

TEST_F(DiskFault, ABitRotsAtItsTimeAndOnce) {
  have({{Fault::BitRot{.byte = 0, .bit = 7, .at = seconds(2)}},
        {Fault::BitRot{.byte = 0, .bit = 0, .at = seconds(1)}},
        {Fault::BitRot{.byte = 0, .bit = 4, .at = seconds(100)}}});
  machine.run([&] {
    machine.runtime().sleep_for(milliseconds(999));
    EXPECT_EQ(first_byte(disk), std::byte{0});
    machine.runtime().sleep_for(milliseconds(2));
    EXPECT_EQ(first_byte(disk), std::byte{1});
    machine.runtime().sleep_for(seconds(1));
    EXPECT_EQ(first_byte(disk), std::byte{0x81});
    machine.runtime().sleep_for(seconds(3));
  });
  EXPECT_EQ(first_byte(disk), std::byte{0x81});
}

TEST_F(DiskFault, ABitThatIsToRotLaterDoesNotIfItsFaultIsTakenAway) {
  have({{Fault::BitRot{.byte = 0, .bit = 0, .at = seconds(1)}}});
  have({{Fault::BitRot{.byte = 0, .bit = 1, .at = seconds(1)}}});
  machine.run([&] { machine.runtime().sleep_for(seconds(2)); });
  EXPECT_EQ(first_byte(disk), std::byte{2});
}

TEST_F(DiskFault, ABitThatHasRottenDoesNotRotAgainOnAnotherMachine) {
  have({{Fault::BitRot{.byte = 0, .bit = 0}}});
  sim::VirtualDisk& other = machine.add_disk(64);
  other.set_faults(disk.faults());
  EXPECT_EQ(first_byte(other), std::byte{0});
}

TEST(DiskFaultMap, BitRotBehindTheEndDoesNotTouchTheStore) {
  test::Machine machine;
  auto store = std::make_unique<test::FailingStore>(64 * 512, "file");
  store->on_read = Errno::io;
  sim::VirtualDisk& disk = machine.add_disk("d", std::move(store), {});
  disk.set_faults(sim::FaultMap(std::vector<Fault>{{Fault::BitRot{.byte = 64 * 512, .bit = 0}}}));
  EXPECT_TRUE(machine.host_errors().take().empty());
  disk.set_faults(sim::FaultMap(std::vector<Fault>{{Fault::BitRot{.byte = 64 * 512 - 1, .bit = 0}}}));
  EXPECT_EQ(machine.host_errors().take().size(), 1U);
}

// ---- what may be expected ----

TEST(DiskFaultExpectation, IsWhatTheFaultsTogetherMayShow) {
  EXPECT_EQ(sim::expectation_of({Fault::ReadError{}}), Expectation{.read_errors = true});
  EXPECT_EQ(sim::expectation_of({Fault::WriteError{}}), Expectation{.write_errors = true});
  EXPECT_EQ(sim::expectation_of({Fault::FlushError{}}), Expectation{.flush_errors = true});
  EXPECT_EQ(sim::expectation_of({Fault::Torn{}}), Expectation{.wrong_data = true});
  EXPECT_EQ(sim::expectation_of({Fault::Misdirected{}}), Expectation{.wrong_data = true});
  EXPECT_EQ(sim::expectation_of({Fault::BitRot{}}), Expectation{.wrong_data = true});
  EXPECT_EQ(sim::expectation_of({Fault::Lies{}}), Expectation{.loses_flushed = true});
  EXPECT_EQ(sim::expectation_of({Fault::Silent{}}), Expectation{.waits = true});
  EXPECT_EQ(sim::expectation_of({Fault::Silent{.to = seconds(1)}}), Expectation{});
  const std::vector<Fault> faults = {{Fault::ReadError{}}, {Fault::Lies{}}};
  EXPECT_EQ(sim::FaultMap(faults).expectation(), (Expectation{.read_errors = true, .loses_flushed = true}));
}

TEST(DiskFaultExpectation, OfAFaultThatHasActedAsOftenAsItWasToldIsNothing) {
  const std::vector<Fault> faults = {{Fault::FlushError{}, 1}};
  sim::FaultMap map(faults);
  EXPECT_EQ(map.fate_of_flush(), sim::FaultMap::Flush::fails);
  EXPECT_EQ(map.expectation(), Expectation{});
}

}  // namespace
