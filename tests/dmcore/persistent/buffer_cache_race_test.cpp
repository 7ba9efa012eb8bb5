// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel does with the caches in the background, whenever it comes while a cache is used: the user
// sees nothing of it, but that blocks are read again.
#include <array>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "dmcore/persistent/block_manager.h"
#include "dmcore/persistent/btree_node.h"
#include "dmcore/persistent/buffer_cache.h"
#include "dmcore/persistent/metadata_space_map.h"
#include "dmcore/persistent/space_map_bitmap.h"

#include "tests/dmcore/persistent/written_blocks.h"
#include "tests/rig/failure.h"
#include "tests/rig/guide.h"
#include "tests/rig/machine.h"
#include "tests/rig/preemption.h"
#include "tests/support/value_of.h"

namespace {

using dmcore::block_t;
using dmcore::Buffer;
using dmcore::BufferCache;
using dmcore::Errno;
using std::chrono::milliseconds;
using test::Machine;

constexpr std::uint32_t block_bytes = 4096;
constexpr dmcore::sector_t disk_sectors = 256 * (block_bytes >> dmcore::sector_shift);
constexpr unsigned reserved_buffers = 2;

void set(Machine& machine, const std::string& name, std::uint64_t value) {
  test::check(machine.host().set_parameter("dm_bufio", name, std::to_string(value)), name);
}

// Runs it under many schedules, on a machine whose caches retain nothing that they could give back.
void each_schedule(const std::function<void(Machine&)>& body) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    Machine machine({.kind = sim::Schedule::Kind::random, .seed = seed});
    machine.run([&] {
      set(machine, "retain_bytes", 0);
      body(machine);
      machine.runtime().settle();
    });
    EXPECT_EQ(machine.check_idle(), "");
    if (testing::Test::HasFailure()) return;
  }
}

// It takes its time, so that tasks meet while blocks are read and written.
sim::VirtualDisk& slow_disk(Machine& machine) {
  return machine.add_disk(disk_sectors,
                          {.timing = {.read_latency = milliseconds(1), .write_latency = milliseconds(1)}});
}

std::byte first_byte(BufferCache& cache, block_t block) {
  Buffer* held = test::value_of(cache.read(block));
  const std::byte first = held->data()[0];
  cache.release(*held);
  return first;
}

void change(BufferCache& cache, block_t block, unsigned value) {
  Buffer* held = test::value_of(cache.read(block));
  held->data()[0] = static_cast<std::byte>(value);
  cache.mark_dirty(*held);
  cache.release(*held);
}

// Two users of one cache change blocks of their own, and flush; memory is short, and all caches are emptied
// again and again.
TEST(BufferCacheInTheBackground, LosesNoChange) {
  constexpr unsigned users = 2;
  constexpr block_t blocks_each = 6;
  constexpr unsigned rounds = 3;
  each_schedule([](Machine& machine) {
    set(machine, "max_cache_size_bytes", std::uint64_t{4} * block_bytes);
    sim::VirtualDisk& disk = slow_disk(machine);
    BufferCache cache(machine.kernel(), disk, block_bytes, reserved_buffers);
    machine.in_parallel(users + 1, [&](unsigned number) {
      for (unsigned round = 1; round <= rounds; ++round) {
        if (number == users) {
          machine.host().drop_caches();
          machine.runtime().sleep_for(milliseconds(2));
          continue;
        }
        for (block_t i = 0; i < blocks_each; ++i) {
          const block_t block = i * users + number;
          cache.prefetch(block);
          EXPECT_EQ(first_byte(cache, block), static_cast<std::byte>(round - 1)) << block;
          change(cache, block, round);
        }
        EXPECT_TRUE(cache.write_dirty_buffers().ok());
      }
    });
    machine.runtime().settle();
    cache.destroy();
    for (block_t block = 0; block < users * blocks_each; ++block) {
      std::byte on_disk{};
      ASSERT_TRUE(disk.store().read(block * block_bytes, {&on_disk, 1}).ok());
      EXPECT_EQ(on_disk, static_cast<std::byte>(rounds)) << block;
    }
  });
}

