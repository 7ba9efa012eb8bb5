// SPDX-License-Identifier: GPL-2.0-or-later
// Reference counts of metadata blocks, and which block is taken next.
#include <gmock/gmock.h>

#include "dmcore/persistent/block_op_ring.h"
#include "dmcore/persistent/space_map_bitmap.h"

#include "tests/dmcore/persistent/metadata_fixture.h"
#include "tests/dmcore/persistent/written_blocks.h"

namespace {

using dmcore::block_t;
using dmcore::Errno;

class SpaceMapTest : public test::MetadataTest {
 protected:
  SpaceMapTest() : MetadataTest(100) {}
  block_t take() { return test::value_of(map->new_block()); }
};

TEST_F(SpaceMapTest, ANewMapCountsWhatItIsMadeOf) {
  run([&] {
    // The superblock, the index, the root of the reference count tree, and one bitmap.
    for (block_t block = 0; block < 4; ++block) EXPECT_EQ(count_of(block), 1) << block;
    EXPECT_EQ(count_of(4), 0);
    EXPECT_EQ(map->nr_blocks(), 100);
    EXPECT_EQ(map->nr_free(), 96);
  });
}

TEST_F(SpaceMapTest, ItsRootIsNotCopiedWhereItDoesNotFit) {
  run([&] {
    std::array<std::byte, sizeof(dmcore::SpaceMapRootDisk)> root{};
    EXPECT_TRUE(map->copy_root(root).ok());
    EXPECT_EQ(map->copy_root(std::span(root).first(root.size() - 1)), Errno::nospc);
  });
}

TEST_F(SpaceMapTest, AMapOfFewerBlocksThanItConsistsOfIsNotMade) {
  run_with_blocks([&] {
    map = std::make_unique<dmcore::MetadataSpaceMap>(*blocks);
    EXPECT_EQ(map->create(3, 0), Errno::nospc);
    EXPECT_THAT(logged(), testing::ElementsAre("transaction manager: couldn't create metadata space map"));
    map.reset();
  });
}

TEST_F(SpaceMapTest, AMapThatIsSaidToBeLargerThanItsIndexHasNoCountsBeyondIt) {
  run([&] {
    dmcore::SpaceMapRootDisk root{};
    ASSERT_TRUE(map->copy_root(std::as_writable_bytes(std::span(&root, 1))).ok());
    root.nr_blocks = std::uint64_t{1} << 40;
    ASSERT_TRUE(map->open(std::as_bytes(std::span(&root, 1))).ok());
    constexpr block_t counts_of_a_bitmap = (test::metadata_block_bytes - 16) * 4;
    EXPECT_EQ(map->get_count(dmcore::max_metadata_bitmaps * counts_of_a_bitmap).status(), Errno::inval);
  });
}

TEST_F(SpaceMapTest, BlocksAreTakenOneAfterTheOther) {
  run([&] {
    EXPECT_EQ(take(), 4);
    EXPECT_EQ(take(), 5);
    EXPECT_EQ(count_of(4), 1);
  });
}

TEST_F(SpaceMapTest, AFreedBlockIsNotTakenBeforeTheNextCommit) {
  run([&] {
    const block_t block = take();
    ASSERT_TRUE(commit().ok());
    ASSERT_TRUE(map->dec_block(block).ok());
    const block_t free_before = map->nr_free();
    for (block_t left = map->nr_free(); left > 2; --left) {
      EXPECT_NE(take(), block);
    }
    EXPECT_LT(map->nr_free(), free_before);
  });
}

TEST_F(SpaceMapTest, AfterTheEndTheSearchGoesOnAtTheBeginning) {
  run([&] {
    const block_t block = take();
    ASSERT_TRUE(map->dec_block(block).ok());
    ASSERT_TRUE(commit().ok());
    block_t last = 0;
    for (int i = 0; i < 100 && last != block; ++i) last = take();
    EXPECT_EQ(last, block);
  });
}

TEST_F(SpaceMapTest, AFullMapSaysSo) {
  run([&] {
    dmcore::Status status;
    while (status.ok()) status = map->new_block().status();
    EXPECT_EQ(status, Errno::nospc);
    EXPECT_THAT(logged(), testing::ElementsAre("space map metadata: unable to allocate new metadata block"));
  });
}

TEST_F(SpaceMapTest, CountsAboveTwoAreKeptInTheTree) {
  run([&] {
    const block_t block = take();
    for (std::uint32_t count = 2; count <= 6; ++count) {
      ASSERT_TRUE(map->inc_block(block).ok());
      EXPECT_EQ(count_of(block), count);
    }
    ASSERT_TRUE(commit().ok());
    reopen();
    EXPECT_EQ(count_of(block), 6);
    for (std::uint32_t count = 6; count-- > 0;) {
      ASSERT_TRUE(map->dec_block(block).ok());
      EXPECT_EQ(count_of(block), count);
    }
  });
}

TEST_F(SpaceMapTest, ManyBlocksCanHaveLargeCounts) {
  run([&] {
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(map->inc_blocks(20, 90).ok());
    for (block_t block = 20; block < 90; ++block) EXPECT_EQ(count_of(block), 5);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(map->dec_blocks(20, 90).ok());
    for (block_t block = 20; block < 90; ++block) EXPECT_EQ(count_of(block), 2);
  });
}

// More than one leaf of the tree has room for.
TEST_F(SpaceMapTest, LargeCountsOfARangeAreChangedInAllLeavesThatHaveThem) {
  run([&] {
    ASSERT_TRUE(map->extend(4000).ok());
    for (int i = 0; i < 6; ++i) ASSERT_TRUE(map->inc_blocks(1000, 2000).ok());
    for (block_t block = 1000; block < 2000; ++block) ASSERT_EQ(count_of(block), 6) << block;
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(map->dec_blocks(1000, 2000).ok());
    for (block_t block = 1000; block < 2000; ++block) ASSERT_EQ(count_of(block), 4) << block;
  });
}

TEST_F(SpaceMapTest, AFreeBlockCannotLoseAReference) {
  run([&] {
    EXPECT_EQ(map->dec_block(50), Errno::inval);
    EXPECT_THAT(logged(), testing::ElementsAre("space map common: unable to decrement block"));
  });
}

TEST_F(SpaceMapTest, ACountThatIsMissingInTheTreeCannotBeChanged) {
  run([&] {
    // Where a new map has its first bitmap.
    constexpr block_t bitmap = 3;
    {
      const dmcore::BlockRef locked =
          test::value_of(blocks->write_lock(bitmap, &dmcore::space_map_bitmap_validator()));
      dmcore::SpaceMapBitmap(locked).set(50, dmcore::bitmap_count_in_tree);
    }
    EXPECT_EQ(map->inc_block(50), Errno::inval);
    EXPECT_EQ(map->dec_block(50), Errno::inval);
  });
}

TEST_F(SpaceMapTest, ABlockBeyondTheEndHasNoCount) {
  run([&] {
    EXPECT_EQ(map->get_count(100).status(), Errno::inval);
    EXPECT_THAT(logged(), testing::ElementsAre("space map common: metadata block out of bounds"));
  });
}

TEST_F(SpaceMapTest, ExtendingItAddsFreeBlocks) {
  run([&] {
    const block_t free_before = map->nr_free();
    ASSERT_TRUE(map->extend(40'000).ok());
    EXPECT_EQ(map->nr_blocks(), 40'100);
    ASSERT_TRUE(commit().ok());
    // Two more bitmaps, and shadows of what referred to the old ones.
    EXPECT_GT(map->nr_free(), free_before + 40'000 - 10);
    EXPECT_EQ(count_of(100), 1);
  });
}

TEST_F(SpaceMapTest, WhatAnExtensionConsistsOfIsCountedOnTheDisk) {
  run([&] {
    // More than one bitmap has room for, so that another is made, of the first new block.
    ASSERT_TRUE(map->extend(20'000).ok());
    ASSERT_TRUE(commit().ok());
    reopen();
    EXPECT_EQ(count_of(100), 1);
  });
}

// Counting what an extension consists of takes blocks, too.
TEST_F(SpaceMapTest, AllThatAnExtensionWritesIsCounted) {
  run([&] {
    ASSERT_TRUE(commit().ok());
    test::WrittenBlocks written;
    disk.set_media_observer(&written);
    ASSERT_TRUE(map->extend(20'000).ok());
    ASSERT_TRUE(commit().ok());
    disk.set_media_observer(nullptr);
    EXPECT_THAT(written.blocks, testing::SizeIs(testing::Gt(2U)));
    reopen();
    for (const block_t block : written.blocks) EXPECT_EQ(count_of(block), 1U) << block;
  });
}

// So many counts at once move into the tree that it needs more nodes than can be counted afterwards.
TEST_F(SpaceMapTest, AChangeThatNeedsTooManyBlocksFails) {
  run([&] {
    ASSERT_TRUE(map->extend(400'000).ok());
    ASSERT_TRUE(commit().ok());
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(map->inc_blocks(20'000, 400'000).ok());
    EXPECT_EQ(map->inc_blocks(20'000, 400'000), Errno::nomem);
    EXPECT_THAT(logged(), testing::Contains("space map metadata: too many recursive allocations"));
  });
}

TEST_F(SpaceMapTest, AnIndexHasRoomFor255Bitmaps) {
  run([&] {
    EXPECT_EQ(map->extend(dmcore::MetadataSpaceMap::max_blocks), Errno::inval);
    EXPECT_THAT(logged(), testing::ElementsAre("space map common: space map too large"));
  });
}

TEST(BlockOpRing, HoldsSoManyChangesAndNoMore) {
  dmcore::BlockOpRing ring;
  for (block_t block = 0; block < dmcore::BlockOpRing::capacity; ++block) {
    EXPECT_TRUE(ring.push({true, block, block + 1}));
  }
  EXPECT_FALSE(ring.push({true, 0, 1}));
  ring.pop();
  EXPECT_TRUE(ring.push({false, 7, 9}));
  EXPECT_EQ(ring.adjustment(7), 0);
  EXPECT_EQ(ring.adjustment(6), 1);
}

}  // namespace
