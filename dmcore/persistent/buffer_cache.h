// SPDX-License-Identifier: GPL-2.0-or-later
// Cached blocks of a metadata device: drivers/md/dm-bufio.c as far as the block manager needs it.
//
// A block is read once while it is cached. Changes stay in memory until a flush, or until dirty blocks
// outnumber clean ones three to one, when writing them begins in the background. Which blocks are written
// when, and so how often a block is written that keeps changing, is as in the kernel: the disk's counters
// show it.
#pragma once

#include <array>
#include <boost/intrusive/set.hpp>
#include <cstdint>
#include <memory>
#include <span>

#include "dmcore/block/block_layer.h"
#include "dmcore/kernel/lock.h"
#include "dmcore/kernel/types.h"
#include "dmcore/kernel/wait.h"
#include "dmcore/persistent/block_lock.h"
#include "dmcore/persistent/validator.h"

namespace dmcore {

class BufferCache;

// One cached block. `validator` and `lock` belong to the block manager, the rest to the cache.
class Buffer {
 public:
  Buffer(BufferCache& cache, std::uint32_t bytes) : cache_(cache), data_(new std::byte[bytes]) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  [[nodiscard]] BufferCache& cache() const { return cache_; }
  [[nodiscard]] block_t block() const { return block_; }
  [[nodiscard]] std::byte* data() const { return data_.get(); }

  const BlockValidator* validator = nullptr;
  BlockLock lock;

 private:
  friend class BufferCache;
  enum State : std::uint8_t { reading = 1, writing = 2, dirty = 4 };

  [[nodiscard]] bool is(State state) const { return (state_ & state) != 0; }
  void set(State state) { state_ = static_cast<std::uint8_t>(state_ | state); }
  void clear(State state) { state_ = static_cast<std::uint8_t>(state_ & ~state); }
  [[nodiscard]] bool idle() const { return state_ == 0; }

  BufferCache& cache_;
  std::unique_ptr<std::byte[]> data_;
  block_t block_ = 0;
  std::uint8_t state_ = 0;
  bool on_dirty_list_ = false;
  bool used_ = false;  // since it was last considered for being forgotten
  Time last_used_{0};
  BlockStatus read_error_ = BlockStatus::ok;
  BlockStatus write_error_ = BlockStatus::ok;
  unsigned holders_ = 0;
  Bio bio_;
  ListHook lru_hook_;
  ListHook write_hook_;
  ListHook age_hook_;
  boost::intrusive::set_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>> index_hook_;
};

// Everything here may sleep, and must not be called from inside a driver's submit().
class BufferCache {
 public:
  // `block_bytes`: a multiple of the sector size.
  BufferCache(Kernel& kernel, BlockDevice& device, std::uint32_t block_bytes);
  BufferCache(const BufferCache&) = delete;
  BufferCache& operator=(const BufferCache&) = delete;
  // Frees memory; after destroy(), or when the whole machine is taken down.
  ~BufferCache();

  // Writes what is dirty, without a flush, and empties the cache. Nobody may hold a buffer. Afterwards the
  // cache must not be used.
  void destroy();

  // Holds a block, reading it if it is not cached. The caller releases it. Never null.
  Result<Buffer*> read(block_t block) { return get(block, Want::read); }
  // The same for a block whose whole content the caller replaces: it is not read.
  Result<Buffer*> fresh(block_t block) { return get(block, Want::fresh); }
  // Begins to read a block that is not cached, and does not wait.
  void prefetch(block_t block);
  void release(Buffer& held);
  // Says that the content of a held block has changed.
  void mark_dirty(Buffer& held);

  // Writes every dirty block, waits, and flushes the disk. Reports, once, the first write that failed since
  // the last call, whenever it was.
  Status write_dirty_buffers();

  [[nodiscard]] std::uint32_t block_bytes() const { return block_bytes_; }
  [[nodiscard]] block_t nr_blocks() const { return device_.nr_sectors() / block_sectors(); }
  [[nodiscard]] Kernel& kernel() { return kernel_; }
  // For the block manager: woken when a lock that somebody waits for is released.
  [[nodiscard]] WaitQueue& lock_freed() { return lock_freed_; }

  // Blocks in the cache now.
  [[nodiscard]] std::size_t size() const { return clean_.size() + dirty_.size(); }

  // What the cache may hold before it forgets blocks: 2 % of the memory (DM_BUFIO_MEMORY_PERCENT) of a
  // machine of 2 GiB. A transaction that changes more holds all of it until it is written.
  static constexpr std::size_t max_bytes = (std::size_t{2} << 30) / 50;

 private:
  enum class Want : std::uint8_t { fresh, read, prefetch };
  struct Found {
    Buffer* buffer;
    bool must_read;
  };
  // Most recently used first.
  using LruList = LinkedList<Buffer, &Buffer::lru_hook_>;
  using WriteList = LinkedList<Buffer, &Buffer::write_hook_>;
  // Oldest first.
  using AgeList = LinkedList<Buffer, &Buffer::age_hook_>;
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
  void link(Buffer& buffer, block_t block);
  void unlink(Buffer& buffer);
  void relink(Buffer& buffer, bool on_dirty_list);
  void drop(Buffer& buffer);
  Buffer* take_unclaimed();
  void make_room();
  void forget_old();

  void submit_read(Buffer& buffer);
  void submit_write(Buffer& buffer);
  static void read_ended(Bio& bio);
  static void write_ended(Bio& bio);
  void wait_until_not(Buffer& buffer, Buffer::State state);

  void write_back_if_many_dirty(WriteList& to_write);
  void collect_dirty(bool stop_at_busy, WriteList& to_write);
  [[nodiscard]] bool begin_write(Buffer& buffer);
  void submit_all(WriteList& to_write);
  void wait_for_writes();
  void make_clean(Buffer& buffer);

  Kernel& kernel_;
  Runtime& runtime_;
  BlockDevice& device_;
  std::uint32_t block_bytes_;
  // Protects the lists, the index and the holder counts.
  Mutex mutex_;
  WaitQueue io_done_;
  WaitQueue lock_freed_;
  LruList clean_;
  LruList dirty_;  // dirty, or being written, or written since it was last looked at
  AgeList by_age_;
  Index index_;
  std::int64_t cleaned_ = 0;  // how many times, by the clock, old blocks have been forgotten
  BlockStatus async_write_error_ = BlockStatus::ok;  // the first since the last write_dirty_buffers()
};

}  // namespace dmcore
