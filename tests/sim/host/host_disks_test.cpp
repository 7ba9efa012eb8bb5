// SPDX-License-Identifier: GPL-2.0-or-later
// Disks of a host: plugged in, changed, kept in files, counted.
#include <array>
#include <filesystem>
#include <fstream>

#include "tests/sim/host/host_fixture.h"

namespace {

using dmcore::Errno;
using HostDisks = test::HostTest;

constexpr std::array<std::byte, 4> four_bytes{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};

TEST_F(HostDisks, AreFoundByName) {
  const sim::VirtualDisk& added = add_disk("a", 16);
  EXPECT_EQ(host_.disk("a"), &added);
  EXPECT_EQ(host_.disk("b"), nullptr);
}

TEST_F(HostDisks, ANameIsGivenOnce) {
  add_disk("a", 16);
  EXPECT_EQ(host_.add_disk({.name = "a", .size_bytes = 512}).status(), Errno::exist);
}

TEST_F(HostDisks, ANumberIsGivenOnce) {
  ASSERT_TRUE(host_.add_disk({.name = "a", .size_bytes = 512, .number = dmcore::DevT{8, 0}}).ok());
  EXPECT_EQ(host_.add_disk({.name = "b", .size_bytes = 512, .number = dmcore::DevT{8, 0}}).status(),
            Errno::busy);
}

TEST_F(HostDisks, AFileIsMadeIfTheSizeIsGiven) {
  ASSERT_TRUE(host_.add_disk({.name = "a", .size_bytes = 4096, .file = "image"}).ok());
  EXPECT_EQ(std::filesystem::file_size(directory_ / "image"), 4096U);
}

TEST_F(HostDisks, AFileThatIsNotThereHasNoSize) {
  EXPECT_EQ(host_.add_disk({.name = "a", .file = "image"}).status(), Errno::noent);
}

TEST_F(HostDisks, AFileOfAnotherSizeIsRefused) {
  std::ofstream(directory_ / "image") << std::string(1024, 'x');
  EXPECT_EQ(host_.add_disk({.name = "a", .size_bytes = 4096, .file = "image"}).status(), Errno::inval);
  EXPECT_EQ(host_.disk("a"), nullptr);
}

TEST_F(HostDisks, ADiskHasTheSizeOfItsFile) {
  std::ofstream(directory_ / "image") << std::string(1024, 'x');
  const auto disk = host_.add_disk({.name = "a", .file = "image"});
  ASSERT_TRUE(disk.ok());
  EXPECT_EQ((*disk)->nr_sectors(), 2U);
}

TEST_F(HostDisks, PokeChangesBytesAtRest) {
  sim::VirtualDisk& disk = add_disk("a", 2);
  EXPECT_TRUE(host_.poke("a", 510, four_bytes).ok());
  std::array<std::byte, 4> found{};
  EXPECT_TRUE(disk.store().read(510, found).ok());
  EXPECT_EQ(found, four_bytes);
}

TEST_F(HostDisks, WhatIsPokedBehindTheEndGoesNowhere) {
  sim::VirtualDisk& disk = add_disk("a", 1);
  EXPECT_TRUE(host_.poke("a", 510, four_bytes).ok());
  EXPECT_TRUE(host_.poke("a", 5000, four_bytes).ok());
  std::array<std::byte, 2> found{};
  EXPECT_TRUE(disk.store().read(510, found).ok());
  EXPECT_EQ(found[1], std::byte{2});
}

TEST_F(HostDisks, ContentIsSavedAndLoaded) {
  add_disk("a", 2);
  sim::VirtualDisk& copy = add_disk("b", 2);
  EXPECT_TRUE(host_.poke("a", 510, four_bytes).ok());
  EXPECT_TRUE(host_.save("a", "content").ok());
  EXPECT_TRUE(host_.load("b", "content").ok());
  std::array<std::byte, 4> found{};
  EXPECT_TRUE(copy.store().read(510, found).ok());
  EXPECT_EQ(found, four_bytes);
}

TEST_F(HostDisks, OneThatIsNotThereIsAnError) {
  EXPECT_EQ(host_.poke("a", 0, four_bytes), Errno::noent);
  EXPECT_EQ(host_.load("a", "content"), Errno::noent);
  EXPECT_EQ(host_.save("a", "content"), Errno::noent);
  EXPECT_EQ(host_.take_io_counters("a").status(), Errno::noent);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "content"));
}

TEST_F(HostDisks, CountersAreThoseSinceTheLastCall) {
  add_disk("a", 16);
  const std::vector<std::byte> data(1024);
  host_.run([&] {
    EXPECT_TRUE(host_.write("a", 0, data).ok());
    EXPECT_EQ(host_.take_io_counters("a")->written_sectors, 2U);
    EXPECT_TRUE(host_.write("a", 0, data).ok());
    EXPECT_TRUE(host_.flush("a").ok());
    const auto counters = host_.take_io_counters("a");
    EXPECT_EQ(counters->written_sectors, 2U);
    EXPECT_EQ(counters->flushes, 1U);
  });
}

}  // namespace
