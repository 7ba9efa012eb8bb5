// SPDX-License-Identifier: GPL-2.0-or-later
// I/O of a host: names of devices, pieces, what happens at a device's end.
#include <gmock/gmock.h>
#include <vector>

#include "tests/sim/host/host_fixture.h"

namespace {

using dmcore::Errno;
using testing::ElementsAre;
using HostDevices = test::HostTest;

constexpr std::int64_t piece_sectors = 2048;

std::vector<std::byte> sectors_of(std::size_t count, char letter) {
  return std::vector<std::byte>(count * dmcore::sector_size, static_cast<std::byte>(letter));
}

TEST_F(HostDevices, ADiskIsFoundBeforeAMappedDevice) {
  add_disk("a", 8);
  EXPECT_EQ(host_.device_path("a"), "/dev/a");
  EXPECT_EQ(host_.device_path("b"), "/dev/mapper/b");
}

TEST_F(HostDevices, WhatWasWrittenIsRead) {
  add_disk("a", 8);
  host_.run([&] {
    EXPECT_TRUE(host_.write("a", 3, sectors_of(2, 'x')).ok());
    std::vector<std::byte> found(2 * dmcore::sector_size);
    EXPECT_TRUE(host_.read("a", 3, found).ok());
    EXPECT_EQ(found, sectors_of(2, 'x'));
  });
}

TEST_F(HostDevices, WritesArePiecesThatSayWhereTheyAre) {
  add_disk("a", 3 * piece_sectors);
  std::vector<dmcore::sector_t> pieces;
  host_.run([&] {
    EXPECT_TRUE(host_
                    .write("a", 1, piece_sectors + 5,
                           [&](dmcore::sector_t sector, std::span<std::byte> piece) {
                             pieces.push_back(sector);
                             pieces.push_back(dmcore::to_sectors(piece.size()));
                           })
                    .ok());
  });
  EXPECT_THAT(pieces, ElementsAre(1, piece_sectors, 1 + piece_sectors, 5));
}

TEST_F(HostDevices, DataOfSeveralPiecesComeBackInOrder) {
  add_disk("a", 3 * piece_sectors);
  std::vector<std::byte> data(static_cast<std::size_t>(piece_sectors + 1) * dmcore::sector_size);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::byte>(i >> 9U);
  std::vector<std::byte> found(data.size());
  host_.run([&] {
    EXPECT_TRUE(host_.write("a", 7, data).ok());
    EXPECT_TRUE(host_.read("a", 7, found).ok());
  });
  EXPECT_TRUE(found == data);
}

TEST_F(HostDevices, AReadSaysHowMuchItGotInWholePieces) {
  add_disk("a", piece_sectors + 4);
  std::int64_t taken = 0;
  const auto take = [&](dmcore::sector_t, std::span<const std::byte> piece) {
    taken += static_cast<std::int64_t>(dmcore::to_sectors(piece.size()));
  };
  host_.run([&] {
    const auto done = host_.read("a", 0, piece_sectors + 8, take);
    ASSERT_TRUE(done.ok());
    EXPECT_EQ(*done, piece_sectors);
    EXPECT_EQ(taken, piece_sectors);
  });
}

TEST_F(HostDevices, AReadWithoutACountGoesToTheEnd) {
  add_disk("a", piece_sectors + 4);
  host_.run([&] {
    const auto done = host_.read("a", 2, std::nullopt, [](dmcore::sector_t, std::span<const std::byte>) {});
    ASSERT_TRUE(done.ok());
    EXPECT_EQ(*done, piece_sectors + 2);
  });
}

TEST_F(HostDevices, DataThatAreNotAllThereAreAnError) {
  add_disk("a", 8);
  std::vector<std::byte> data(16 * dmcore::sector_size);
  host_.run([&] { EXPECT_EQ(host_.read("a", 0, data), Errno::nodata); });
}

TEST_F(HostDevices, ThereIsNoSpaceBehindTheEnd) {
  add_disk("a", 8);
  host_.run([&] { EXPECT_EQ(host_.write("a", 7, sectors_of(2, 'x')), Errno::nospc); });
}

TEST_F(HostDevices, ANegativeSectorIsRefused) {
  add_disk("a", 8);
  host_.run([&] {
    EXPECT_EQ(host_.write("a", -1, sectors_of(1, 'x')), Errno::inval);
    EXPECT_EQ(host_.discard("a", -1, 1), Errno::inval);
  });
}

TEST_F(HostDevices, DataAreWholeSectors) {
  add_disk("a", 8);
  std::vector<std::byte> data(700);
  host_.run([&] {
    EXPECT_EQ(host_.write("a", 0, data), Errno::inval);
    EXPECT_EQ(host_.read("a", 0, data), Errno::inval);
  });
}

TEST_F(HostDevices, ADeviceThatIsNotThereCannotBeOpened) {
  host_.run([&] {
    EXPECT_EQ(host_.open("a", false).status(), Errno::noent);
    EXPECT_EQ(host_.flush("a"), Errno::noent);
    EXPECT_EQ(host_.sysfs("a", "queue/rotational").status(), Errno::noent);
  });
}

TEST_F(HostDevices, DsyncFlushesTheDisk) {
  add_disk("a", 8);
  host_.run([&] {
    EXPECT_TRUE(host_.write("a", 0, sectors_of(1, 'x'), true).ok());
    EXPECT_NE(host_.take_io_counters("a")->flushes, 0U);
  });
}

TEST_F(HostDevices, DiscardReachesTheDisk) {
  add_disk("a", 16);
  host_.run([&] {
    EXPECT_TRUE(host_.discard("a", 0, 8).ok());
    EXPECT_EQ(host_.take_io_counters("a")->discarded_sectors, 8U);
  });
}

TEST_F(HostDevices, SysfsHasTheAttributesOfADevice) {
  add_disk("a", 8);
  host_.run([&] { EXPECT_EQ(*host_.sysfs("a", "logical_block_size"), "512"); });
}

}  // namespace
