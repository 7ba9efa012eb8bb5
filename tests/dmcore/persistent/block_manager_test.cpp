// SPDX-License-Identifier: GPL-2.0-or-later
// Locks and validators of metadata blocks.
#include <gmock/gmock.h>

#include "dmcore/kernel/wait.h"
#include "dmcore/persistent/btree_node.h"
#include "dmcore/persistent/space_map_bitmap.h"

#include "tests/dmcore/persistent/metadata_fixture.h"

namespace {

using dmcore::BlockRef;
using dmcore::Errno;
using testing::ElementsAre;
using testing::IsEmpty;

class BlockManagerTest : public test::MetadataTest {
 protected:
  // A block on the disk that is a good bitmap block.
  void make_bitmap(dmcore::block_t block) {
    test::value_of(blocks->write_lock_zero(block, &dmcore::space_map_bitmap_validator())).unlock();
    ASSERT_TRUE(blocks->flush().ok());
  }
  void forget() {
    blocks->destroy();
    blocks = make_blocks();
  }
};

TEST_F(BlockManagerTest, AWrittenBlockKnowsItsPlaceAndPassesItsCheck) {
  run_with_blocks([&] {
    make_bitmap(5);
    forget();
    const BlockRef locked = test::value_of(blocks->read_lock(5, &dmcore::space_map_bitmap_validator()));
    EXPECT_EQ(locked.as<dmcore::BitmapHeaderDisk>().blocknr, 5);
    EXPECT_THAT(logged(), IsEmpty());
  });
}

TEST_F(BlockManagerTest, AWrongChecksumIsReported) {
  run_with_blocks([&] {
    make_bitmap(5);
    forget();
    ASSERT_TRUE(disk.poke(5 * 4096, std::as_bytes(std::span("\1\2\3", 4))).ok());
    EXPECT_EQ(blocks->read_lock(5, &dmcore::space_map_bitmap_validator()).status(), Errno::ilseq);
    EXPECT_THAT(logged(), ElementsAre(testing::MatchesRegex("space map common: bitmap check failed: csum "
                                                            "[0-9]+ != wanted 197121"),
                                      "block manager: sm_bitmap validator check failed for block 5"));
  });
}

TEST_F(BlockManagerTest, ABlockThatIsRefusedIsNotLocked) {
  run_with_blocks([&] {
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(blocks->read_lock(5, &dmcore::space_map_bitmap_validator()).status(), Errno::notblk);
  });
}

TEST_F(BlockManagerTest, ABlockThatBelongsElsewhereIsReported) {
  run_with_blocks([&] {
    make_bitmap(5);
    forget();
    std::array<std::byte, test::metadata_block_bytes> content{};
    ASSERT_TRUE(disk.store().read(5 * 4096, content).ok());
    ASSERT_TRUE(disk.poke(6 * 4096, content).ok());
    EXPECT_EQ(blocks->read_lock(6, &dmcore::space_map_bitmap_validator()).status(), Errno::notblk);
    EXPECT_THAT(logged(), ElementsAre("space map common: bitmap check failed: blocknr 5 != wanted 6",
                                      "block manager: sm_bitmap validator check failed for block 6"));
  });
}

TEST_F(BlockManagerTest, ACachedBlockKeepsItsValidator) {
  run_with_blocks([&] {
    make_bitmap(5);
    EXPECT_EQ(blocks->read_lock(5, &dmcore::btree_node_validator()).status(), Errno::inval);
    EXPECT_THAT(logged(), ElementsAre("block manager: validator mismatch (old=sm_bitmap vs "
                                      "new=btree_node) for block 5"));
  });
}

TEST_F(BlockManagerTest, LockingABlockTwiceFails) {
  run_with_blocks([&] {
    const BlockRef first = test::value_of(blocks->read_lock(5, nullptr));
    EXPECT_EQ(blocks->read_lock(5, nullptr).status(), Errno::inval);
    EXPECT_THAT(logged(), ElementsAre("block manager: recursive lock detected in metadata",
                                      "block manager: recursive acquisition of block 5 requested."));
  });
}

TEST_F(BlockManagerTest, AWriterWaitsForAReader) {
  std::vector<std::string> order;
  run_with_blocks([&] {
    dmcore::Completion written(machine.runtime(), "written");
    BlockRef reader = test::value_of(blocks->read_lock(5, nullptr));
    machine.runtime().spawn("writer", [&] {
      BlockRef writer = test::value_of(blocks->write_lock(5, nullptr));
      order.emplace_back("write");
      writer.unlock();
      written.complete();
    });
    machine.runtime().settle();
    order.emplace_back("read");
    reader.unlock();
    written.wait();
  });
  EXPECT_THAT(order, ElementsAre("read", "write"));
}

TEST_F(BlockManagerTest, AReaderWaitsBehindAWriterThatWaits) {
  std::vector<std::string> order;
  run_with_blocks([&] {
    BlockRef first = test::value_of(blocks->read_lock(5, nullptr));
    machine.runtime().spawn("writer", [&] {
      const BlockRef writer = test::value_of(blocks->write_lock(5, nullptr));
      order.emplace_back("write");
    });
    machine.runtime().settle();
    machine.runtime().spawn("reader", [&] {
      const BlockRef reader = test::value_of(blocks->read_lock(5, nullptr));
      order.emplace_back("read");
    });
    machine.runtime().settle();
    first.unlock();
    machine.runtime().settle();
  });
  EXPECT_THAT(order, ElementsAre("write", "read"));
}

TEST_F(BlockManagerTest, AFifthReaderWaits) {
  unsigned readers = 0;
  run_with_blocks([&] {
    dmcore::Completion enough(machine.runtime(), "enough");
    for (int i = 0; i < 5; ++i) {
      machine.runtime().spawn("reader", [&] {
        const BlockRef reader = test::value_of(blocks->read_lock(5, nullptr));
        ++readers;
        enough.wait();
        enough.complete();
      });
    }
    machine.runtime().settle();
    EXPECT_EQ(readers, 4U);
    enough.complete();
    machine.runtime().settle();
    EXPECT_EQ(readers, 5U);
  });
}

TEST_F(BlockManagerTest, ReadOnlyItNeitherLocksForWritingNorFlushes) {
  run_with_blocks([&] {
    blocks->set_read_only(true);
    EXPECT_EQ(blocks->write_lock(5, nullptr).status(), Errno::perm);
    EXPECT_EQ(blocks->write_lock_zero(5, nullptr).status(), Errno::perm);
    EXPECT_EQ(blocks->flush(), Errno::perm);
    EXPECT_TRUE(test::value_of(blocks->read_lock(5, nullptr)));
  });
}

TEST_F(BlockManagerTest, AReadLockMakesNothingDirty) {
  run_with_blocks([&] {
    test::value_of(blocks->read_lock(5, nullptr)).unlock();
    ASSERT_TRUE(blocks->flush().ok());
  });
  EXPECT_EQ(disk.counters.written_sectors, 0);
}

}  // namespace