// Two caches share the limit, and each has a block that is held, which is passed over when memory is taken
// back.
TEST(BufferCacheInTheBackground, KeepsWhatIsHeldInEachOfTwoCaches) {
  each_schedule([](Machine& machine) {
    constexpr std::uint64_t limit = std::uint64_t{4} * block_bytes;
    set(machine, "max_cache_size_bytes", limit);
    std::array<std::unique_ptr<BufferCache>, 2> caches;
    machine.in_parallel(caches.size(), [&](unsigned number) {
      std::unique_ptr<BufferCache>& cache = caches.at(number);
      cache =
          std::make_unique<BufferCache>(machine.kernel(), slow_disk(machine), block_bytes, reserved_buffers);
      Buffer* held = test::value_of(cache->read(0));
      for (block_t block = 1; block < 8; ++block) first_byte(*cache, block);
      EXPECT_EQ(held, test::value_of(cache->read(0)));
      cache->release(*held);
      cache->release(*held);
    });
    machine.runtime().settle();
    EXPECT_LE(caches[0]->size() + caches[1]->size(), limit / block_bytes);
    machine.in_parallel(caches.size(), [&](unsigned number) { caches.at(number)->destroy(); });
  });
}

// "process 0" empties all caches while "process 1" destroys this one.
void empty_and_destroy(Machine& machine, std::unique_ptr<BufferCache>& cache) {
  machine.in_parallel(2, [&](unsigned number) {
    if (number == 0) {
      machine.host().drop_caches();
    } else {
      cache->destroy();
      cache.reset();
    }
  });
}

TEST(BufferCacheInTheBackground, MayBeEmptiedWhileItIsDestroyed) {
  each_schedule([](Machine& machine) {
    auto cache =
        std::make_unique<BufferCache>(machine.kernel(), slow_disk(machine), block_bytes, reserved_buffers);
    for (block_t block = 0; block < 5; ++block) change(*cache, block, 7);
    empty_and_destroy(machine, cache);
  });
}

// A shrinker has found that there is something to free, and is about to queue the work that does it; the
// cache is destroyed then, up to where that has to wait.
TEST(BufferCacheInTheBackground, IsNotDestroyedBeforeTheWorkThatFreesItsMemory) {
  test::GuidedMachine machine;
  machine.run([&] {
    set(machine, "retain_bytes", 0);
    auto cache =
        std::make_unique<BufferCache>(machine.kernel(), slow_disk(machine), block_bytes, reserved_buffers);
    for (block_t block = 0; block < 5; ++block) first_byte(*cache, block);
    machine.guide()
        .run_until("process 0", test::before(dmcore::Point::queue_work))
        .run("process 1")
        .run("process 0")
        .run("process 1");
    empty_and_destroy(machine, cache);
    machine.runtime().settle();
  });
  EXPECT_TRUE(machine.guide().done());
  EXPECT_EQ(machine.check_idle(), "");
}

TEST(BufferCacheInTheBackground, IsEmptyAfterwardsWheneverItsWorkRuns) {
  each_schedule([](Machine& machine) {
    BufferCache cache(machine.kernel(), slow_disk(machine), block_bytes, reserved_buffers);
    for (block_t block = 0; block < 5; ++block) first_byte(cache, block);
    machine.host().drop_caches();
    machine.runtime().settle();
    EXPECT_EQ(cache.size(), 0U);
    cache.destroy();
  });
}

// On a device that takes writes at once, such as one that drops them: a block may have been written, changed
// and written again by another task before the first has submitted the next.
TEST(BufferCacheInTheBackground, MayBeFlushedByTwoWhereverTheyMeet) {
  const auto run = [](test::Preemption& preemption) {
    Machine machine(preemption.strategy());
    test::ProbeDisk& disk = machine.add_probe_disk(disk_sectors);
    machine.run([&] {
      BufferCache cache(machine.kernel(), disk, block_bytes, reserved_buffers);
      auto other = machine.host().start("other", [&] {
        machine.runtime().sleep_for(milliseconds(500));
        for (block_t block = 1; block <= 2; ++block) change(cache, block, 7);
        EXPECT_TRUE(cache.write_dirty_buffers().ok());
      });
      machine.runtime().settle();
      for (block_t block = 1; block <= 2; ++block) change(cache, block, 5);
      preemption.arm();
      EXPECT_TRUE(cache.write_dirty_buffers().ok());
      other.wait();
      for (block_t block = 1; block <= 2; ++block) EXPECT_EQ(disk.byte_at(block * 8), std::byte{7}) << block;
      cache.destroy();
    });
  };
  EXPECT_GT(test::at_every_step(run, "other"), 10U);
}

