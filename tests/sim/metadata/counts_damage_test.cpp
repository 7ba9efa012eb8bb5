// SPDX-License-Identifier: GPL-2.0-or-later
// Counts of the space map that are wrong, in bitmaps and in the tree.
#include "tests/sim/metadata/metadata_damage.h"

namespace {

using dmcore::le32;
using sim::metadata::Use;
using test::DamagedSpaceMap;
using test::Image;
using testing::ElementsAre;
using testing::StartsWith;

TEST_F(DamagedSpaceMap, TakesABlockInUseForFree) {
  image.set_count(image.array_block(), 0);
  EXPECT_THAT(image.findings(),
              ElementsAre("undercount: " + of_count(fmt::format("block {}", image.array_block()),
                                                    "free in the space map, but in use")));
  EXPECT_TRUE(image.check().fatal());
}

TEST_F(DamagedSpaceMap, TakesTheSuperblockForFree) {
  image.set_count(0, 0);
  EXPECT_THAT(image.findings(),
              ElementsAre("undercount: " + of_count("block 0", "free in the space map, but in use")));
}

TEST_F(DamagedSpaceMap, CountsABlockTwice) {
  image.set_count(image.array_block(), 2);
  EXPECT_THAT(image.findings(),
              ElementsAre("overcount: " + of_count(fmt::format("block {}", image.array_block()),
                                                   "2 references in the space map, 1 in use")));
  EXPECT_FALSE(image.check().fatal());
}

TEST_F(DamagedSpaceMap, CountsABlockInTheTree) {
  image.set_count(image.array_block(), 3);
  image.add_tree_count(image.array_block(), 4);
  EXPECT_THAT(image.findings(),
              ElementsAre("overcount: " + of_count(fmt::format("block {}", image.array_block()),
                                                   "4 references in the space map, 1 in use")));
}

TEST_F(DamagedSpaceMap, Leaks) {
  const std::uint64_t block = image.free_block();
  image.set_count(block, 1);
  EXPECT_THAT(image.findings(),
              ElementsAre("leak: " + of_count(fmt::format("block {}", block),
                                              "1 reference in the space map, but not in use")));
  EXPECT_FALSE(image.check().fatal());
}

TEST_F(DamagedSpaceMap, LeaksARange) {
  for (std::uint64_t block = 100; block < 110; ++block) image.set_count(block, 1);
  image.set_count(110, 2);
  image.set_count(120, 1);
  image.set_count(122, 1);
  EXPECT_THAT(
      image.findings(),
      ElementsAre("leak: " + of_count("blocks 100 to 109", "1 reference in the space map, but not in use"),
                  "leak: " + of_count("block 110", "2 references in the space map, but not in use"),
                  "leak: " + of_count("block 120", "1 reference in the space map, but not in use"),
                  "leak: " + of_count("block 122", "1 reference in the space map, but not in use")));
}

TEST_F(DamagedSpaceMap, LeaksABlockBesideOneThatItCountsTwice) {
  const std::uint64_t free = image.free_block();
  image.set_count(free - 1, 2);
  image.set_count(free, 2);
  EXPECT_THAT(image.findings(),
              ElementsAre("overcount: " + of_count(fmt::format("block {}", free - 1),
                                                   "2 references in the space map, 1 in use"),
                          "leak: " + of_count(fmt::format("block {}", free),
                                              "2 references in the space map, but not in use")));
}

// Gives the entry of a block in the second bitmap these bits. No entry of that bitmap was in use.
void set_entry_of_second(Image& image, std::uint64_t block, unsigned bits) {
  const std::uint64_t second = image.index_entry(1).blocknr;
  const std::uint64_t entry = block - 16320;
  image.at<std::byte>(second, 16 + entry / 4) = static_cast<std::byte>(bits << entry % 4 * 2);
  image.index_entry(1).nr_free -= 1;
  image.seal(second, Use::bitmap);
  image.seal_index();
}

// The same for a block that there is.
void set_entry_of_16325(Image& image, unsigned bits) {
  set_entry_of_second(image, 16325, bits);
  image.space_map().nr_allocated += 1;
  image.seal_superblock();
}

TEST_F(DamagedSpaceMap, CountsBlocksBeyondTheLastInTheSecondBitmap) {
  image = Image::with_two_bitmaps();
  const std::uint64_t second = image.index_entry(1).blocknr;
  set_entry_of_second(image, 17'000, 2);
  EXPECT_THAT(image.findings(),
              ElementsAre(fmt::format("spare-counts: block {0}: counts 1 blocks beyond the last ({1} > "
                                      "bitmap {0})",
                                      second, index_path())));
}

TEST_F(DamagedSpaceMap, UsesBlocksOfTheSecondBitmap) {
  image = Image::with_two_bitmaps();
  // The array block moves there.
  const std::uint64_t old = image.array_block();
  image.value(image.bitset_root(), 0) = 16325;
  image.seal_bitset_root();
  image.at<sim::metadata::Block>(16325) = image.at<sim::metadata::Block>(old);
  image.at<dmcore::ArrayBlockDisk>(16325).blocknr = 16325;
  image.seal(16325, Use::array_block);
  image.set_count(old, 0);
  EXPECT_THAT(image.findings(), ElementsAre(testing::HasSubstr("block 16325: free in the space map")));
  set_entry_of_16325(image, 2);
  EXPECT_THAT(image.findings(), testing::IsEmpty());
}

TEST_F(DamagedSpaceMap, LeaksInTheSecondBitmap) {
  image = Image::with_two_bitmaps();
  const std::uint64_t second = image.index_entry(1).blocknr;
  set_entry_of_16325(image, 1);
  EXPECT_THAT(image.findings(),
              ElementsAre(fmt::format("leak: block 16325: 2 references in the space map, but not in use "
                                      "({} > bitmap {})",
                                      index_path(), second)));
}

TEST_F(DamagedSpaceMap, TakesABlockForFreeThatIsInUseBesideDamage) {
  image.set_count(image.bitset_root(), 0);
  image.at<le32>(image.array_block()) += 1;
  EXPECT_THAT(image.findings(),
              ElementsAre(StartsWith(fmt::format("checksum: block {}", image.array_block())),
                          StartsWith(fmt::format("undercount: block {}: ", image.bitset_root()))));
}

TEST_F(DamagedSpaceMap, CountsABlockTwiceBesideDamage) {
  image.set_count(image.bitset_root(), 2);
  image.at<le32>(image.array_block()) += 1;
  EXPECT_THAT(image.findings(),
              ElementsAre(StartsWith(fmt::format("checksum: block {}", image.array_block()))));
}

// --- the tree of counts ----------------------------------------------------------------------------------

TEST_F(DamagedSpaceMap, HasADamagedTree) {
  image.at<le32>(image.count_root()) += 1;
  image.set_count(image.array_block(), 3);
  EXPECT_THAT(image.findings(),
              ElementsAre(StartsWith(fmt::format("checksum: block {}: ", image.count_root()))));
}

TEST_F(DamagedSpaceMap, HasATreeOfAnotherValueSize) {
  image.at<dmcore::BtreeNodeHeaderDisk>(image.count_root()).value_size = 8;
  image.seal_count_root();
  EXPECT_THAT(image.findings(), ElementsAre("node: " + of_count_root("values of 8 bytes, expected 4")));
}

TEST_F(DamagedSpaceMap, HasACountInTheTreeAndAnotherInTheBitmap) {
  image.add_tree_count(image.array_block(), 3);
  EXPECT_THAT(image.findings(),
              ElementsAre("reference-count: " +
                          of_count_root(fmt::format("has a count of 3 for block {}, whose bitmap says 1",
                                                    image.array_block()))));
}

TEST_F(DamagedSpaceMap, HasNoCountInTheTreeWhereTheBitmapSaysSo) {
  image.set_count(image.array_block(), 3);
  EXPECT_THAT(
      image.findings(),
      ElementsAre("reference-count: " +
                  of_count_root(fmt::format("has no count for block {}, whose bitmap says that it has",
                                            image.array_block()))));
}

TEST_F(DamagedSpaceMap, HasNoCountInTheTreeWhereTheSecondBitmapSaysSo) {
  image = Image::with_two_bitmaps();
  set_entry_of_16325(image, 3);
  EXPECT_THAT(image.findings(),
              ElementsAre("reference-count: " +
                          of_count_root("has no count for block 16325, whose bitmap says that it has")));
}

TEST_F(DamagedSpaceMap, HasASmallCountInTheTree) {
  image.add_tree_count(image.array_block(), 2);
  EXPECT_THAT(
      image.findings(),
      ElementsAre("reference-count: " +
                  of_count_root(fmt::format("has a count of 2 for block {}, which belongs in a bitmap",
                                            image.array_block()))));
}

TEST_F(DamagedSpaceMap, HasACountInTheTreeForABlockBeyondTheLast) {
  image.add_tree_count(1024, 3);
  EXPECT_THAT(image.findings(),
              ElementsAre("reference-count: " + of_count_root("counts block 1024, of 1024")));
}

}  // namespace
