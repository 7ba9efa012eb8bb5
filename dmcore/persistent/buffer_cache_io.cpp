// SPDX-License-Identifier: GPL-2.0-or-later
// I/O of the buffer cache: reading blocks and writing dirty ones.
#include <utility>

#include "dmcore/block/lib.h"
#include "dmcore/block/plug.h"
#include "dmcore/persistent/buffer_cache.h"

namespace dmcore {

namespace {

// DM_BUFIO_WRITEBACK_RATIO: background writeback starts when there are more dirty blocks than this many times
// the clean ones.
constexpr std::size_t writeback_ratio = 3;

}  // namespace

void BufferCache::wait_until_not(Buffer& buffer, Buffer::State state) {
  kernel_.bit_waits().wait_clear(buffer.state_, state, "bufio I/O");
}

// Dirty, or under writeback: two loads.
bool BufferCache::being_written(const Buffer& buffer) {
  return buffer.state_.test(Buffer::State::dirty) || buffer.state_.test(Buffer::State::writing);
}

// Once the bit is clear, the buffer may be evicted before its waiters are woken.
void BufferCache::end_io(Buffer& buffer, Buffer::State state) {
  BitWaits& waits = buffer.cache_.kernel_.bit_waits();
  const bool wakes_early = buffer.cache_.kernel_.defects().on(Defect::buffer_wakes_early);
  smp_mb();
  if (wakes_early) waits.wake(&buffer.state_, state);
  buffer.state_.clear(state);
  if (!wakes_early) waits.wake(&buffer.state_, state);
}

void BufferCache::submit_read(Buffer& buffer) {
  buffer.bio_.init(device_, BioOp::read, buffer.block_ * block_sectors(), block_bytes_, buffer.data());
  buffer.bio_.owner = &buffer;
  buffer.bio_.end_io = read_ended;
  submit_bio(buffer.bio_);
}

void BufferCache::read_ended(Bio& bio) {
  auto& buffer = *static_cast<Buffer*>(bio.owner);
  buffer.read_error_ = bio.status;
  end_io(buffer, Buffer::State::reading);
}

void BufferCache::submit_write(Buffer& buffer) {
  if (buffer.validator != nullptr) {
    buffer.validator->prepare_for_write(buffer.block_, {buffer.data(), block_bytes_});
  }
  buffer.bio_.init(device_, BioOp::write, buffer.block_ * block_sectors(), block_bytes_, buffer.data());
  buffer.bio_.owner = &buffer;
  buffer.bio_.end_io = write_ended;
  submit_bio(buffer.bio_);
}

void BufferCache::write_ended(Bio& bio) {
  auto& buffer = *static_cast<Buffer*>(bio.owner);
  buffer.write_error_ = bio.status;
  BufferCache& cache = buffer.cache_;
  if (bio.status != BlockStatus::ok)
    (void)cache.async_write_error_.compare_exchange(BlockStatus::ok, bio.status);
  end_io(buffer, Buffer::State::writing);
}

// Marks a dirty buffer as under writeback. Waits for an earlier write of the buffer: only one is in flight at
// a time.
bool BufferCache::begin_write(Buffer& buffer) {
  if (!buffer.state_.test(Buffer::State::dirty)) return false;
  buffer.state_.clear(Buffer::State::dirty);
  kernel_.bit_waits().wait_set(buffer.state_, Buffer::State::writing, "bufio I/O");
  return true;
}

void BufferCache::make_clean(Buffer& buffer) {
  if (buffer.state_.none()) return;
  wait_until_not(buffer, Buffer::State::reading);
  if (begin_write(buffer)) submit_write(buffer);
  wait_until_not(buffer, Buffer::State::writing);
}

// __flush_write_list()
void BufferCache::submit_all(WriteList& to_write) {
  const Plug plug(runtime_);
  while (!to_write.empty()) {
    Buffer& buffer = to_write.front();
    to_write.pop_front();
    submit_write(buffer);
    runtime_.cond_resched();
  }
}

// --- writing back ----------------------------------------------------------------------------------------

// __write_dirty_buffers_async(): collects dirty buffers for writing, those dirtied first at the front.
// Written buffers move to the clean list.
void BufferCache::collect_dirty(bool stop_at_busy, WriteList& to_write) {
  auto it = dirty_.end();
  while (it != dirty_.begin()) {
    Buffer& buffer = *--it;
    if (!being_written(buffer)) {
      ++it;
      relink(buffer, false);
      continue;
    }
    if (stop_at_busy && buffer.state_.test(Buffer::State::writing)) return;
    if (begin_write(buffer)) to_write.push_back(buffer);
    runtime_.cond_resched();
  }
}

void BufferCache::write_back_if_many_dirty(WriteList& to_write) {
  if (dirty_.size() > clean_.size() * writeback_ratio) collect_dirty(true, to_write);
}

// Waits until all buffers on the dirty list are written, and moves them to the clean list. The mutex is
// released while waiting, so the scan must restart afterwards. To terminate although other tasks keep
// dirtying buffers, it holds on to the mutex after as many buffers as the list has.
void BufferCache::wait_for_writes() {
  std::size_t looked_at = 0;
  auto it = dirty_.end();
  while (it != dirty_.begin()) {
    Buffer& buffer = *--it;
    bool let_go = false;
    if (looked_at < dirty_.size()) ++looked_at;
    if (buffer.state_.test_to_wait(Buffer::State::writing)) {
      let_go = looked_at < dirty_.size();
      if (let_go) {
        ++buffer.holders_;
        mutex_.unlock();
      }
      wait_until_not(buffer, Buffer::State::writing);
      if (let_go) {
        mutex_.lock();
        --buffer.holders_;
      }
    }
    if (!being_written(buffer)) {
      ++it;
      relink(buffer, false);
    }
    runtime_.cond_resched();
    if (let_go) it = dirty_.end();
  }
}

Status BufferCache::write_dirty_buffers() {
  check_context("metadata is written");
  WriteList to_write;
  {
    MutexGuard guard(mutex_);
    collect_dirty(false, to_write);
  }
  submit_all(to_write);
  {
    MutexGuard guard(mutex_);
    wait_for_writes();
    wake_those_without_buffer();
  }
  const BlockStatus write_error = async_write_error_.exchange(BlockStatus::ok);
  const bool flushes = !kernel_.defects().on(Defect::metadata_unflushed);
  const Status flushed = flushes ? issue_flush(device_) : Status();
  if (write_error != BlockStatus::ok) return to_errno(write_error);
  // In the kernel the flush goes through dm-io, which returns EIO for every error.
  return flushed.ok() ? Status() : Status(Errno::io);
}

}  // namespace dmcore