// It came to the cache when the block had been read, while the one that had waited for it still held it.
TEST(BufferCacheInTheBackground, HasABlockForATaskThatDidNotWaitForIt) {
  Machine machine;
  machine.run([&] {
    sim::VirtualDisk& disk = slow_disk(machine);
    BufferCache cache(machine.kernel(), disk, block_bytes, reserved_buffers);
    machine.in_parallel(2, [&](unsigned number) {
      machine.runtime().sleep_for(milliseconds(number * 2));
      Buffer* held = test::value_of(cache.read(3));
      EXPECT_EQ(held->data()[0], std::byte{0});
      machine.runtime().sleep_for(milliseconds(5));
      cache.release(*held);
    });
    EXPECT_EQ(disk.counters.read_sectors, block_bytes >> dmcore::sector_shift);
    cache.destroy();
  });
}

// All tasks that wait for one read see its error.
TEST(BufferCacheInTheBackground, ReportsTheErrorOfAReadToAllThatWaitForIt) {
  each_schedule([](Machine& machine) {
    test::ProbeDisk& disk = machine.add_probe_disk(disk_sectors);
    disk.outcome = [](const dmcore::Bio&) { return dmcore::BlockStatus::medium; };
    disk.hold = true;
    BufferCache cache(machine.kernel(), disk, block_bytes, reserved_buffers);
    machine.in_parallel(4, [&](unsigned number) {
      if (number == 0) {
        machine.runtime().sleep_for(milliseconds(1));
        disk.hold = false;
        disk.finish_held();
      } else {
        EXPECT_EQ(cache.read(3).status(), Errno::nodata);
      }
    });
    cache.destroy();
  });
}

// A block that is refused may be evicted as soon as it is not held any more, by a task that needs its memory:
// there is that of two blocks, one of which is held.
TEST(BufferCacheInTheBackground, MayEvictABlockThatIsRefused) {
  each_schedule([](Machine& machine) {
    set(machine, "max_cache_size_bytes", 1);
    machine.runtime().sleep_for(std::chrono::seconds(31));  // when the limit is looked at
    dmcore::BlockManager blocks(machine.kernel(), machine.add_probe_disk(disk_sectors), block_bytes,
                                reserved_buffers);
    dmcore::BlockRef held = test::value_of(blocks.read_lock(1, nullptr));
    machine.in_parallel(2, [&](unsigned number) {
      for (block_t i = 0; i < 4; ++i) {
        if (number == 0) {
          EXPECT_TRUE(blocks.read_lock(10 + i, nullptr).ok());
        } else {
          EXPECT_EQ(blocks.read_lock(3, &dmcore::btree_node_validator()).status(), Errno::notblk);
        }
      }
    });
    held.unlock();
    blocks.destroy();
    set(machine, "max_cache_size_bytes", 0);
  });
}

// A space map of two bitmaps. Another task writes all that is dirty, at a step of what is done to counts of
// the second bitmap; the blocks that are allocated meanwhile are those of the first.
class MapInTheBackground {
 public:
  static constexpr block_t counted = 30'000;

