// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/buffer_cache.h"

#include <fmt/format.h>

#include "dmcore/block/plug.h"

namespace dmcore {

namespace {

constexpr const char* log_prefix = "bufio";

// DM_BUFIO_LOW_WATERMARK_RATIO: a cache that is too large is reduced by this part below the limit.
constexpr std::size_t low_watermark_ratio = 16;

// Old blocks: how often the kernel looks for them (DM_BUFIO_WORK_TIMER_SECS), their age
// (DM_BUFIO_DEFAULT_AGE_SECS), and how many bytes it keeps in any case (DM_BUFIO_DEFAULT_RETAIN_BYTES).
constexpr std::chrono::seconds clean_period{30};
constexpr std::chrono::seconds age_max{300};
constexpr std::size_t retained_bytes = std::size_t{256} << 10;

}  // namespace

BufferCache::BufferCache(Kernel& kernel, BlockDevice& device, std::uint32_t block_bytes)
    : kernel_(kernel),
      runtime_(kernel.runtime()),
      device_(device),
      block_bytes_(block_bytes),
      mutex_(runtime_, "bufio"),
      io_done_(runtime_, "bufio I/O"),
      lock_freed_(runtime_, "metadata block lock") {}

BufferCache::~BufferCache() {
  clean_.clear();
  dirty_.clear();
  by_age_.clear();
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
  buffer.used_ = true;
  buffer.last_used_ = runtime_.now();
  clean_.push_front(buffer);
  by_age_.push_back(buffer);
  index_.insert(buffer);
}

void BufferCache::unlink(Buffer& buffer) {
  LruList& list = buffer.on_dirty_list_ ? dirty_ : clean_;
  list.erase(list.iterator_to(buffer));
  by_age_.erase(by_age_.iterator_to(buffer));
  index_.erase(index_.iterator_to(buffer));
}

void BufferCache::relink(Buffer& buffer, bool on_dirty_list) {
  LruList& from = buffer.on_dirty_list_ ? dirty_ : clean_;
  from.erase(from.iterator_to(buffer));
  buffer.on_dirty_list_ = on_dirty_list;
  buffer.used_ = true;
  buffer.last_used_ = runtime_.now();
  (on_dirty_list ? dirty_ : clean_).push_front(buffer);
}

void BufferCache::drop(Buffer& buffer) {
  unlink(buffer);
  delete &buffer;
}

// __get_unclaimed_buffer(): removes a buffer that is not held from the cache, preferably the least recently
// used clean one; a dirty one is written first. Null if all are held.
Buffer* BufferCache::take_unclaimed() {
  for (LruList* list : {&clean_, &dirty_}) {
    for (auto it = list->rbegin(); it != list->rend(); ++it) {
      if (it->holders_ != 0) continue;
      Buffer& buffer = *it;
      make_clean(buffer);
      unlink(buffer);
      return &buffer;
    }
  }
  return nullptr;
}

// do_global_cleanup(): if the cache is too large, evicts idle blocks, oldest first; those used since the last
// time get a second chance. In the kernel this is a work item, which runs when a task waits for I/O.
void BufferCache::make_room() {
  const std::size_t limit = max_bytes / block_bytes_;
  if (size() <= limit) return;
  const std::size_t wanted = limit - limit / low_watermark_ratio;
  for (std::size_t chances = 2 * size(); chances != 0 && size() > wanted; --chances) {
    Buffer& oldest = by_age_.front();
    if (!oldest.used_ && oldest.holders_ == 0 && oldest.idle()) {
      drop(oldest);
      continue;
    }
    oldest.used_ = false;
    by_age_.splice(by_age_.end(), by_age_, by_age_.begin());
  }
}

// __evict_old_buffers(): evicts clean blocks that were not used for long. In the kernel a timer does this
// every 30 seconds; here it is caught up on at each access, with the same result.
void BufferCache::forget_old() {
  const std::int64_t cleaned = runtime_.now() / clean_period;
  if (cleaned == cleaned_) return;
  cleaned_ = cleaned;
  const Time used_before = cleaned * clean_period - age_max;
  for (auto it = clean_.end(); it != clean_.begin() && size() > retained_bytes / block_bytes_;) {
    Buffer& oldest = *--it;
    if (oldest.last_used_ > used_before) return;
    if (oldest.holders_ != 0 || !oldest.idle()) continue;
    ++it;
    drop(oldest);
  }
}

// --- holding buffers -------------------------------------------------------------------------------------

// __bufio_new(): finds a block, or allocates a buffer for it, and holds it. No buffer if a block to be
// prefetched is cached.
BufferCache::Found BufferCache::find_or_make(block_t block, Want want, WriteList& to_write) {
  if (const auto it = index_.find(block); it != index_.end()) {
    if (want == Want::prefetch) return {nullptr, false};
    Buffer& found = *it;
    ++found.holders_;
    relink(found, found.is(Buffer::dirty) || found.is(Buffer::writing));
    return {&found, false};
  }
  if (want != Want::fresh) make_room();
  write_back_if_many_dirty(to_write);
  auto* made = new Buffer(*this, block_bytes_);
  made->holders_ = 1;
  link(*made, block);
  if (want == Want::fresh) return {made, false};
  made->set(Buffer::reading);
  return {made, true};
}

// new_read(). Null only for a prefetch.
Result<Buffer*> BufferCache::get(block_t block, Want want) {
  check_context("a metadata block is read");
  WriteList to_write;
  Found found{};
  {
    const MutexGuard guard(mutex_);
    forget_old();
    found = find_or_make(block, want, to_write);
  }
  submit_all(to_write);
  if (found.must_read) submit_read(*found.buffer);
  if (want == Want::prefetch) return found.buffer;
  Buffer& buffer = *found.buffer;
  wait_until_not(buffer, Buffer::reading);
  if (buffer.read_error_ == BlockStatus::ok) return &buffer;
  const Errno error = to_errno(buffer.read_error_);
  release(buffer);
  return error;
}

void BufferCache::prefetch(block_t block) {
  const Plug plug(runtime_);
  if (const Result<Buffer*> buffer = get(block, Want::prefetch); *buffer != nullptr) release(**buffer);
}

void BufferCache::release(Buffer& held) {
  MutexGuard guard(mutex_);
  if (--held.holders_ != 0) return;
  // After failed I/O the content may differ from the device: evict the buffer, so that it is read again.
  // dm_bufio_release() reads the errors before it knows that no I/O is in flight.
  const bool failed =
      data_race(held.read_error_) != BlockStatus::ok || data_race(held.write_error_) != BlockStatus::ok;
  if (failed && held.idle()) drop(held);
}

void BufferCache::mark_dirty(Buffer& held) {
  MutexGuard guard(mutex_);
  if (held.is(Buffer::dirty)) return;
  held.set(Buffer::dirty);
  relink(held, true);
}

void BufferCache::destroy() {
  check_context("a metadata cache is destroyed");
  WriteList to_write;
  {
    MutexGuard guard(mutex_);
    collect_dirty(false, to_write);
  }
  submit_all(to_write);
  MutexGuard guard(mutex_);
  while (Buffer* buffer = take_unclaimed()) delete buffer;
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
