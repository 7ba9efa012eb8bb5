// SPDX-License-Identifier: GPL-2.0-or-later
// What can be proven of damaged metadata, and what cannot.
#include "sim/metadata/recover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/store/memory_store.h"
#include "sim/store/store_image.h"

#include "tests/sim/metadata/image.h"

namespace {

using sim::metadata::Contents;
using sim::metadata::RegionRange;
using sim::metadata::Use;
using test::Image;
using testing::ElementsAre;
using testing::IsEmpty;

namespace metadata = sim::metadata;

constexpr std::uint64_t block_regions = 32576;

metadata::Recovery recover(const Image& image) {
  sim::MemoryStore store(image.bytes().size());
  sim::load_image(store, image.bytes()).ignore();
  return metadata::recover(store);
}

// Of 130000 regions in four array blocks; 0, 32500, 65000 and 97500 are hydrated, in array blocks 0, 0, 1, 2.
class RecoverFromFourBlocks : public testing::Test {
 protected:
  void seal_array(std::size_t i) { image.seal(image.array_block(i), Use::array_block); }
  void expect_lost(const std::vector<RegionRange>& lost, const std::vector<std::uint64_t>& hydrated) {
    const auto recovery = recover(image);
    ASSERT_TRUE(recovery.contents);
    EXPECT_EQ(recovery.contents->lost.ranges(), lost);
    std::vector<RegionRange> kept;
    kept.reserve(hydrated.size());
    for (const std::uint64_t region : hydrated) kept.push_back({region, 1});
    EXPECT_EQ(recovery.contents->hydrated.ranges(), kept);
  }
  void expect_all_lost() { expect_lost({{0, 130'000}}, {}); }
  void expect_first_lost() { expect_lost({{0, block_regions}}, {65'000, 97'500}); }

  Image image = Image::of_sample("many-array-blocks");
};

TEST_F(RecoverFromFourBlocks, WithoutDamageLosesNothing) {
  expect_lost({}, {0, 32'500, 65'000, 97'500});
}

TEST_F(RecoverFromFourBlocks, ADamagedArrayBlockLosesItsRegions) {
  image.at<std::byte>(image.array_block(1), 1000) ^= std::byte{1};
  expect_lost({{block_regions, block_regions}}, {0, 32'500, 97'500});
}

TEST_F(RecoverFromFourBlocks, TheLastArrayBlockEndsWithTheLastRegion) {
  image.at<std::byte>(image.array_block(3), 1000) ^= std::byte{1};
  expect_lost({{3 * block_regions, 130'000 - 3 * block_regions}}, {0, 32'500, 65'000, 97'500});
}

TEST_F(RecoverFromFourBlocks, NeighboursThatAreLostAreOneRange) {
  image.at<std::byte>(image.array_block(1), 1000) ^= std::byte{1};
  image.at<std::byte>(image.array_block(2), 1000) ^= std::byte{1};
  expect_lost({{block_regions, 2 * block_regions}}, {0, 32'500});
}

TEST_F(RecoverFromFourBlocks, ADamagedRootLosesAll) {
  image.at<std::byte>(image.bitset_root(), 3000) ^= std::byte{1};
  expect_all_lost();
}

TEST_F(RecoverFromFourBlocks, AnArrayBlockInUseTwiceIsOfNeitherPlace) {
  image.value(image.bitset_root(), 1) = image.array_block(0);
  image.seal_bitset_root();
  expect_lost({{0, 2 * block_regions}}, {97'500});
}

TEST_F(RecoverFromFourBlocks, AnArrayBlockThatIsFreeIsNotTrusted) {
  image.set_count(image.array_block(0), 0);
  expect_first_lost();
}

TEST_F(RecoverFromFourBlocks, ARootThatIsFreeIsNotTrusted) {
  image.set_count(image.bitset_root(), 0);
  expect_all_lost();
}

TEST_F(RecoverFromFourBlocks, ABlockWithTooManyReferencesIsAsGood) {
  image.set_count(image.array_block(0), 2);
  expect_lost({}, {0, 32'500, 65'000, 97'500});
}

TEST_F(RecoverFromFourBlocks, WithoutASpaceMapLosesNothing) {
  image.at<std::byte>(image.index_block(), 100) ^= std::byte{1};
  image.at<std::byte>(image.bitmap(), 100) ^= std::byte{1};
  image.at<std::byte>(image.count_root(), 100) ^= std::byte{1};
  expect_lost({}, {0, 32'500, 65'000, 97'500});
}

TEST_F(RecoverFromFourBlocks, BitsBeyondTheLastRegionMakeABlockDoubtful) {
  // Region 130000 would be bit 16 of its word.
  const std::uint64_t word = 130'000 / 64 - 3 * 509;
  image.at<dmcore::le64>(image.array_block(3), sizeof(dmcore::ArrayBlockDisk) + 8 * word) = 1U << 16;
  seal_array(3);
  expect_lost({{3 * block_regions, 130'000 - 3 * block_regions}}, {0, 32'500, 65'000, 97'500});
}

TEST_F(RecoverFromFourBlocks, AWrongNumberOfWordsMakesABlockDoubtful) {
  image.at<dmcore::ArrayBlockDisk>(image.array_block(0)).nr_entries = 508;
  seal_array(0);
  expect_first_lost();
}

TEST_F(RecoverFromFourBlocks, AnArrayBlockThatIsMissingLosesOnlyItsOwn) {
  image.at<dmcore::BtreeNodeHeaderDisk>(image.bitset_root()).nr_entries = 3;
  image.seal_bitset_root();
  expect_lost({{3 * block_regions, 130'000 - 3 * block_regions}}, {0, 32'500, 65'000, 97'500});
}

TEST_F(RecoverFromFourBlocks, AnArrayBlockBeyondTheLastIsNobodys) {
  image.key(image.bitset_root(), 3) = 4;
  image.seal_bitset_root();
  expect_lost({{3 * block_regions, 130'000 - 3 * block_regions}}, {0, 32'500, 65'000, 97'500});
}

TEST_F(RecoverFromFourBlocks, KeysOutOfOrderMakeANodeDoubtful) {
  image.key(image.bitset_root(), 1) = 3;
  image.seal_bitset_root();
  expect_all_lost();
}

TEST_F(RecoverFromFourBlocks, ABlockBeyondTheEndIsLost) {
  image.space_map().nr_blocks = image.array_block(0);
  image.seal_superblock();
  const auto recovery = recover(image);
  ASSERT_TRUE(recovery.contents);
  EXPECT_EQ(recovery.contents->lost.ranges().front().begin, 0U);
}

TEST_F(RecoverFromFourBlocks, AnImageThatLostItsEndKeepsWhatIsThere) {
  std::uint64_t end = image.bitset_root();
  for (std::size_t i = 0; i < 4; ++i) end = std::max(end, image.array_block(i));
  image.resize((end + 1) * metadata::block_bytes);
  expect_lost({}, {0, 32'500, 65'000, 97'500});
}

TEST(Recover, ADamagedNodeLosesTheRegionsBelowIt) {
  Image image = Image::with_internal_node();
  const std::uint64_t second = image.value(image.bitset_root(), 1);
  const std::uint64_t begin = image.key(image.bitset_root(), 1) * block_regions;
  image.at<std::byte>(second, 100) ^= std::byte{1};
  const auto recovery = recover(image);
  ASSERT_TRUE(recovery.contents);
  EXPECT_THAT(recovery.contents->lost.ranges(), ElementsAre(RegionRange{begin, 300 * block_regions - begin}));
  EXPECT_THAT(recovery.contents->hydrated.ranges(), ElementsAre(RegionRange{0, 1}));
}

TEST(Recover, BelowANodeThatIsFreeNothingIsTrusted) {
  Image image = Image::with_internal_node();
  image.set_count(image.value(image.bitset_root(), 0), 0);
  const auto recovery = recover(image);
  ASSERT_TRUE(recovery.contents);
  EXPECT_THAT(recovery.contents->hydrated.ranges(), IsEmpty());
  EXPECT_THAT(recovery.contents->lost.ranges(),
              ElementsAre(RegionRange{0, image.key(image.bitset_root(), 1) * block_regions}));
}

// Array blocks of a new clone are neighbours.
TEST(Recover, DoubtsAreNotAboutNeighbours) {
  Image image = Image::with_internal_node();
  const std::uint64_t leaf = image.value(image.bitset_root(), 0);
  ASSERT_EQ(image.value(leaf, 6), image.value(leaf, 5) + 1);
  image.at<std::byte>(image.value(leaf, 5), 100) ^= std::byte{1};
  EXPECT_THAT(recover(image).contents->lost.ranges(),
              ElementsAre(RegionRange{5 * block_regions, block_regions}));
}

// One finding is about a range of blocks, another one about a block of it.
TEST(Recover, DoubtsMayOverlap) {
  Image image = Image::with_internal_node();
  const std::uint64_t leaf = image.value(image.bitset_root(), 0);
  for (std::size_t i = 5; i < 15; ++i) image.set_entry(image.value(leaf, i), 0);
  image.at<dmcore::ArrayBlockDisk>(image.value(leaf, 7)).nr_entries = 508;
  image.seal(image.value(leaf, 7), Use::array_block);
  EXPECT_THAT(recover(image).contents->lost.ranges(),
              ElementsAre(RegionRange{5 * block_regions, 10 * block_regions}));
}

TEST(Recover, NeedsASuperblock) {
  const auto without = [](const std::function<void(Image&)>& damage) {
    Image image = Image::of_sample("small");
    damage(image);
    return !recover(image).contents.has_value();
  };
  EXPECT_FALSE(without([](Image&) {}));
  EXPECT_TRUE(without([](Image& image) { image.at<std::byte>(0, 1000) ^= std::byte{1}; }));
  EXPECT_TRUE(without([](Image& image) { std::fill_n(image.bytes().begin(), 4096, std::byte{0}); }));
  EXPECT_TRUE(without([](Image& image) { image.resize(100); }));
  const auto sealed = [&](const std::function<void(Image&)>& damage) {
    return without([&](Image& image) {
      damage(image);
      image.seal_superblock();
    });
  };
  EXPECT_TRUE(sealed([](Image& image) { image.superblock().region_size = 9; }));
  EXPECT_TRUE(sealed([](Image& image) { image.superblock().blocknr = 1; }));
  EXPECT_TRUE(sealed([](Image& image) { image.superblock().version = 2; }));
  EXPECT_FALSE(sealed([](Image& image) { image.superblock().flags = 1; }));
}

TEST(Recover, SaysWhatIsInTheSuperblock) {
  Image image = Image::of_sample("small");
  image.superblock().flags = 3;
  image.superblock().uuid[15] = 9;
  image.seal_superblock();
  const auto recovery = recover(image);
  ASSERT_TRUE(recovery.contents);
  const Contents& contents = *recovery.contents;
  EXPECT_EQ(contents.flags, 3U);
  EXPECT_EQ(contents.version, 1U);
  EXPECT_EQ(contents.uuid[15], 9U);
  EXPECT_EQ(contents.region_size, 8U);
  EXPECT_EQ(contents.target_size, 1000U);
  EXPECT_EQ(contents.layout->device_size, 8192U);
  EXPECT_EQ(contents.layout->blocks, 1024U);
  EXPECT_EQ(contents.layout->blocks_used, 6U);
  EXPECT_EQ(contents.layout->bitset_root, image.bitset_root());
  EXPECT_EQ(contents.layout->index_block, image.index_block());
  EXPECT_EQ(contents.layout->count_root, image.count_root());
  EXPECT_THAT(contents.hydrated.ranges(), ElementsAre(RegionRange{0, 1}, RegionRange{3, 1}));
}

TEST(Recover, TheDigestIsOfTheBlocksInUse) {
  const Image clean = Image::of_sample("small");
  const std::uint64_t digest = clean.check().summary->digest;
  Image image = clean;
  image.at<std::byte>(image.free_block(), 100) ^= std::byte{1};
  EXPECT_EQ(image.check().summary->digest, digest);
  image = clean;
  image.at<std::byte>(image.array_block(), sizeof(dmcore::ArrayBlockDisk)) ^= std::byte{1};
  image.seal(image.array_block(), Use::array_block);
  EXPECT_NE(image.check().summary->digest, digest);
  image = clean;
  image.superblock().flags = 1;
  image.seal_superblock();
  EXPECT_NE(image.check().summary->digest, digest);
}

TEST(Recover, OfNothingLosesAll) {
  const Contents contents = metadata::all_lost(1001, 8);
  EXPECT_EQ(contents.regions(), 126U);
  EXPECT_THAT(contents.lost.ranges(), ElementsAre(RegionRange{0, 126}));
  EXPECT_TRUE(contents.hydrated.empty());
}

}  // namespace
