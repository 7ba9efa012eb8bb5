// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/buffer_cache.h"

#include <fmt/format.h>

#include "dmcore/block/plug.h"
#include "dmcore/kernel/order.h"
#include "dmcore/persistent/buffer_memory.h"

namespace dmcore {

namespace {

constexpr const char* log_prefix = "bufio";

}  // namespace

BufferCache::BufferCache(Kernel& kernel, BlockDevice& device, std::uint32_t block_bytes,
                         unsigned reserved_buffers)
    : kernel_(kernel),
      runtime_(kernel.runtime()),
      memory_(kernel.module<BufferMemory>()),
      device_(device),
      block_bytes_(block_bytes),
      mutex_(runtime_, "bufio"),
      lock_freed_(runtime_, "metadata block lock"),
      reserved_(reserved_buffers),
      free_buffer_wait_(runtime_, "bufio buffer"),
      need_shrink_(runtime_, 0),
      shrink_work_(runtime_, "shrink_work", [this] { shrink(); }),
      async_write_error_(runtime_, BlockStatus::ok) {
  kernel_.shrinkers().add(*this);
  memory_.add(*this);
}

BufferCache::~BufferCache() {
  clean_.clear();
  dirty_.clear();
  index_.clear_and_dispose([](Buffer* buffer) { delete buffer; });
}

void BufferCache::check_context(const char* what) {
  if (runtime_.current().bio_submission != nullptr) {
    runtime_.violation(
        fmt::format("{} inside a driver's submit(), in {}", what, describe(runtime_.current())));
  }
}

// --- the lists -------------------------------------------------------------------------------------------

void BufferCache::link(Buffer& buffer, block_t block) {
  buffer.block_ = block;
  buffer.on_dirty_list_ = false;
  buffer.last_accessed_ = runtime_.jiffies();
  clean_.push_front(buffer);
  index_.insert(buffer);
  memory_.linked(buffer);
}

void BufferCache::unlink(Buffer& buffer) {
  LruList& list = buffer.on_dirty_list_ ? dirty_ : clean_;
  list.erase(list.iterator_to(buffer));
  index_.erase(index_.iterator_to(buffer));
  memory_.unlinked(buffer);
}

void BufferCache::relink(Buffer& buffer, bool on_dirty_list) {
  LruList& from = buffer.on_dirty_list_ ? dirty_ : clean_;
  from.erase(from.iterator_to(buffer));
  buffer.on_dirty_list_ = on_dirty_list;
  (void)buffer.set_accessed(runtime_, true);
  buffer.last_accessed_ = runtime_.jiffies();
  (on_dirty_list ? dirty_ : clean_).push_front(buffer);
}

void BufferCache::drop(Buffer& buffer) {
  unlink(buffer);
  free(std::unique_ptr<Buffer>(&buffer));
}

// --- making and freeing buffers --------------------------------------------------------------------------

// __alloc_buffer_wait_no_callback(). Null only for a prefetch. May release the lock meanwhile.
std::unique_ptr<Buffer> BufferCache::allocate(Want want) {
  for (;;) {
    if (memory_.may_grow()) return std::make_unique<Buffer>(*this, runtime_, block_bytes_);
    if (want == Want::prefetch) return nullptr;
    if (reserved_ != 0) {
      --reserved_;
      ++need_reserved_;
      return std::make_unique<Buffer>(*this, runtime_, block_bytes_);
    }
    if (const std::unique_ptr<Buffer> unclaimed = take_unclaimed())
      return std::make_unique<Buffer>(*this, runtime_, block_bytes_);
    wait_for_free_buffer();
  }
}

// __free_buffer_wake()
void BufferCache::free(std::unique_ptr<Buffer> buffer) {
  buffer.reset();
  if (need_reserved_ != 0) {
    --need_reserved_;
    ++reserved_;
  }
  wake_those_without_buffer();
}

void BufferCache::wake_those_without_buffer() {
  ++frees_;
  free_buffer_wait_.wake_all();
}

void BufferCache::wait_for_free_buffer() {
  const std::uint64_t before = frees_;
  mutex_.unlock();
  // __wait_for_free_buffer() enters the wait queue with the lock held.
  free_buffer_wait_.wait_event([&] { return data_race(frees_) != before; });
  mutex_.lock();
}

// __get_unclaimed_buffer(): removes a buffer that is not held from the cache, preferably the least recently
// used clean one; a dirty one is written first. Null if all are held.
std::unique_ptr<Buffer> BufferCache::take_unclaimed() {
  for (LruList* list : {&clean_, &dirty_}) {
    for (auto it = list->rbegin(); it != list->rend(); ++it) {
      if (it->holders_ == 0) {
        Buffer& buffer = *it;
        make_clean(buffer);
        unlink(buffer);
        return std::unique_ptr<Buffer>(&buffer);
      }
      runtime_.cond_resched();
    }
  }
  return nullptr;
}

// --- holding buffers -------------------------------------------------------------------------------------

// __bufio_new(): finds a block, or allocates a buffer for it, and holds it. No buffer if a block to be
// prefetched is cached.
BufferCache::Found BufferCache::find_or_make(block_t block, Want want, WriteList& to_write) {
  if (const auto it = index_.find(block); it != index_.end()) return found(*it, want);
  std::unique_ptr<Buffer> made = allocate(want);
  if (made == nullptr) return {nullptr, false};
  // The lock may have been released meanwhile.
  if (const auto it = index_.find(block); it != index_.end()) {
    free(std::move(made));
    return found(*it, want);
  }
  write_back_if_many_dirty(to_write);
  Buffer& buffer = *made.release();
  buffer.holders_ = 1;
  link(buffer, block);
  if (want == Want::fresh) return {&buffer, false};
  buffer.state_.set(Buffer::State::reading);
  return {&buffer, true};
}

BufferCache::Found BufferCache::found(Buffer& buffer, Want want) {
  if (want == Want::prefetch) return {nullptr, false};
  ++buffer.holders_;
  relink(buffer, being_written(buffer));
  return {&buffer, false};
}

// new_read()
Result<Buffer*> BufferCache::get(block_t block, Want want) {
  check_context("a metadata block is read");
  WriteList to_write;
  Found found{};
  {
    const MutexGuard guard(mutex_);
    found = find_or_make(block, want, to_write);
  }
  submit_all(to_write);
  if (found.must_read) submit_read(*found.buffer);
  Buffer& buffer = *found.buffer;  // NOLINT(clang-analyzer-core.NullDereference): null only for a prefetch
  wait_until_not(buffer, Buffer::State::reading);
  if (buffer.read_error_ == BlockStatus::ok) return &buffer;
  const Errno error = to_errno(buffer.read_error_);
  release(buffer);
  return error;
}

void BufferCache::prefetch(block_t block) {
  check_context("a metadata block is prefetched");
  WriteList to_write;
  Found found{};
  {
    const MutexGuard guard(mutex_);
    found = find_or_make(block, Want::prefetch, to_write);
  }
  submit_all(to_write);
  if (found.buffer == nullptr) return;
  const Plug plug(runtime_);
  submit_read(*found.buffer);
  release(*found.buffer);
}

void BufferCache::release(Buffer& held) {
  MutexGuard guard(mutex_);
  if (--held.holders_ != 0) return;
  wake_those_without_buffer();
  // After failed I/O the content may differ from the device: evict the buffer, so that it is read again.
  // dm_bufio_release() reads the errors before it knows that no I/O is in flight.
  const bool failed =
      data_race(held.read_error_) != BlockStatus::ok || data_race(held.write_error_) != BlockStatus::ok;
  if (failed && held.state_.none()) drop(held);
}

void BufferCache::mark_dirty(Buffer& held) {
  MutexGuard guard(mutex_);
  if (!held.state_.test_and_set(Buffer::State::dirty)) relink(held, true);
}

void BufferCache::destroy() {
  check_context("a metadata cache is destroyed");
  WriteList to_write;
  {
    MutexGuard guard(mutex_);
    collect_dirty(false, to_write);
  }
  submit_all(to_write);
  drop_all();
  kernel_.shrinkers().remove(*this);
  // The kernel lets it run, but there is nothing left to free.
  memory_.work_queue().cancel_sync(shrink_work_);
  memory_.remove(*this);
}

void BufferCache::drop_all() {
  MutexGuard guard(mutex_);
  while (std::unique_ptr<Buffer> buffer = take_unclaimed()) free(std::move(buffer));
  for (const LruList* list : {&clean_, &dirty_}) {
    for (const Buffer& leaked : *list) {
      kernel_.log().err(log_prefix, "leaked buffer {:x}, hold count {}, list {}", leaked.block_,
                        leaked.holders_, list == &dirty_ ? 1 : 0);
    }
  }
  // BUG_ON() in the kernel.
  if (size() != 0) runtime_.violation("a metadata cache is destroyed while blocks are held");
}

}  // namespace dmcore
