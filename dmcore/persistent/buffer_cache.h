// SPDX-License-Identifier: GPL-2.0-or-later
// The cache of the blocks of a metadata device: drivers/md/dm-bufio.c as far as the block manager uses it.
//
// Changes stay in memory until a flush, or until dirty blocks outnumber clean ones three to one, when
// write-back starts. Which blocks are written when is as in the kernel, since the disk's counters show it.
// What all caches of a machine share is in buffer_memory.h.
#pragma once

#include <array>
#include <boost/intrusive/set.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "dmcore/block/block_layer.h"
#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/lock.h"
#include "dmcore/kernel/order.h"
#include "dmcore/kernel/shrinker.h"
#include "dmcore/kernel/types.h"
#include "dmcore/kernel/wait.h"
#include "dmcore/kernel/workqueue.h"
#include "dmcore/persistent/block_lock.h"
#include "dmcore/persistent/validator.h"

namespace dmcore {

class BufferCache;
class BufferMemory;

// struct dm_buffer. `validator` and `lock` belong to the block manager, the rest to the cache.
class Buffer {
 public:
  Buffer(BufferCache& cache, Runtime& runtime, std::uint32_t bytes)
      : cache_(cache), data_(new std::byte[bytes]), state_(runtime) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  [[nodiscard]] BufferCache& cache() const { return cache_; }
  [[nodiscard]] block_t block() const { return block_; }
  [[nodiscard]] std::byte* data() const { return data_.get(); }

  const BlockValidator* validator = nullptr;
  BlockLock lock;

 private:
  friend class BufferCache;
  friend class BufferMemory;
  enum class State : std::uint8_t { reading, writing, dirty };  // B_READING, ...

  // Returns what it was.
  bool set_accessed(Runtime& runtime, bool accessed) {
    runtime.fine_step(Point::flag, writes(&accessed_), "accessed");
    const order::Unchecked racing(
        "users have the lock of the cache, do_global_cleanup() that of all buffers");
    return std::exchange(accessed_, accessed);
  }

  BufferCache& cache_;
  std::unique_ptr<std::byte[]> data_;
  block_t block_ = 0;
  AtomicFlags<State> state_;  // `dirty` is changed under the cache's lock, the others by the end of I/O too
  bool on_dirty_list_ = false;
  bool accessed_ = false;            // since it was last considered for eviction
  std::uint64_t last_accessed_ = 0;  // jiffies
  BlockStatus read_error_ = BlockStatus::ok;
  BlockStatus write_error_ = BlockStatus::ok;
  unsigned holders_ = 0;
  Bio bio_;
  ListHook lru_hook_;
  ListHook write_hook_;
  ListHook memory_hook_;
  boost::intrusive::set_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>> index_hook_;
};

// All functions may sleep, and must not be called from within a driver's submit().
class BufferCache final : private Shrinker {
 public:
  // `block_bytes`: a multiple of the sector size. `reserved_buffers`: as many as callers may need at once,
  // and which it has even if it may not grow.
  BufferCache(Kernel& kernel, BlockDevice& device, std::uint32_t block_bytes, unsigned reserved_buffers);
  BufferCache(const BufferCache&) = delete;
  BufferCache& operator=(const BufferCache&) = delete;
  // Frees memory only: after destroy(), or when the machine is torn down.
  ~BufferCache();

  // Writes dirty blocks, without a flush, and empties the cache. No buffer may be held. The cache must not be
  // used afterwards.
  void destroy();

  // dm_bufio_read(): holds a block, reading it if it is not cached. The caller calls release(). Never null.
  Result<Buffer*> read(block_t block) { return get(block, Want::read); }
  // dm_bufio_new(): the same for a block that the caller overwrites as a whole: it is not read.
  Result<Buffer*> fresh(block_t block) { return get(block, Want::fresh); }
  // dm_bufio_prefetch(): starts to read a block that is not cached, and does not wait.
  void prefetch(block_t block);
  void release(Buffer& held);
  // dm_bufio_mark_buffer_dirty(): the content of a held block has changed.
  void mark_dirty(Buffer& held);

  // dm_bufio_write_dirty_buffers(): writes all dirty blocks, waits, and flushes the device. Returns the first
  // error of any write since the last call.
  Status write_dirty_buffers();

