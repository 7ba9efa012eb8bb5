// SPDX-License-Identifier: GPL-2.0-or-later
// Damage of the space map's own blocks, one kind each, on an image that is clean otherwise.
#include "tests/sim/metadata/metadata_damage.h"

namespace {

using dmcore::le32;
using test::DamagedSpaceMap;
using test::Image;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

TEST_F(DamagedSpaceMap, CountsNoBlock) {
  image.space_map().nr_blocks = 0;
  image.seal_superblock();
  EXPECT_THAT(image.findings(),
              ElementsAre("space-map-size: block 0: the space map counts 0 blocks; the device "
                          "has 1024 that it can count (superblock)"));
}

TEST_F(DamagedSpaceMap, CountsMoreBlocksThanTheDeviceHas) {
  image.space_map().nr_blocks = ~std::uint64_t{0};
  image.seal_superblock();
  EXPECT_THAT(image.findings(), ElementsAre(StartsWith("space-map-size: block 0: the space map counts "
                                                       "18446744073709551615 blocks; the device has 1024")));
}

TEST_F(DamagedSpaceMap, IsCutOffWithTheDevice) {
  image.resize(512 * sim::metadata::block_bytes);
  EXPECT_THAT(image.findings(), ElementsAre(StartsWith("space-map-size: block 0: the space map counts 1024 "
                                                       "blocks; the device has 512")));
}

TEST_F(DamagedSpaceMap, IsCutOffWithTheDeviceBeforeWhatItsTreeCounts) {
  image.set_count(800, 3);
  image.add_tree_count(800, 3);
  image.resize(512 * sim::metadata::block_bytes);
  EXPECT_THAT(image.findings(), ElementsAre(StartsWith("space-map-size: ")));
}

TEST_F(DamagedSpaceMap, IsCutOffBeforeTheBlocksOfItsLastBitmap) {
  image = Image::with_two_bitmaps();
  image.resize(1024 * sim::metadata::block_bytes);
  EXPECT_THAT(image.findings(), ElementsAre(StartsWith("space-map-size: ")));
}

TEST_F(DamagedSpaceMap, SaysThatMoreBlocksAreInUse) {
  image.space_map().nr_allocated = 7;
  image.seal_superblock();
  EXPECT_THAT(image.findings(),
              ElementsAre("allocated: block 0: says that 7 blocks are in use; the space map "
                          "has 6 (superblock)"));
}

TEST_F(DamagedSpaceMap, HasADamagedIndexBlock) {
  image.index_entry().nr_free += 1;
  EXPECT_THAT(image.findings(),
              ElementsAre(StartsWith(fmt::format("checksum: block {}: ", image.index_block()))));
}

TEST_F(DamagedSpaceMap, HasADamagedBitmap) {
  image.set_count(0, 3);
  image.add_tree_count(0, 3);
  // All entries are 0: nothing may be concluded from them.
  for (std::size_t offset = 16; offset < 32; ++offset)
    image.at<std::byte>(image.bitmap(), offset) = std::byte{0};
  EXPECT_THAT(image.findings(), ElementsAre(StartsWith(fmt::format("checksum: block {}: ", image.bitmap()))));
}

TEST_F(DamagedSpaceMap, HasABitmapThatSaysItIsAnother) {
  image.at<dmcore::BitmapHeaderDisk>(image.bitmap()).blocknr = 99;
  image.seal_bitmap();
  EXPECT_THAT(image.findings(),
              ElementsAre(fmt::format("block-number: block {}: says that it is block 99 ({})", image.bitmap(),
                                      bitmap_path())));
}

TEST_F(DamagedSpaceMap, HasAnotherNumberOfFreeEntries) {
  image.index_entry().nr_free -= 1;
  image.seal_index();
  EXPECT_THAT(
      image.findings(),
      ElementsAre("index-entry: " + of_index(fmt::format("says that 16313 entries of bitmap {} are free, "
                                                         "which has 16314",
                                                         image.bitmap()))));
}

TEST_F(DamagedSpaceMap, HidesFreeEntries) {
  const std::uint64_t free = image.free_block();
  image.index_entry().none_free_before = static_cast<std::uint32_t>(free) + 1;
  image.seal_index();
  EXPECT_THAT(
      image.findings(),
      ElementsAre("index-entry: " + of_index(fmt::format("says that no entry of bitmap {} before {} is "
                                                         "free, but {} is",
                                                         image.bitmap(), free + 1, free))));
}

TEST_F(DamagedSpaceMap, MayBeginToSearchTooEarly) {
  image.index_entry().none_free_before = 0;
  image.seal_index();
  EXPECT_THAT(image.findings(), IsEmpty());
}

TEST_F(DamagedSpaceMap, HasMoreBitmapsThanItNeeds) {
  for (const auto change : {+[](dmcore::IndexEntryDisk& entry) { entry.blocknr = 5; },
                            +[](dmcore::IndexEntryDisk& entry) { entry.nr_free = 5; },
                            +[](dmcore::IndexEntryDisk& entry) { entry.none_free_before = 5; }}) {
    image = Image::of_sample("small");
    change(image.index_entry(1));
    image.seal_index();
    EXPECT_THAT(image.findings(),
                ElementsAre("index-entry: " + of_index("entry 1 is in use, where 1 are needed")));
  }
}

TEST_F(DamagedSpaceMap, CountsBlocksBeyondTheLast) {
  image.index_entry().nr_free -= 1;
  image.seal_index();
  for (const unsigned count : {1U, 3U}) {
    image.set_entry(1024, count);
    EXPECT_THAT(image.findings(),
                ElementsAre(fmt::format("spare-counts: block {}: counts 1 blocks beyond the last "
                                        "({})",
                                        image.bitmap(), bitmap_path())));
  }
}

TEST_F(DamagedSpaceMap, HasADamagedSecondBitmap) {
  image = Image::with_two_bitmaps();
  const std::uint64_t second = image.index_entry(1).blocknr;
  image.at<le32>(second) += 1;
  EXPECT_THAT(image.findings(), ElementsAre(StartsWith(fmt::format("checksum: block {}: ", second))));
}

TEST_F(DamagedSpaceMap, HasAnotherNumberOfFreeEntriesInTheSecondBitmap) {
  image = Image::with_two_bitmaps();
  const std::uint64_t second = image.index_entry(1).blocknr;
  image.index_entry(1).nr_free = 16319;
  image.seal_index();
  EXPECT_THAT(
      image.findings(),
      ElementsAre("index-entry: " + of_index(fmt::format("says that 16319 entries of bitmap {} are free, "
                                                         "which has 16320",
                                                         second))));
}

}  // namespace
