// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/block_manager.h"

#include <algorithm>

namespace dmcore {

namespace {

constexpr const char* log_prefix = "block manager";

// One wait queue for all blocks of a cache: contention is rare.
void wait_for(BufferCache& cache, BlockLock& lock, BlockLock::Mode mode) {
  cache.lock_freed().wait_event([&] { return lock.available(mode); });
}

void unlock_buffer(Buffer& buffer) {
  BufferCache& cache = buffer.cache();
  if (buffer.lock.write_locked()) cache.mark_dirty(buffer);
  buffer.lock.release(cache.kernel().runtime().current());
  if (cache.lock_freed().has_sleeper()) cache.lock_freed().wake_all();
  cache.release(buffer);
}

}  // namespace

BlockRef& BlockRef::operator=(BlockRef&& other) noexcept(false) {
  unlock();
  buffer_ = std::exchange(other.buffer_, nullptr);
  return *this;
}

void BlockRef::unlock() {
  if (Buffer* buffer = std::exchange(buffer_, nullptr)) unlock_buffer(*buffer);
}

Status BlockManager::lock(Buffer& buffer, BlockLock::Mode mode, bool report_recursion) {
  const Task& task = cache_.kernel().runtime().current();
  BlockLock& lock = buffer.lock;
  if (lock.held_by(task)) {
    log().err(log_prefix, "recursive lock detected in metadata");
    cache_.release(buffer);
    if (report_recursion)
      log().err(log_prefix, "recursive acquisition of block {} requested.", buffer.block());
    return Errno::inval;
  }
  if (!lock.available(mode)) {
    if (mode == BlockLock::Mode::write) lock.writer_waits();
    wait_for(cache_, lock, mode);
    if (mode == BlockLock::Mode::write) lock.writer_got_it();
  }
  lock.take(mode, task);
  return {};
}

Status BlockManager::validate(Buffer& buffer, const BlockValidator* validator) {
  if (buffer.validator == nullptr) {
    if (validator == nullptr) return {};
    const Status status = validator->check(log(), buffer.block(), {buffer.data(), block_bytes()});
    if (!status.ok()) {
      if (log().ratelimit("validator check")) {
        log().err(log_prefix, "{} validator check failed for block {}", validator->name(), buffer.block());
      }
      return status;
    }
    buffer.validator = validator;
    return {};
  }
  if (buffer.validator == validator) return {};
  if (log().ratelimit("validator mismatch")) {
    log().err(log_prefix, "validator mismatch (old={} vs new={}) for block {}", buffer.validator->name(),
              validator != nullptr ? validator->name() : "NULL", buffer.block());
  }
  return Errno::inval;
}

Result<BlockRef> BlockManager::read_and_lock(block_t block, BlockLock::Mode mode,
                                             const BlockValidator* validator) {
  DMCORE_TRY_ASSIGN(Buffer* const buffer, cache_.read(block));
  DMCORE_TRY(lock(*buffer, mode, true));
  if (const Status status = validate(*buffer, validator); !status.ok()) {
    // Not unlock_buffer(), which would mark the block dirty.
    buffer->lock.release(cache_.kernel().runtime().current());
    cache_.release(*buffer);
    return status;
  }
  return BlockRef(*buffer);
}

Result<BlockRef> BlockManager::read_lock(block_t block, const BlockValidator* validator) {
  return read_and_lock(block, BlockLock::Mode::read, validator);
}

Result<BlockRef> BlockManager::write_lock(block_t block, const BlockValidator* validator) {
  if (read_only_) return Errno::perm;
  return read_and_lock(block, BlockLock::Mode::write, validator);
}

Result<BlockRef> BlockManager::write_lock_zero(block_t block, const BlockValidator* validator) {
  if (read_only_) return Errno::perm;
  DMCORE_TRY_ASSIGN(Buffer* const buffer, cache_.fresh(block));
  // Before the lock is taken, as in the kernel.
  std::fill_n(buffer->data(), block_bytes(), std::byte{0});
  DMCORE_TRY(lock(*buffer, BlockLock::Mode::write, false));
  buffer->validator = validator;
  return BlockRef(*buffer);
}

Status BlockManager::flush() {
  if (read_only_) return Errno::perm;
  return cache_.write_dirty_buffers();
}

}  // namespace dmcore
