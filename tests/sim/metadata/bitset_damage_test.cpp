// SPDX-License-Identifier: GPL-2.0-or-later
// Damage of the bitset's array and its bits, and of more than one block.
#include "tests/sim/metadata/metadata_damage.h"

namespace {

using dmcore::ArrayBlockDisk;
using dmcore::le32;
using dmcore::le64;
using test::DamagedMetadataCheck;
using test::Image;
using testing::ElementsAre;
using testing::StartsWith;

TEST_F(DamagedMetadataCheck, ArrayBlocksOfAnotherValueSize) {
  array().value_size = 4;
  seal_array();
  EXPECT_THAT(image.findings(), ElementsAre("array-block: " + of_array("values of 4 bytes, expected 8")));
  EXPECT_EQ(image.check().summary->regions_read, 0U);
}

TEST_F(DamagedMetadataCheck, ArrayBlocksWithAnotherRoom) {
  array().max_entries = 508;
  seal_array();
  EXPECT_THAT(image.findings(), ElementsAre("array-block: " + of_array("room for 508 values, expected 509")));
}

TEST_F(DamagedMetadataCheck, ArrayBlocksWithTooManyValues) {
  array().nr_entries = 510;
  seal_array();
  EXPECT_THAT(image.findings(), ElementsAre("array-block: " + of_array("510 values, with room for 509")));
}

TEST_F(DamagedMetadataCheck, BitsetsThatAreTooShort) {
  array().nr_entries = 1;
  seal_array();
  EXPECT_THAT(image.findings(), ElementsAre("bitset-length: " + of_array("1 words, expected 2")));
}

TEST_F(DamagedMetadataCheck, BitsetsThatAreTooLong) {
  array().nr_entries = 3;
  seal_array();
  EXPECT_THAT(image.findings(), ElementsAre("bitset-length: " + of_array("3 words, expected 2")));
}

TEST_F(DamagedMetadataCheck, BitsetsWithoutTheirLastArrayBlock) {
  image = Image::of_sample("many-array-blocks");
  const std::uint64_t last = image.array_block(3);
  node(image.bitset_root()).nr_entries = 3;
  image.seal_bitset_root();
  image.set_count(last, 0);
  EXPECT_THAT(image.findings(), ElementsAre("bitset-length: " + of_root("leads to no array blocks 3 to 3")));
}

TEST_F(DamagedMetadataCheck, BitsetsWithoutAnArrayBlockInTheMiddle) {
  image = Image::of_sample("many-array-blocks");
  const std::uint64_t missing = image.array_block(1);
  for (std::size_t i = 1; i < 3; ++i) {
    image.key(image.bitset_root(), i) = i + 1;
    image.value(image.bitset_root(), i) = image.array_block(i + 1);
  }
  node(image.bitset_root()).nr_entries = 3;
  image.seal_bitset_root();
  image.set_count(missing, 0);
  EXPECT_THAT(image.findings(), ElementsAre("bitset-length: " + of_root("leads to no array blocks 1 to 1")));
}

TEST_F(DamagedMetadataCheck, BitsetsWithMoreArrayBlocksThanTheyNeed) {
  image = Image::of_sample("many-array-blocks");
  const std::uint64_t more = image.array_block(3);
  // One array block less is needed.
  image.superblock().target_size = std::uint64_t{3} * 32576 * 8;
  image.seal_superblock();
  EXPECT_THAT(image.findings(),
              ElementsAre(fmt::format("bitset-length: block {0}: is array block 3 of a bitset with 3 ({1} > "
                                      "array block {0})",
                                      more, root_path())));
}

TEST_F(DamagedMetadataCheck, BitsBeyondTheLastRegion) {
  image.at<le64>(image.array_block(), sizeof(ArrayBlockDisk) + 8) |= std::uint64_t{1} << 61;
  seal_array();
  EXPECT_THAT(image.findings(),
              ElementsAre("spare-bits: " + of_array("1 bits are set beyond the last region")));
  EXPECT_EQ(image.check().summary->hydrated, 2U);
}

// --- more than one ---------------------------------------------------------------------------------------

TEST_F(DamagedMetadataCheck, WhatIsBehindDamageIsNoLeakAndTheRestIsChecked) {
  image = Image::with_internal_node();
  const std::uint64_t leaf = image.value(image.bitset_root(), 0);
  const std::uint64_t other = image.value(image.value(image.bitset_root(), 1), 0);
  image.at<le32>(leaf) += 1;
  image.at<le32>(other) += 1;
  EXPECT_THAT(image.findings(), ElementsAre(StartsWith(fmt::format("checksum: block {}: ", leaf)),
                                            StartsWith(fmt::format("checksum: block {}: ", other))));
}

TEST_F(DamagedMetadataCheck, TheRegionsThatCanBeReadAreCounted) {
  image = Image::of_sample("many-array-blocks");
  image.at<le32>(image.array_block(0)) += 1;
  const auto summary = image.check().summary;
  EXPECT_EQ(summary->regions, 130'000U);
  EXPECT_EQ(summary->regions_read, 130'000U - 32576);
  EXPECT_EQ(summary->hydrated, 2U);
}

}  // namespace