  explicit MapInTheBackground(test::Preemption& preemption)
      : preemption_(preemption),
        machine_(preemption.strategy()),
        disk_(machine_.add_disk(50'000 * (block_bytes >> dmcore::sector_shift))) {}

  // Some blocks get so many references; then `change` is made, beside the writer, and committed; then
  // `check`.
  void run(block_t end, unsigned references, const std::function<void(dmcore::MetadataSpaceMap&)>& change,
           const std::function<void(MapInTheBackground&)>& check) {
    machine_.run([&] {
      set(machine_, "retain_bytes", 0);
      dmcore::BlockManager manager(machine_.kernel(), disk_, block_bytes, 5);
      blocks_ = &manager;
      map_ = std::make_unique<dmcore::MetadataSpaceMap>(manager);
      ASSERT_TRUE(map_->create(40'000, 0).ok());
      for (unsigned i = 0; i < references; ++i) ASSERT_TRUE(map_->inc_blocks(counted, end).ok());
      // No two of the blocks that are free next are neighbours, whose writes would be merged.
      const block_t last = test::value_of(map_->new_block());
      for (block_t block = last + 2; block < last + 42; block += 2) ASSERT_TRUE(map_->inc_block(block).ok());
      commit();
      auto writer = machine_.host().start("writer", [&] {
        machine_.runtime().sleep_for(milliseconds(500));
        EXPECT_TRUE(manager.flush().ok());
      });
      machine_.runtime().settle();
      preemption_.arm();
      change(*map_);
      writer.wait();
      check(*this);
      map_.reset();
      manager.destroy();
    });
  }

  void commit() {
    ASSERT_TRUE(map_->transactions().pre_commit().ok());
    ASSERT_TRUE(map_->transactions().commit(test::value_of(blocks_->write_lock_zero(0, nullptr))).ok());
  }
  dmcore::SpaceMapRootDisk root() {
    dmcore::SpaceMapRootDisk root{};
    EXPECT_TRUE(map_->copy_root(std::as_writable_bytes(std::span(&root, 1))).ok());
    return root;
  }
  // Forgets what is cached, and reads it again.
  void reopen() {
    const dmcore::SpaceMapRootDisk opened = root();
    map_.reset();
    machine_.host().drop_caches();
    machine_.runtime().settle();
    map_ = std::make_unique<dmcore::MetadataSpaceMap>(*blocks_);
    ASSERT_TRUE(map_->open(std::as_bytes(std::span(&opened, 1))).ok());
  }
  [[nodiscard]] dmcore::MetadataSpaceMap& map() { return *map_; }
  [[nodiscard]] dmcore::BlockManager& blocks() { return *blocks_; }
  [[nodiscard]] sim::VirtualDisk& disk() { return disk_; }

 private:
  test::Preemption& preemption_;
  Machine machine_;
  sim::VirtualDisk& disk_;
  dmcore::BlockManager* blocks_ = nullptr;
  std::unique_ptr<dmcore::MetadataSpaceMap> map_;
};

// The third user of a block moves its count from the bitmap into a tree.
TEST(BlocksInTheBackground, LoseNoCountWhereverTheyAreWritten) {
  constexpr block_t block = MapInTheBackground::counted;
  const auto run = [](test::Preemption& preemption) {
    MapInTheBackground(preemption)
        .run(
            block + 1, 2, [](dmcore::MetadataSpaceMap& map) { EXPECT_TRUE(map.inc_block(block).ok()); },
            [](MapInTheBackground& it) {
              it.commit();
              it.reopen();
              EXPECT_EQ(test::value_of(it.map().get_count(block)), 3U);
            });
  };
  EXPECT_GT(test::at_every_step(run, "writer"), 50U);
}

// A bitmap becomes dirty before the leaf with the larger counts, also once more after it was written. A plug
// turns that around.
TEST(BlocksInTheBackground, AreWrittenInOneOrderWhereverTheyAreWrittenBefore) {
  constexpr block_t end = MapInTheBackground::counted + 2;
  const auto run = [](test::Preemption& preemption) {
    MapInTheBackground(preemption)
        .run(
            end, 4,
            [](dmcore::MetadataSpaceMap& map) {
              EXPECT_TRUE(map.inc_blocks(MapInTheBackground::counted, end).ok());
            },
            [](MapInTheBackground& it) {
              test::WrittenBlocks written;
              it.disk().set_media_observer(&written);
              it.commit();
              it.disk().set_media_observer(nullptr);
              const dmcore::SpaceMapRootDisk root = it.root();
              const dmcore::BlockRef locked = test::value_of(
                  it.blocks().read_lock(root.bitmap_root, &dmcore::space_map_index_validator()));
              const block_t bitmap = locked.as<dmcore::MetadataIndexDisk>().index[1].blocknr;
              const block_t leaf = root.ref_count_root;
              std::vector<block_t> order;
              for (const block_t block : written.blocks) {
                if (block == bitmap || block == leaf) order.push_back(block);
              }
              if (order.size() == 2) {
                EXPECT_EQ(order, std::vector({leaf, bitmap}));
              }
            });
  };
  EXPECT_GT(test::at_every_step(run, "writer"), 50U);
}

}  // namespace
