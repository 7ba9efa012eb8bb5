// SPDX-License-Identifier: GPL-2.0-or-later
// Several tasks write to the same regions, none of which is hydrated, in many orders: each region must be
// copied once, and no write may get lost under the copy.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <set>
#include <string>
#include <vector>

#include "tests/rig/clone.h"
#include "tests/rig/failure.h"

namespace {

using dmcore::sector_t;
using testing::AnyOf;
using testing::SizeIs;

constexpr sector_t written_regions = 64;
constexpr sector_t written_region_sectors = 8;

// A task that writes the same sectors of each region, one region after the other.
struct Writer {
  char letter;
  sector_t first;  // in the region
  sector_t sectors;
};

class CloneConcurrentWrites : public testing::Test {
 protected:
  // The writers begin together, and drift apart: so one comes to a region before, while, or when it has just
  // been hydrated for another. Returns what is then read.
  std::string written_at_once(std::uint64_t seed, const std::vector<Writer>& writers) {
    test::Machine machine({.kind = sim::Schedule::Kind::random, .seed = seed});
    test::Clone clone(machine, {.sectors = written_regions * written_region_sectors,
                                .region_sectors = written_region_sectors});
    std::string data;
    machine.run([&] {
      clone.create();
      machine.in_parallel(static_cast<unsigned>(writers.size()), [&](unsigned number) {
        const Writer& writer = writers[number];
        for (sector_t region = 0; region < written_regions; ++region)
          clone.write(region * written_region_sectors + writer.first,
                      std::string(writer.sectors, writer.letter));
      });
      read_of_source_ = test::checked(machine.host().take_io_counters("loop2"), "counters").read_sectors;
      data = clone.read(0, written_regions * written_region_sectors);
    });
    EXPECT_EQ(machine.check_idle(), "");
    return data;
  }

  sector_t read_of_source_ = 0;  // while they wrote
};

TEST_F(CloneConcurrentWrites, AreAllKeptAndEachRegionIsCopiedOnce) {
  std::string expected;
  for (sector_t region = 0; region < written_regions; ++region) expected += "AsBsCsDs";
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    EXPECT_EQ(written_at_once(seed, {{'A', 0, 1}, {'B', 2, 1}, {'C', 4, 1}, {'D', 6, 1}}), expected);
    EXPECT_EQ(read_of_source_, written_regions * written_region_sectors);
    if (HasFailure()) return;
  }
}

// One task writes whole regions, another one sector of each. That sector keeps what was written last, and the
// others what the first wrote: the copy that the second may have begun must not undo it.
TEST_F(CloneConcurrentWrites, AreNotUndoneByACopy) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const std::string data = written_at_once(seed, {{'A', 0, written_region_sectors}, {'B', 3, 1}});
    for (sector_t region = 0; region < written_regions; ++region) {
      const std::string of_region = data.substr(region * written_region_sectors, written_region_sectors);
      EXPECT_THAT(of_region, AnyOf("AAAAAAAA", "AAABAAAA")) << "region " << region;
      seen.insert(of_region);
    }
    if (HasFailure()) return;
  }
  EXPECT_THAT(seen, SizeIs(2)) << "the schedules let both come last";
}

}  // namespace
