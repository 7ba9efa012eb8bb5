// SPDX-License-Identifier: GPL-2.0-or-later
// What the buffer caches of a machine do in the background: write-back every half minute, and eviction of
// what is old, above the limit, or asked for.
#include "dmcore/persistent/buffer_memory.h"

#include <array>

#include "tests/dmcore/persistent/buffer_cache_fixture.h"

namespace {

using dmcore::block_t;
using dmcore::Buffer;
using dmcore::BufferCache;
using std::chrono::seconds;
using test::cache_block_bytes;
using test::cache_reserved_buffers;
using testing::ElementsAre;
using testing::IsEmpty;

class BufferMemoryTest : public test::BufferCacheFixture {
 protected:
  void set(const std::string& name, std::uint64_t value) {
    ASSERT_TRUE(machine.host().set_parameter("dm_bufio", name, std::to_string(value)).ok());
  }
  std::string get(const std::string& name) {
    return test::value_of(machine.host().parameter("dm_bufio", name));
  }
  void set_limit(std::uint64_t blocks) { set("max_cache_size_bytes", blocks * cache_block_bytes); }
  // All blocks below `end`, in order, and then what runs in the background.
  void read_below(BufferCache& cache, block_t end) {
    for (block_t block = 0; block < end; ++block) read(cache, block);
    machine.runtime().settle();
    seen();
  }
  void sleep(seconds time) { machine.host().sleep_for(time); }
};

// --- every 30 seconds ------------------------------------------------------------------------------------

TEST_F(BufferMemoryTest, DirtyBlocksThatOutnumberCleanOnesAreWrittenWithinHalfAMinute) {
  run([&](BufferCache& cache) {
    read(cache, 100);
    for (block_t block = 1; block <= 4; ++block) change(cache, block, 'a');
    EXPECT_THAT(seen(), ElementsAre("r100"));
    sleep(seconds(31));
    EXPECT_THAT(seen(), ElementsAre("w1", "w2", "w3", "w4"));
  });
}

TEST_F(BufferMemoryTest, OfSeveralCachesTheOneThatWasMadeLastIsWrittenFirst) {
  test::ProbeDisk& other_disk = machine.add_probe_disk(1024);
  std::vector<std::string> order;
  other_disk.outcome = [&](const dmcore::Bio&) {
    for (const std::string& earlier : seen()) order.push_back(earlier);
    order.emplace_back("other");
    return dmcore::BlockStatus::ok;
  };
  run([&](BufferCache& cache) {
    BufferCache other(machine.kernel(), other_disk, cache_block_bytes, cache_reserved_buffers);
    change(cache, 1, 'a');
    change(other, 2, 'a');
    sleep(seconds(31));
    for (const std::string& last : seen()) order.push_back(last);
    EXPECT_THAT(order, ElementsAre("other", "w1"));
    other.destroy();
  });
}

TEST_F(BufferMemoryTest, FewDirtyBlocksAreNotWrittenBecauseOfTheTime) {
  run([&](BufferCache& cache) {
    read(cache, 100);
    for (block_t block = 1; block <= 3; ++block) change(cache, block, 'a');
    sleep(seconds(1000));
    EXPECT_THAT(seen(), ElementsAre("r100"));
  });
}

TEST_F(BufferMemoryTest, BlocksThatWereNotUsedForTheMaximumAgeAreForgotten) {
  run([&](BufferCache& cache) {
    set("max_age_seconds", 100);
    set("retain_bytes", 2 * cache_block_bytes);
    read_below(cache, 6);
    sleep(seconds(95));
    EXPECT_EQ(cache.size(), 6U);
    sleep(seconds(40));
    EXPECT_EQ(cache.size(), 2U);
    read(cache, 5);
    EXPECT_THAT(seen(), IsEmpty());
  });
}

// It is not idle.
TEST_F(BufferMemoryTest, ABlockThatIsBeingReadIsNotWaitedFor) {
  run([&](BufferCache& cache) {
    set("retain_bytes", 0);
    set("max_age_seconds", 1);
    disk.hold = true;
    cache.prefetch(3);
    disk.hold = false;
    read(cache, 4);
    sleep(seconds(61));
    EXPECT_EQ(cache.size(), 1U) << "block 4 is gone, block 3 is not";
    disk.finish_held();
    sleep(seconds(31));
    EXPECT_EQ(cache.size(), 0U);
  });
}

// --- the limit -------------------------------------------------------------------------------------------

TEST_F(BufferMemoryTest, AboveTheLimitTheOldestBlocksAreEvictedUntilASixteenthBelowIt) {
  run([&](BufferCache& cache) {
    set_limit(32);
    read_below(cache, 32);
    EXPECT_EQ(cache.size(), 32U);
    read(cache, 32);
    machine.runtime().settle();
    EXPECT_EQ(cache.size(), 30U);
    seen();
    for (const block_t block : {3, 32}) read(cache, block);
    EXPECT_THAT(seen(), IsEmpty());
    read(cache, 2);
    EXPECT_THAT(seen(), ElementsAre("r2"));
  });
}

TEST_F(BufferMemoryTest, BlocksThatWereUsedSinceTheLastTimeHaveASecondChance) {
  run([&](BufferCache& cache) {
    set_limit(32);
    read_below(cache, 33);  // 0, 1 and 2 are evicted, and the others marked as not used
    read(cache, 3);
    for (block_t block = 33; block < 36; ++block) read(cache, block);
    machine.runtime().settle();
    seen();
    read(cache, 3);
    EXPECT_THAT(seen(), IsEmpty());
    read(cache, 4);
    EXPECT_THAT(seen(), ElementsAre("r4"));
  });
}

// All are looked at once before any is evicted.
TEST_F(BufferMemoryTest, BlocksThatWereUsedOnceHaveASecondChanceLikeThoseThatWereUsedTwice) {
  run([&](BufferCache& cache) {
    set_limit(32);
    read_below(cache, 32);
    read(cache, 0);
    read(cache, 32);  // 0, 1 and 2 are evicted
    machine.runtime().settle();
    seen();
    read(cache, 3);
    EXPECT_THAT(seen(), IsEmpty());
    read(cache, 0);
    EXPECT_THAT(seen(), ElementsAre("r0"));
  });
}

TEST_F(BufferMemoryTest, HeldBlocksAreNotEvicted) {
  run([&](BufferCache& cache) {
    set_limit(4);
    Buffer* held = test::value_of(cache.read(0));
    read_below(cache, 8);
    read(cache, 0);
    EXPECT_THAT(seen(), IsEmpty());
    cache.release(*held);
  });
}

TEST_F(BufferMemoryTest, DirtyBlocksAboveTheLimitAreWrittenOneAfterTheOther) {
  run([&](BufferCache& cache) {
    for (block_t block = 100; block < 120; ++block) read(cache, block);
    seen();
    for (block_t block = 0; block < 4; ++block) change(cache, block, 'a');
    set_limit(2);
    disk.hold = true;
    change(cache, 4, 'a');
    machine.runtime().settle();
    // All clean ones are older, and gone.
    EXPECT_EQ(cache.size(), 5U);
    for (block_t block = 0; block < 4; ++block) {
      disk.finish_held();
      EXPECT_THAT(seen(), ElementsAre("w" + std::to_string(block)));
      machine.runtime().settle();
    }
    EXPECT_TRUE(disk.held.empty());
    EXPECT_EQ(cache.size(), 1U);
    disk.hold = false;
  });
}

TEST_F(BufferMemoryTest, ACacheIsLockedWhileABlockIsWrittenForMemory) {
  run([&](BufferCache& cache) {
    read(cache, 100);
    for (block_t block = 0; block < 3; ++block) change(cache, block, 'a');
    set_limit(2);
    disk.hold = true;
    change(cache, 3, 'a');
    machine.runtime().settle();
    ASSERT_FALSE(disk.held.empty());
    const auto reader = machine.host().start("reader", [&] { read(cache, 3); });
    machine.runtime().settle();
    EXPECT_FALSE(reader.ended());
    disk.hold = false;
    disk.finish_held();
    machine.runtime().settle();
    EXPECT_TRUE(reader.ended());
  });
}

TEST_F(BufferMemoryTest, AnotherCacheBeginsWhenTheWorkIsDone) {
  test::ProbeDisk& other_disk = machine.add_probe_disk(1024);
  run([&](BufferCache& cache) {
    set_limit(2);
    disk.hold = true;
    for (block_t block = 0; block < 3; ++block) change(cache, block, 'a');
    machine.runtime().settle();
    const auto user = machine.host().start("user", [&] {
      BufferCache other(machine.kernel(), other_disk, cache_block_bytes, cache_reserved_buffers);
      other.destroy();
    });
    machine.runtime().settle();
    EXPECT_FALSE(user.ended());
    disk.hold = false;
    disk.finish_held();
    machine.runtime().settle();
    EXPECT_TRUE(user.ended());
  });
}

TEST_F(BufferMemoryTest, OneLimitHoldsForAllCaches) {
  run([&](BufferCache& cache) {
    set_limit(16);
    read_below(cache, 10);
    BufferCache other(machine.kernel(), machine.add_probe_disk(1024), cache_block_bytes,
                      cache_reserved_buffers);
    for (block_t block = 0; block < 7; ++block) read(other, block);
    machine.runtime().settle();
    EXPECT_EQ(cache.size(), 8U);
    EXPECT_EQ(other.size(), 7U);
    EXPECT_EQ(get("current_allocated_bytes"), std::to_string(15 * cache_block_bytes));
    EXPECT_EQ(get("peak_allocated_bytes"), std::to_string(17 * cache_block_bytes));
    other.destroy();
    EXPECT_EQ(get("current_allocated_bytes"), std::to_string(8 * cache_block_bytes));
  });
}

TEST_F(BufferMemoryTest, CachesComeAndGoInTasksThatKnowNothingOfEachOther) {
  machine.run([&] {
    machine.in_parallel(2, [&](unsigned number) {
      sleep(seconds(number));
      BufferCache mine(machine.kernel(), disk, cache_block_bytes, cache_reserved_buffers);
      read(mine, number);
      mine.destroy();
    });
  });
  EXPECT_EQ(get("current_allocated_bytes"), "0");
}

TEST_F(BufferMemoryTest, ALimitOfZeroIsTheDefault) {
  run([&](BufferCache&) {
    set_limit(0);
    sleep(seconds(31));
    EXPECT_EQ(get("max_cache_size_bytes"), std::to_string(dmcore::BufferMemory::default_limit_bytes));
  });
}

TEST_F(BufferMemoryTest, WithALimitOfOneByteThereAreOnlyReservedBuffers) {
  run([&](BufferCache& cache) {
    set("max_cache_size_bytes", 1);
    sleep(seconds(31));
    Buffer* first = test::value_of(cache.read(0));
    Buffer* second = test::value_of(cache.read(1));
    cache.prefetch(3);
    const auto reader = machine.host().start("reader", [&] { read(cache, 2); });
    machine.runtime().settle();
    EXPECT_FALSE(reader.ended());
    EXPECT_THAT(seen(), ElementsAre("r0", "r1"));
    cache.release(*first);
    machine.runtime().settle();
    EXPECT_TRUE(reader.ended());
    cache.release(*second);
    set("max_cache_size_bytes", 0);
  });
}

// A flush holds each block while it waits for its write. A task that found all blocks held meanwhile, and
// has no memory for another, looks again when the flush has ended.
TEST_F(BufferMemoryTest, ATaskThatWaitsForABufferIsWokenByTheEndOfAFlush) {
  run([&](BufferCache& cache) {
    set("max_cache_size_bytes", 1);
    sleep(seconds(31));
    std::array<Buffer*, cache_reserved_buffers> held{};
    for (block_t block = 0; block < held.size(); ++block) held.at(block) = test::value_of(cache.fresh(block));
    for (Buffer* buffer : held) cache.mark_dirty(*buffer);
    disk.hold = true;
    const auto flusher =
        machine.host().start("flusher", [&] { EXPECT_TRUE(cache.write_dirty_buffers().ok()); });
    machine.runtime().settle();
    const auto reader = machine.host().start("reader", [&] { read(cache, 5); });
    machine.runtime().settle();
    cache.release(*held[0]);  // which the flush holds as well
    machine.runtime().settle();
    EXPECT_FALSE(reader.ended());
    disk.hold = false;
    disk.finish_held();
    machine.runtime().settle();
    EXPECT_TRUE(flusher.ended());
    EXPECT_TRUE(reader.ended());
    cache.release(*held[1]);
    set("max_cache_size_bytes", 0);
  });
}

// --- on request ------------------------------------------------------------------------------------------

TEST_F(BufferMemoryTest, DroppingCachesLeavesWhatIsToBeRetained) {
  run([&](BufferCache& cache) {
    set("retain_bytes", 3 * cache_block_bytes);
    read_below(cache, 120);
    machine.host().drop_caches();
    machine.runtime().settle();
    EXPECT_EQ(cache.size(), 3U);
    for (block_t block = 117; block < 120; ++block) read(cache, block);
    EXPECT_THAT(seen(), IsEmpty());
  });
}

TEST_F(BufferMemoryTest, DroppingCachesWritesDirtyBlocksAfterAllCleanOnesAreGone) {
  run([&](BufferCache& cache) {
    set("retain_bytes", 0);
    for (block_t block = 100; block < 103; ++block) read(cache, block);
    change(cache, 7, 'a');
    change(cache, 6, 'a');
    seen();
    disk.hold = true;
    machine.host().drop_caches();
    machine.runtime().settle();
    EXPECT_EQ(cache.size(), 2U);
    disk.finish_held();
    EXPECT_THAT(seen(), ElementsAre("w7"));
    machine.runtime().settle();
    disk.finish_held();
    EXPECT_THAT(seen(), ElementsAre("w6"));
    machine.runtime().settle();
    EXPECT_EQ(cache.size(), 0U);
    disk.hold = false;
  });
}

}  // namespace
