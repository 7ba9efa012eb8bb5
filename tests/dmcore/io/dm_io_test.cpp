// SPDX-License-Identifier: GPL-2.0-or-later
// dm-io: one request, several regions.
#include "dmcore/io/dm_io.h"

#include <gtest/gtest.h>
#include <optional>

#include "tests/rig/letters.h"
#include "tests/rig/machine.h"

namespace {

using dmcore::BioOp;
using dmcore::Errno;
using dmcore::IoClient;
using dmcore::IoRegion;
using test::Machine;
using test::read_letters;
using test::write_letters;

std::vector<std::byte> letters(std::size_t sectors, char letter) {
  return std::vector(sectors * 512, static_cast<std::byte>(letter));
}

struct DmIoClient : testing::Test {
  Machine machine;
  sim::VirtualDisk& a = machine.add_disk(8192);
  sim::VirtualDisk& b = machine.add_disk(8192);
  IoClient client{machine.block()};
};

TEST_F(DmIoClient, WritesTheSameDataToAllRegions) {
  machine.run([&] {
    auto data = letters(4, 'A');
    const std::array regions{IoRegion{&a, 0, 4}, IoRegion{&b, 8, 2}};
    EXPECT_TRUE(client.sync({BioOp::write, 0, data.data()}, regions).ok());
    EXPECT_EQ(read_letters(a, 0, 5), "AAAA.");
    EXPECT_EQ(read_letters(b, 7, 4), ".AA.");
  });
  EXPECT_EQ(client.in_flight(), 0U);
}

TEST_F(DmIoClient, ReadsOneRegion) {
  machine.run([&] {
    EXPECT_EQ(write_letters(a, 3, "XY"), Errno::ok);
    std::vector<std::byte> data(1024);
    EXPECT_TRUE(client.sync({BioOp::read, 0, data.data()}, std::array{IoRegion{&a, 3, 2}}).ok());
    EXPECT_EQ(data.front(), std::byte{'X'});
    EXPECT_EQ(data.back(), std::byte{'Y'});
  });
}

TEST_F(DmIoClient, ReadingSeveralRegionsIsAMistake) {
  machine.run([&] {
    std::vector<std::byte> data(512);
    const std::array regions{IoRegion{&a, 0, 1}, IoRegion{&b, 0, 1}};
    EXPECT_EQ(client.sync({BioOp::read, 0, data.data()}, regions).error(), Errno::io);
  });
}

TEST_F(DmIoClient, SaysWhichRegionsFailed) {
  b.faults().add(0, 1, sim::FaultMap::Fails::writes);
  machine.run([&] {
    auto data = letters(1, 'A');
    const std::array regions{IoRegion{&a, 0, 1}, IoRegion{&b, 0, 1}, IoRegion{&a, 4, 1}};
    unsigned long errors = 0;
    EXPECT_EQ(client.sync({BioOp::write, 0, data.data()}, regions, &errors).error(), Errno::io);
    EXPECT_EQ(errors, 0b010U);
    EXPECT_EQ(read_letters(a, 0, 5), "A...A");
  });
}

TEST_F(DmIoClient, LeavesOutEmptyRegions) {
  machine.run([&] {
    auto data = letters(1, 'A');
    const std::array regions{IoRegion{&a, 0, 0}, IoRegion{&b, 0, 1}};
    EXPECT_TRUE(client.sync({BioOp::write, 0, data.data()}, regions).ok());
  });
  EXPECT_EQ(a.counters.written_sectors, 0U);
  EXPECT_EQ(b.counters.written_sectors, 1U);
}

TEST_F(DmIoClient, FlushesDevicesOfEmptyRegions) {
  machine.run([&] {
    const std::array regions{IoRegion{&a, 0, 0}, IoRegion{&b, 0, 0}};
    EXPECT_TRUE(client.sync({BioOp::write, dmcore::bio_preflush, nullptr}, regions).ok());
  });
  EXPECT_EQ(a.counters.flushes, 1U);
  EXPECT_EQ(b.counters.flushes, 1U);
}

TEST_F(DmIoClient, SendsLongRegionsInBiosOf1MiB) {
  machine.run([&] {
    auto data = letters(5000, 'A');
    bool done = false;
    EXPECT_TRUE(client
                    .async(
                        {BioOp::write, 0, data.data()}, std::array{IoRegion{&a, 0, 5000}},
                        [](unsigned long errors, void* context) {
                          EXPECT_EQ(errors, 0U);
                          *static_cast<bool*>(context) = true;
                        },
                        &done)
                    .ok());
    EXPECT_EQ(a.in_flight(), 3U);
    machine.runtime().settle();
    EXPECT_TRUE(done);
    EXPECT_EQ(read_letters(a, 4999, 2), "A.");
  });
}

TEST_F(DmIoClient, ADiscardThatADeviceCannotDoFailsItsRegionOnly) {
  b.limits.max_discard_sectors = 0;
  machine.run([&] {
    const std::array regions{IoRegion{&a, 0, 8}, IoRegion{&b, 0, 8}};
    unsigned long errors = 0;
    EXPECT_FALSE(client.sync({BioOp::discard, 0, nullptr}, regions, &errors).ok());
    EXPECT_EQ(errors, 0b10U);
  });
  EXPECT_EQ(a.counters.discarded_sectors, 8U);
}

TEST_F(DmIoClient, SendsDiscardsOfAtMostTheDevicesLimit) {
  a.limits.max_discard_sectors = 100;
  machine.run([&] {
    EXPECT_TRUE(client.sync({BioOp::discard, 0, nullptr}, std::array{IoRegion{&a, 0, 250}}).ok());
  });
  EXPECT_EQ(a.counters.discarded_sectors, 250U);
}

}  // namespace
