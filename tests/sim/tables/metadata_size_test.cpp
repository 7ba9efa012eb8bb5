// SPDX-License-Identifier: GPL-2.0-or-later
// The smallest metadata device: that it is enough, and that one block less is not.
#include "sim/tables/metadata_size.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dmclone/clone_target.h"

#include "tests/rig/machine.h"

namespace {

using dmclone::CloneMetadata;
using dmcore::sector_t;
using dmcore::Status;
using sim::tables::metadata_size;
using sim::tables::MetadataSize;

constexpr sector_t region_size = dmclone::min_region_size;
// Regions that one array block counts.
constexpr std::uint64_t regions_per_block = 509 * 64;

MetadataSize size_for(std::uint64_t regions) {
  return std::get<MetadataSize>(metadata_size(regions * region_size, region_size));
}

// Metadata for so many regions on a device of so many blocks.
class Metadata {
 public:
  Metadata(std::uint64_t regions, std::uint64_t blocks)
      : regions_(regions), disk_(machine_.add_disk(blocks * dmclone::metadata_block_sectors)) {}

  // Formats the device, or opens what is there, and closes it after `body`.
  bool open(const std::function<void(CloneMetadata&)>& body = [](CloneMetadata&) {}) {
    bool opened = false;
    machine_.run([&] {
      auto metadata = CloneMetadata::open(machine_.kernel(), disk_, regions_ * region_size, region_size);
      opened = metadata.ok();
      if (!opened) return;
      body(**metadata);
      (*metadata)->close();
    });
    return opened;
  }
  [[nodiscard]] std::uint64_t regions() const { return regions_; }

 private:
  std::uint64_t regions_;
  test::Machine machine_;
  sim::VirtualDisk& disk_;
};

Status commit(CloneMetadata& metadata) {
  DMCORE_TRY(metadata.pre_commit());
  return metadata.commit();
}

// The worst that I/O can do: in each transaction a region of every array block is hydrated, the last block
// first in every second one. After `rounds` of them everything that is left, at once.
Status hydrate_everywhere(CloneMetadata& metadata, std::uint64_t regions, std::uint64_t rounds) {
  const std::uint64_t blocks = dmcore::div_round_up(regions, regions_per_block);
  for (std::uint64_t round = 0; round < std::min(rounds, regions_per_block); ++round) {
    for (std::uint64_t i = 0; i < blocks; ++i) {
      const std::uint64_t block = round % 2 == 0 ? i : blocks - 1 - i;
      const std::uint64_t region = block * regions_per_block + round;
      if (region < regions) DMCORE_TRY(metadata.set_region_hydrated(region));
    }
    DMCORE_TRY(commit(metadata));
  }
  DMCORE_TRY(metadata.cond_set_range(0, regions));
  return commit(metadata);
}

class MetadataSizes : public testing::TestWithParam<std::uint64_t> {};

TEST_P(MetadataSizes, AreEnoughToFormat) {
  const MetadataSize size = size_for(GetParam());
  EXPECT_TRUE(Metadata(GetParam(), size.to_format).open());
}

TEST_P(MetadataSizes, AreNoLargerThanFormattingNeeds) {
  const MetadataSize size = size_for(GetParam());
  EXPECT_FALSE(Metadata(GetParam(), size.to_format - 1).open());
}

TEST_P(MetadataSizes, AreEnoughForCommitsThatChangeEverything) {
  const MetadataSize size = size_for(GetParam());
  Metadata metadata(GetParam(), size.to_commit);
  ASSERT_TRUE(metadata.open(
      [&](CloneMetadata& open) { EXPECT_TRUE(hydrate_everywhere(open, GetParam(), 20).ok()); }));
  EXPECT_TRUE(metadata.open([](CloneMetadata& open) { EXPECT_TRUE(open.is_hydration_done()); }));
}

TEST_P(MetadataSizes, AreNoLargerThanSuchCommitsNeed) {
  const MetadataSize size = size_for(GetParam());
  Metadata metadata(GetParam(), size.to_commit - 1);
  ASSERT_TRUE(metadata.open(
      [&](CloneMetadata& open) { EXPECT_FALSE(hydrate_everywhere(open, GetParam(), 20).ok()); }));
}

INSTANTIATE_TEST_SUITE_P(Tables, MetadataSizes,
                         testing::Values(1, 63, 64, 65, 1000, regions_per_block - 1, regions_per_block,
                                         regions_per_block + 1, 2 * regions_per_block,
                                         3 * regions_per_block + 7, 10 * regions_per_block,
                                         126 * regions_per_block, 251 * regions_per_block,
                                         252 * regions_per_block, 253 * regions_per_block,
                                         254 * regions_per_block, 500 * regions_per_block,
                                         1000 * regions_per_block),
                         [](const auto& info) { return fmt::format("Regions{}", info.param); });

}  // namespace