  [[nodiscard]] std::uint32_t block_bytes() const { return block_bytes_; }
  [[nodiscard]] block_t nr_blocks() const { return device_.nr_sectors() / block_sectors(); }
  [[nodiscard]] Kernel& kernel() { return kernel_; }
  // For the block manager: woken when a block lock is released that a task waits for.
  [[nodiscard]] WaitQueue& lock_freed() { return lock_freed_; }

  // The number of cached blocks.
  [[nodiscard]] std::size_t size() const { return clean_.size() + dirty_.size(); }

 private:
  friend class BufferMemory;
  enum class Want : std::uint8_t { fresh, read, prefetch };
  struct Found {
    Buffer* buffer;
    bool must_read;
  };
  // Most recently used first.
  using LruList = LinkedList<Buffer, &Buffer::lru_hook_>;
  using WriteList = LinkedList<Buffer, &Buffer::write_hook_>;
  enum class Evict : std::uint8_t {
    idle,  // only a buffer without I/O, that is not dirty
    any    // waits for I/O, and writes
  };
  struct BlockOf {
    using type = block_t;
    block_t operator()(const Buffer& buffer) const { return buffer.block_; }
  };
  using Index = boost::intrusive::set<
      Buffer, boost::intrusive::member_hook<Buffer, decltype(Buffer::index_hook_), &Buffer::index_hook_>,
      boost::intrusive::key_of_value<BlockOf>>;

  [[nodiscard]] sector_t block_sectors() const { return to_sectors(block_bytes_); }
  void check_context(const char* what);

  Result<Buffer*> get(block_t block, Want want);
  Found find_or_make(block_t block, Want want, WriteList& to_write);
  Found found(Buffer& buffer, Want want);
  std::unique_ptr<Buffer> allocate(Want want);
  void free(std::unique_ptr<Buffer> buffer);
  void wait_for_free_buffer();
  void wake_those_without_buffer();
  void link(Buffer& buffer, block_t block);
  void unlink(Buffer& buffer);
  void relink(Buffer& buffer, bool on_dirty_list);
  void drop(Buffer& buffer);
  std::unique_ptr<Buffer> take_unclaimed();
  void drop_all();

  // buffer_cache_evict.cpp
  bool try_evict(Buffer& buffer, Evict which);
  void evict_old(std::uint64_t age_min);
  void shrink();
  std::uint64_t count_objects() override;
  std::uint64_t scan_objects(std::uint64_t nr_to_scan) override;

  void submit_read(Buffer& buffer);
  void submit_write(Buffer& buffer);
  static void end_io(Buffer& buffer, Buffer::State state);
  static void read_ended(Bio& bio);
  static void write_ended(Bio& bio);
  void wait_until_not(Buffer& buffer, Buffer::State state);
  [[nodiscard]] static bool being_written(const Buffer& buffer);

  void write_back_if_many_dirty(WriteList& to_write);
  void collect_dirty(bool stop_at_busy, WriteList& to_write);
  [[nodiscard]] bool begin_write(Buffer& buffer);
  void submit_all(WriteList& to_write);
  void wait_for_writes();
  void make_clean(Buffer& buffer);

  Kernel& kernel_;
  Runtime& runtime_;
  BufferMemory& memory_;
  BlockDevice& device_;
  std::uint32_t block_bytes_;
  // Protects the lists, the index, the holder counts and the reserve.
  Mutex mutex_;
  WaitQueue lock_freed_;
  LruList clean_;
  LruList dirty_;  // dirty, under writeback, or written and not yet moved
  Index index_;
  unsigned reserved_;           // buffers in reserve
  unsigned need_reserved_ = 0;  // buffers that were taken from the reserve and are to come back
  WaitQueue free_buffer_wait_;
  std::uint64_t frees_ = 0;           // how often those that wait for a buffer were woken
  Atomic<std::int64_t> need_shrink_;  // how many buffers shrink() is to free
  WorkItem shrink_work_;
  ListHook memory_hook_;
  Atomic<BlockStatus> async_write_error_;  // the first since the last write_dirty_buffers()
};

}  // namespace dmcore
