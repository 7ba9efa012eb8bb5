// SPDX-License-Identifier: GPL-2.0-or-later
// How the buffer cache gives memory back.
#include "dmcore/kernel/order.h"
#include "dmcore/persistent/buffer_cache.h"
#include "dmcore/persistent/buffer_memory.h"

namespace dmcore {

// __try_evict_buffer()
bool BufferCache::try_evict(Buffer& buffer, Evict which) {
  if (which == Evict::idle && !buffer.state_.none()) return false;
  if (buffer.holders_ != 0) return false;
  make_clean(buffer);
  drop(buffer);
  return true;
}

// __evict_old_buffers(): starts write-back if there are many dirty blocks, and evicts clean ones that were
// not used for so many jiffies.
void BufferCache::evict_old(std::uint64_t age_min) {
  const std::size_t retained = memory_.retained(block_bytes_);
  const MutexGuard guard(mutex_);
  WriteList to_write;
  write_back_if_many_dirty(to_write);
  if (!to_write.empty()) {
    mutex_.unlock();
    submit_all(to_write);
    mutex_.lock();
  }
  for (auto it = clean_.end(); it != clean_.begin() && size() > retained;) {
    Buffer& oldest = *std::prev(it);
    if (runtime_.jiffies() < oldest.last_accessed_ + age_min) return;
    if (!try_evict(oldest, Evict::idle)) --it;
    runtime_.cond_resched();
  }
}

// dm_bufio_shrink_count()
std::uint64_t BufferCache::count_objects() {
  std::uint64_t cached = 0;
  {
    const order::Unchecked without_lock("READ_ONCE() of n_buffers");
    cached = size();
  }
  const auto kept = memory_.retained(block_bytes_) + static_cast<std::uint64_t>(need_shrink_.read());
  return cached > kept ? cached - kept : 0;
}

// dm_bufio_shrink_scan()
std::uint64_t BufferCache::scan_objects(std::uint64_t nr_to_scan) {
  need_shrink_.add(static_cast<std::int64_t>(nr_to_scan));
  memory_.work_queue().queue(shrink_work_);
  return nr_to_scan;
}

// shrink_work(), __scan(): evicts the least recently used blocks, clean ones first. Dirty ones are written
// one after the other.
void BufferCache::shrink() {
  const MutexGuard guard(mutex_);
  const std::size_t retained = memory_.retained(block_bytes_);
  for (LruList* list : {&clean_, &dirty_}) {
    for (auto it = list->end(); it != list->begin();) {
      if (size() <= retained) need_shrink_.set(0);
      if (need_shrink_.read() == 0) return;
      if (try_evict(*std::prev(it), Evict::any)) {
        need_shrink_.dec();
      } else {
        --it;
      }
      runtime_.cond_resched();
    }
  }
}

}  // namespace dmcore
