// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel does with the caches in the background, at any moment of what a user does with one: nothing
// of it may be seen, but that blocks are read again.
#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/persistent/btree_node.h"
#include "dmcore/persistent/buffer_cache.h"
#include "dmcore/persistent/metadata_space_map.h"

#include "tests/rig/failure.h"
#include "tests/rig/machine.h"
#include "tests/support/value_of.h"

namespace {

using dmcore::block_t;
using dmcore::Buffer;
using dmcore::BufferCache;
using dmcore::Errno;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t block_bytes = 4096;
constexpr dmcore::sector_t block_sectors = block_bytes >> dmcore::sector_shift;
constexpr unsigned reserved_buffers = 2;
constexpr std::uint64_t seeds = 150;

// A machine with a random schedule, and a disk that takes its time.
class Caches {
 public:
  explicit Caches(std::uint64_t seed) : machine({.kind = sim::Schedule::Kind::random, .seed = seed}) {}

  void set(const std::string& name, std::uint64_t value) {
    test::check(machine.host().set_parameter("dm_bufio", name, std::to_string(value)), name);
  }
  std::unique_ptr<BufferCache> make_cache() {
    return std::make_unique<BufferCache>(machine.kernel(), disk, block_bytes, reserved_buffers);
  }
  static std::byte first_byte(BufferCache& cache, block_t block) {
    Buffer* held = test::value_of(cache.read(block));
    const std::byte first = held->data()[0];
    cache.release(*held);
    return first;
  }
  static void change(BufferCache& cache, block_t block, unsigned value) {
    Buffer* held = test::value_of(cache.read(block));
    held->data()[0] = static_cast<std::byte>(value);
    cache.mark_dirty(*held);
    cache.release(*held);
  }

  test::Machine machine;
  sim::VirtualDisk& disk = machine.add_disk(
      256 * block_sectors, {.timing = {.read_latency = milliseconds(1), .write_latency = milliseconds(1)}});
};

// Two users of one cache change blocks of their own, and flush; meanwhile memory is short, and somebody
// empties all caches again and again.
TEST(BufferCacheInTheBackground, LosesNoChangeWhateverTheSchedule) {
  constexpr unsigned users = 2;
  constexpr block_t blocks_each = 6;
  constexpr unsigned rounds = 3;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE(seed);
    Caches caches(seed);
    caches.machine.run([&] {
      caches.set("retain_bytes", 0);
      caches.set("max_cache_size_bytes", std::uint64_t{4} * block_bytes);
      const std::unique_ptr<BufferCache> cache = caches.make_cache();
      caches.machine.in_parallel(users + 1, [&](unsigned number) {
        for (unsigned round = 1; round <= rounds; ++round) {
          if (number == users) {
            caches.machine.host().drop_caches();
            caches.machine.runtime().sleep_for(milliseconds(2));
            continue;
          }
          for (block_t i = 0; i < blocks_each; ++i) {
            const block_t block = i * users + number;
            cache->prefetch(block);
            EXPECT_EQ(Caches::first_byte(*cache, block), static_cast<std::byte>(round - 1)) << block;
            Caches::change(*cache, block, round);
          }
          EXPECT_TRUE(cache->write_dirty_buffers().ok());
        }
      });
      caches.machine.runtime().settle();
      cache->destroy();
      for (block_t block = 0; block < users * blocks_each; ++block) {
        std::byte on_disk{};
        ASSERT_TRUE(caches.disk.store().read(block * block_bytes, {&on_disk, 1}).ok());
        EXPECT_EQ(on_disk, static_cast<std::byte>(rounds)) << block;
      }
    });
  }
}

// A cache is emptied, or has been told to be, while it is destroyed.
TEST(BufferCacheInTheBackground, MayBeEmptiedWhileItIsDestroyed) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE(seed);
    Caches caches(seed);
    caches.machine.run([&] {
      caches.set("retain_bytes", 0);
      std::unique_ptr<BufferCache> cache = caches.make_cache();
      for (block_t block = 0; block < 5; ++block) Caches::change(*cache, block, 7);
      caches.machine.in_parallel(2, [&](unsigned number) {
        if (number == 0) {
          caches.machine.host().drop_caches();
        } else {
          cache->destroy();
          cache.reset();
        }
      });
      caches.machine.runtime().settle();
    });
    EXPECT_EQ(caches.machine.check_idle(), "");
  }
}

