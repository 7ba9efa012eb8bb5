// SPDX-License-Identifier: GPL-2.0-or-later
// Locks and validates the blocks of a metadata device (drivers/md/persistent-data/dm-block-manager.c).
#pragma once

#include <span>

#include "dmcore/persistent/buffer_cache.h"
#include "dmcore/persistent/validator.h"

namespace dmcore {

class BlockManager;

// struct dm_block: a locked block, or none. Unlocking a write-locked block marks it dirty. Unlocking may
// sleep, so the task may be unwound in it: hence noexcept(false). The destructor of a Result is
// noexcept(true), so a BlockRef must be moved out of its Result, as DMCORE_TRY_ASSIGN does.
class BlockRef {
 public:
  BlockRef() = default;
  BlockRef(const BlockRef&) = delete;
  BlockRef& operator=(const BlockRef&) = delete;
  BlockRef(BlockRef&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
  // Unlocks the block that it held before.
  BlockRef& operator=(BlockRef&& other) noexcept(false);
  ~BlockRef() noexcept(false) { unlock(); }

  void unlock();

  explicit operator bool() const { return buffer_ != nullptr; }
  [[nodiscard]] block_t location() const { return buffer_->block(); }
  [[nodiscard]] std::span<std::byte> data() const {
    return {buffer_->data(), buffer_->cache().block_bytes()};
  }

  // The block as an on-disk structure.
  template <class Disk>
  [[nodiscard]] Disk& as() const {
    return *reinterpret_cast<Disk*>(buffer_->data());
  }

 private:
  friend class BlockManager;
  explicit BlockRef(Buffer& locked) : buffer_(&locked) {}
  Buffer* buffer_ = nullptr;
};

// All non-const functions may sleep.
class BlockManager {
 public:
  // `max_held_per_task`: how many blocks a task locks at once at most.
  BlockManager(Kernel& kernel, BlockDevice& device, std::uint32_t block_bytes, unsigned max_held_per_task)
      : cache_(kernel, device, block_bytes, max_held_per_task) {}

  // Writes dirty blocks, without a flush, and empties the cache. No block may be locked. Must not be used
  // afterwards.
  void destroy() { cache_.destroy(); }

  // Locks a block. `validator` checks it when it is first locked and stays with it while it is cached: a
  // different one fails with Errno::inval. Null: no check. Locking a block that the task holds fails with
  // Errno::inval, as in a kernel with CONFIG_DM_DEBUG_BLOCK_MANAGER_LOCKING.
  Result<BlockRef> read_lock(block_t block, const BlockValidator* validator);
  // This and the next: Errno::perm when read-only.
  Result<BlockRef> write_lock(block_t block, const BlockValidator* validator);
  // For a block whose old content does not matter: it is zeroed instead of being read.
  Result<BlockRef> write_lock_zero(block_t block, const BlockValidator* validator);

  // Writes all dirty blocks and flushes the device. Errno::perm when read-only.
  Status flush();
  void prefetch(block_t block) { cache_.prefetch(block); }

  // Read-only: no block can be locked for writing, and flush() fails.
  [[nodiscard]] bool is_read_only() const { return read_only_; }
  void set_read_only(bool read_only) { read_only_ = read_only; }

  [[nodiscard]] std::uint32_t block_bytes() const { return cache_.block_bytes(); }
  [[nodiscard]] block_t nr_blocks() const { return cache_.nr_blocks(); }
  [[nodiscard]] KernelLog& log() { return cache_.kernel().log(); }
  [[nodiscard]] const Defects& defects() { return cache_.kernel().defects(); }
  [[nodiscard]] BufferCache& cache() { return cache_; }

 private:
  Status lock(Buffer& buffer, BlockLock::Mode mode, bool report_recursion);
  Status validate(Buffer& buffer, const BlockValidator* validator);
  Result<BlockRef> read_and_lock(block_t block, BlockLock::Mode mode, const BlockValidator* validator);

  BufferCache cache_;
  bool read_only_ = false;
};

}  // namespace dmcore
