// SPDX-License-Identifier: GPL-2.0-or-later
// The cache of metadata blocks: what it reads and writes, and what becomes of errors.
#include "dmcore/persistent/buffer_cache.h"

#include "tests/dmcore/persistent/buffer_cache_fixture.h"

namespace {

using dmcore::Bio;
using dmcore::BioOp;
using dmcore::BlockStatus;
using dmcore::Buffer;
using dmcore::BufferCache;
using dmcore::Errno;
using testing::ElementsAre;
using testing::IsEmpty;

class BufferCacheTest : public test::BufferCacheFixture {};

TEST_F(BufferCacheTest, ABlockIsReadOnceWhileItIsCached) {
  run([&](BufferCache& cache) {
    read(cache, 3);
    read(cache, 3);
    EXPECT_THAT(seen(), ElementsAre("r3"));
  });
}

TEST_F(BufferCacheTest, AFreshBlockIsNotRead) {
  run([&](BufferCache& cache) {
    change(cache, 3, 'a');
    EXPECT_THAT(seen(), IsEmpty());
  });
}

TEST_F(BufferCacheTest, WhatWasNotUsedForFiveMinutesIsForgottenButFor64Blocks) {
  run([&](BufferCache& cache) {
    for (dmcore::block_t block = 0; block < 70; block++) read(cache, block);
    machine.runtime().sleep_for(std::chrono::seconds(200));
    read(cache, 1);
    machine.runtime().sleep_for(std::chrono::seconds(140));
    static_cast<void>(seen());
    // Block 1 was used in time; of the others the six oldest are gone, and reading is no reason to forget
    // more.
    for (const dmcore::block_t block : {0, 1, 2, 6, 7, 69}) read(cache, block);
    EXPECT_THAT(seen(), ElementsAre("r0", "r2", "r6"));
  });
}

TEST_F(BufferCacheTest, DirtyBlocksAreNotForgotten) {
  run([&](BufferCache& cache) {
    change(cache, 0, 'a');
    for (dmcore::block_t block = 1; block < 70; block++) read(cache, block);
    machine.runtime().sleep_for(std::chrono::seconds(400));
    static_cast<void>(seen());
    read(cache, 0);
    EXPECT_THAT(seen(), IsEmpty());
  });
}

TEST_F(BufferCacheTest, APrefetchedBlockIsNotReadAgain) {
  run([&](BufferCache& cache) {
    cache.prefetch(4);
    cache.prefetch(4);
    read(cache, 4);
    EXPECT_THAT(seen(), ElementsAre("r4"));
  });
}

// On a disk that fails at once; where it takes time, the next user gets the error.
TEST_F(BufferCacheTest, ABlockWhosePrefetchFailedIsReadAgain) {
  run([&](BufferCache& cache) {
    fails = {BioOp::read, 4};
    cache.prefetch(4);
    fails.reset();
    read(cache, 4);
    EXPECT_THAT(seen(), ElementsAre("r4", "r4"));
  });
}

TEST_F(BufferCacheTest, AFlushWritesDirtyBlocksInTheOrderInWhichTheyBecameDirty) {
  run([&](BufferCache& cache) {
    for (dmcore::block_t block = 20; block < 40; ++block) read(cache, block);
    seen();
    change(cache, 9, 'a');
    change(cache, 2, 'b');
    change(cache, 9, 'c');
    EXPECT_TRUE(cache.write_dirty_buffers().ok());
    EXPECT_THAT(seen(), ElementsAre("w2", "w9", "f"));
    EXPECT_EQ(disk.byte_at(9 * 8), static_cast<std::byte>('c'));
  });
}

TEST_F(BufferCacheTest, ASecondFlushHasNothingToWrite) {
  run([&](BufferCache& cache) {
    change(cache, 9, 'a');
    EXPECT_TRUE(cache.write_dirty_buffers().ok());
    seen();
    EXPECT_TRUE(cache.write_dirty_buffers().ok());
    EXPECT_THAT(seen(), ElementsAre("f"));
  });
}

TEST_F(BufferCacheTest, WritingBeginsWhenDirtyBlocksOutnumberCleanOnesThreeToOne) {
  run([&](BufferCache& cache) {
    read(cache, 100);
    for (dmcore::block_t block = 1; block <= 4; ++block) change(cache, block, 'a');
    EXPECT_THAT(seen(), ElementsAre("r100"));
    change(cache, 5, 'a');  // meets four dirty ones and one clean
    EXPECT_THAT(seen(), ElementsAre("w1", "w2", "w3", "w4"));
  });
}

TEST_F(BufferCacheTest, DestroyingItWritesWithoutAFlush) {
  run([&](BufferCache& cache) { change(cache, 7, 'a'); });
  EXPECT_THAT(seen(), ElementsAre("w7"));
}

TEST_F(BufferCacheTest, AReadThatFailedIsTriedAgain) {
  run([&](BufferCache& cache) {
    fails = {BioOp::read, 3};
    EXPECT_EQ(cache.read(3).status(), Errno::nodata);
    fails.reset();
    read(cache, 3);
    EXPECT_THAT(seen(), ElementsAre("r3", "r3"));
  });
}

TEST_F(BufferCacheTest, AWriteErrorIsReportedByOneFlush) {
  run([&](BufferCache& cache) {
    change(cache, 5, 'a');
    fails = {BioOp::write, 5};
    EXPECT_EQ(cache.write_dirty_buffers(), Errno::nodata);
    EXPECT_THAT(seen(), ElementsAre("w5", "f"));
    EXPECT_TRUE(cache.write_dirty_buffers().ok());
  });
}

TEST_F(BufferCacheTest, AnErrorOfAWriteInTheBackgroundIsReportedByTheNextFlush) {
  run([&](BufferCache& cache) {
    fails = {BioOp::write, 2};
    for (dmcore::block_t block = 1; block <= 3; ++block) change(cache, block, 'a');
    fails.reset();
    EXPECT_EQ(cache.write_dirty_buffers(), Errno::nodata);
  });
}

TEST_F(BufferCacheTest, ABlockThatCouldNotBeWrittenIsReadAgainFromTheDisk) {
  run([&](BufferCache& cache) {
    change(cache, 5, 'a');
    fails = {BioOp::write, 5};
    EXPECT_FALSE(cache.write_dirty_buffers().ok());
    fails.reset();
    read(cache, 5);  // still the cached one, forgotten when it is released
    seen();
    Buffer* held = test::value_of(cache.read(5));
    EXPECT_EQ(held->data()[0], std::byte{0});
    cache.release(*held);
    EXPECT_THAT(seen(), ElementsAre("r5"));
  });
}

TEST_F(BufferCacheTest, AFlushThatFailsIsAnIoErrorWhateverTheDiskSays) {
  run([&](BufferCache& cache) {
    disk.outcome = [](const Bio&) { return BlockStatus::nospc; };
    EXPECT_EQ(cache.write_dirty_buffers(), Errno::io);
  });
}

TEST_F(BufferCacheTest, ABlockThatChangesWhileItIsWrittenIsWrittenAgain) {
  run([&](BufferCache& cache) {
    disk.hold = true;
    for (dmcore::block_t block = 1; block <= 2; ++block) change(cache, block, 'a');
    change(cache, 1, 'b');  // its first write is still on the way
    disk.hold = false;
    disk.finish_held();
    EXPECT_TRUE(cache.write_dirty_buffers().ok());
    EXPECT_THAT(seen(), ElementsAre("w1", "w2", "w1", "f"));
  });
}

TEST_F(BufferCacheTest, ABlockThatIsHeldAtTheEndIsAViolation) {
  try {
    run([&](BufferCache& cache) { test::value_of(cache.read(1)); });
    FAIL() << "the machine went on";
  } catch (const sim::MachineStopped& stopped) {
    EXPECT_THAT(stopped.what(), testing::HasSubstr("destroyed while blocks are held"));
  }
}

}  // namespace
