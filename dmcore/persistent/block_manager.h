// SPDX-License-Identifier: GPL-2.0-or-later
// Locked and validated access to the blocks of a metadata device
// (drivers/md/persistent-data/dm-block-manager.c).
#pragma once

#include <span>

#include "dmcore/persistent/buffer_cache.h"
#include "dmcore/persistent/validator.h"

namespace dmcore {

class BlockManager;

// A locked block, or nothing. Unlocking a write-locked block marks it dirty. Unlocking may sleep, so a task
// can be unwound in it, hence noexcept(false). A Result's destructor lets no exception pass: take a BlockRef
// out of its Result, as DMCORE_TRY_ASSIGN does.
class BlockRef {
 public:
  BlockRef() = default;
  BlockRef(const BlockRef&) = delete;
  BlockRef& operator=(const BlockRef&) = delete;
  BlockRef(BlockRef&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
  // Lets go of what it held before.
  BlockRef& operator=(BlockRef&& other) noexcept(false);
  ~BlockRef() noexcept(false) { unlock(); }

  void unlock();

  explicit operator bool() const { return buffer_ != nullptr; }
  [[nodiscard]] block_t location() const { return buffer_->block(); }
  [[nodiscard]] std::span<std::byte> data() const {
    return {buffer_->data(), buffer_->cache().block_bytes()};
  }

  // The block as an on-disk structure, which must fit into a block.
  template <class Disk>
  [[nodiscard]] Disk& as() const {
    return *reinterpret_cast<Disk*>(buffer_->data());
  }

 private:
  friend class BlockManager;
  explicit BlockRef(Buffer& locked) : buffer_(&locked) {}
  Buffer* buffer_ = nullptr;
};

// May sleep, all of it but the questions.
class BlockManager {
 public:
  BlockManager(Kernel& kernel, BlockDevice& device, std::uint32_t block_bytes)
      : cache_(kernel, device, block_bytes) {}

  // Writes what is dirty, without a flush, and forgets everything. No block may be locked. Only the
  // destructor follows.
  void destroy() { cache_.destroy(); }

  // Locks a block. `validator` checks it when it is first locked, and is the
  // block's from then on: another one fails with Errno::inval. Without one nothing is checked. A task that
  // locks a block it holds already gets Errno::inval; the kernel does so when built with
  // CONFIG_DM_DEBUG_BLOCK_MANAGER_LOCKING.
  Result<BlockRef> read_lock(block_t block, const BlockValidator* validator);
  // Errno::perm when read-only; the same below.
  Result<BlockRef> write_lock(block_t block, const BlockValidator* validator);
  // For a block that begins anew: it is not read, and is all zero.
  Result<BlockRef> write_lock_zero(block_t block, const BlockValidator* validator);

  // Writes all dirty blocks and flushes the disk.
  Status flush();
  void prefetch(block_t block) { cache_.prefetch(block); }

  // Read-only, nothing gets dirty and nothing is flushed.
  [[nodiscard]] bool is_read_only() const { return read_only_; }
  void set_read_only(bool read_only) { read_only_ = read_only; }

  [[nodiscard]] std::uint32_t block_bytes() const { return cache_.block_bytes(); }
  [[nodiscard]] block_t nr_blocks() const { return cache_.nr_blocks(); }
  [[nodiscard]] KernelLog& log() { return cache_.kernel().log(); }
  [[nodiscard]] BufferCache& cache() { return cache_; }

 private:
  Status lock(Buffer& buffer, BlockLock::Mode mode, bool report_recursion);
  Status validate(Buffer& buffer, const BlockValidator* validator);
  Result<BlockRef> read_and_lock(block_t block, BlockLock::Mode mode, const BlockValidator* validator);

  BufferCache cache_;
  bool read_only_ = false;
};

}  // namespace dmcore
