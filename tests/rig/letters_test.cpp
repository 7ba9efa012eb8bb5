// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/rig/letters.h"

#include <gtest/gtest.h>

#include "sim/language/pattern.h"

#include "tests/rig/machine.h"

namespace {

using test::bytes_of;
using test::letters_of;

TEST(Letters, AreReadAsTheyWereWritten) {
  EXPECT_EQ(letters_of(bytes_of("A1.zS", 100), 100), "A1.zS");
}

TEST(Letters, ACapitalFillsItsSector) {
  const std::vector<std::byte> data = bytes_of("A", 7);
  EXPECT_EQ(data, std::vector<std::byte>(dmcore::sector_size, std::byte{'A'}));
}

TEST(Letters, ASmallOneIsTheStampOfTheSector) {
  EXPECT_EQ(sim::language::sector_name(bytes_of("s", 7), 7), "@S");
}

TEST(Letters, AStampInTheWrongPlaceShows) {
  EXPECT_EQ(letters_of(bytes_of("sss", 7), 8), "???");
}

TEST(Letters, ASectorOfSeveralBytesIsUnknown) {
  std::vector<std::byte> data = bytes_of("AA", 0);
  data.back() = std::byte{'B'};
  EXPECT_EQ(letters_of(data, 0), "A?");
}

TEST(Letters, GoToADeviceAndComeFromIt) {
  test::Machine machine;
  sim::VirtualDisk& disk = machine.add_disk(8);
  machine.run([&] {
    EXPECT_TRUE(test::write_letters(disk, 2, "Ab").ok());
    EXPECT_EQ(test::read_letters(disk, 0, 5), "..Ab.");
  });
  EXPECT_EQ(test::stored_letters(disk, 1, 3), ".Ab");
}

TEST(Letters, AnErrorIsReadAsItsName) {
  test::Machine machine;
  machine.add_probe_disk(8).outcome = [](const dmcore::Bio&) { return dmcore::BlockStatus::medium; };
  machine.run([&] {
    EXPECT_EQ(test::read_letters(machine.probe_disk(0), 0, 1), "ENODATA");
    EXPECT_EQ(test::write_letters(machine.probe_disk(0), 0, "A"), dmcore::Errno::nodata);
  });
}

TEST(Letters, AreStoredOnADiskAtRest) {
  test::Machine machine;
  sim::VirtualDisk& disk = machine.add_disk(8);
  test::store_letters(disk, 3, "Xy");
  EXPECT_EQ(test::stored_letters(disk, 2, 4), ".Xy.");
}

}  // namespace
