// SPDX-License-Identifier: GPL-2.0-or-later
// The memory of all buffer caches of a machine, and the work that takes it back in the background: the static
// variables of drivers/md/dm-bufio.c.
//
// Every 30 seconds, write-back is started in caches with many dirty blocks, and blocks that were not used for
// long are forgotten. When all caches together exceed the limit, blocks are evicted, the oldest first, until
// they are a sixteenth below it; dirty ones are written first, one after the other. Both run as work items
// and hold the lock of a cache meanwhile.
#pragma once

#include <string_view>

#include "dmcore/kernel/kernel.h"
#include "dmcore/kernel/order.h"
#include "dmcore/kernel/workqueue.h"
#include "dmcore/persistent/buffer_cache.h"

namespace dmcore {

class BufferMemory final : public Module {
 public:
  static constexpr std::string_view module_name = "dm_bufio";
  explicit BufferMemory(Kernel& kernel);

  // A cache begins or ends. Process context.
  void add(BufferCache& cache);
  void remove(BufferCache& cache);

  // adjust_total_allocated(): a buffer has joined its cache, or has left it. The caller holds the cache's
  // lock.
  void linked(Buffer& buffer);
  void unlinked(Buffer& buffer);

  [[nodiscard]] WorkQueue& work_queue() { return work_queue_; }
  // How many buffers a cache keeps in any case.
  [[nodiscard]] std::size_t retained(std::uint32_t block_bytes) const {
    return static_cast<std::size_t>(retain_bytes_ / block_bytes);
  }
  // False: caches make no new buffers, but use those that they have again. For debugging. The kernel has no
  // lock here.
  [[nodiscard]] bool may_grow() const { return data_race(limit_latch_) != 1; }

  // The limit unless it is set: 2 % (DM_BUFIO_MEMORY_PERCENT) of the pages that are left to a kernel on a
  // machine with 2 GiB.
  static constexpr std::uint64_t default_limit_bytes = 10235 * 4096;

 private:
  struct Victim {
    BufferCache* cache;
    Buffer* buffer;  // valid while the cache's lock is held; null: no more
  };

  void refresh_limit();
  void clean_up();
  void reduce();
  Victim next_victim(std::uint64_t wanted_bytes, std::uint64_t& chances);

  Runtime& runtime_;
  // Module parameters.
  std::uint64_t limit_bytes_ = default_limit_bytes;  // max_cache_size_bytes
  std::uint32_t max_age_seconds_;
  std::uint64_t retain_bytes_;
  std::uint64_t allocated_bytes_ = 0;  // current_allocated_bytes
  std::uint64_t peak_bytes_ = 0;       // peak_allocated_bytes

  Mutex caches_lock_;  // dm_bufio_clients_lock: protects the list of caches, and the next
  LinkedList<BufferCache, &BufferCache::memory_hook_> caches_;
  // limit_bytes_ as it was when it was last looked at: user space may change it at any time.
  std::uint64_t limit_latch_ = default_limit_bytes;

  SpinLock lru_lock_;  // global_spinlock: protects the next, and the count of allocated bytes
  LinkedList<Buffer, &Buffer::memory_hook_> lru_;  // global_queue: the buffers of all caches

  WorkQueue work_queue_;
  WorkItem reduce_work_;
  DelayedWork clean_up_work_;
};

}  // namespace dmcore