TEST(BufferCacheInTheBackground, IsEmptyAfterwardsWheneverItsWorkRuns) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE(seed);
    Caches caches(seed);
    caches.machine.run([&] {
      caches.set("retain_bytes", 0);
      const std::unique_ptr<BufferCache> cache = caches.make_cache();
      for (block_t block = 0; block < 5; ++block) Caches::first_byte(*cache, block);
      caches.machine.host().drop_caches();
      caches.machine.runtime().settle();
      EXPECT_EQ(cache->size(), 0U);
      cache->destroy();
    });
  }
}

// All who wait for one read see its error.
TEST(BufferCacheInTheBackground, ReportsTheErrorOfAReadToAllWhoWaitForIt) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE(seed);
    test::Machine machine({.kind = sim::Schedule::Kind::random, .seed = seed});
    test::ProbeDisk& disk = machine.add_probe_disk(256);
    disk.outcome = [](const dmcore::Bio&) { return dmcore::BlockStatus::medium; };
    disk.hold = true;
    machine.run([&] {
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
}

// A block that does not fit its checksum may be evicted as soon as it is not held any more.
TEST(BufferCacheInTheBackground, MayEvictABlockThatIsRefused) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE(seed);
    Caches caches(seed);
    caches.machine.run([&] {
      caches.set("retain_bytes", 0);
      dmcore::BlockManager blocks(caches.machine.kernel(), caches.disk, block_bytes, reserved_buffers);
      caches.machine.in_parallel(2, [&](unsigned number) {
        for (unsigned i = 0; i < 4; ++i) {
          if (number == 0) {
            caches.machine.host().drop_caches();
            caches.machine.runtime().sleep_for(milliseconds(1));
          } else {
            EXPECT_EQ(blocks.read_lock(3, &dmcore::btree_node_validator()).status(), Errno::notblk);
          }
        }
      });
      caches.machine.runtime().settle();
      blocks.destroy();
    });
  }
}

// The look for old blocks, each half a minute, passes one by that is being read: it is not idle.
TEST(BufferCacheInTheBackground, DoesNotWaitForABlockThatIsBeingRead) {
  test::Machine machine;
  test::ProbeDisk& disk = machine.add_probe_disk(256);
  machine.run([&] {
    test::check(machine.host().set_parameter("dm_bufio", "retain_bytes", "0"), "retain_bytes");
    test::check(machine.host().set_parameter("dm_bufio", "max_age_seconds", "1"), "max_age_seconds");
    BufferCache cache(machine.kernel(), disk, block_bytes, reserved_buffers);
    disk.hold = true;
    cache.prefetch(3);
    disk.hold = false;
    cache.release(*test::value_of(cache.read(4)));
    machine.host().sleep_for(seconds(61));
    EXPECT_EQ(cache.size(), 1U) << "block 4 is gone, block 3 is not";
    disk.finish_held();
    machine.host().sleep_for(seconds(31));
    EXPECT_EQ(cache.size(), 0U);
    cache.destroy();
  });
}

// A flush holds each block while it waits for its write. Who found all blocks held meanwhile, and has no
// memory for another, looks again when it has ended.
TEST(BufferCacheInTheBackground, GivesABufferToWhoWaitsWhenAFlushHasEnded) {
  test::Machine machine;
  test::ProbeDisk& disk = machine.add_probe_disk(256);
  machine.run([&] {
    test::check(machine.host().set_parameter("dm_bufio", "max_cache_size_bytes", "1"), "limit");
    machine.host().sleep_for(seconds(31));  // when the limit is looked at
    BufferCache cache(machine.kernel(), disk, block_bytes, reserved_buffers);
    std::array<Buffer*, 2> held{};
    for (block_t block = 0; block < held.size(); ++block) held.at(block) = test::value_of(cache.fresh(block));
    for (Buffer* buffer : held) cache.mark_dirty(*buffer);
    disk.hold = true;
    const auto flusher =
        machine.host().start("flusher", [&] { EXPECT_TRUE(cache.write_dirty_buffers().ok()); });
    machine.runtime().settle();
    // The flush waits for the first, and holds it as well; the second stays held.
    const auto reader =
        machine.host().start("reader", [&] { cache.release(*test::value_of(cache.read(5))); });
    machine.runtime().settle();
    cache.release(*held[0]);
    machine.runtime().settle();
    EXPECT_FALSE(reader.ended());
    disk.hold = false;
    disk.finish_held();
    machine.runtime().settle();
    EXPECT_TRUE(flusher.ended());
    EXPECT_TRUE(reader.ended());
    cache.release(*held[1]);
    cache.destroy();
    test::check(machine.host().set_parameter("dm_bufio", "max_cache_size_bytes", "0"), "limit");
  });
}

}  // namespace
