// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/buffer_memory.h"

#include <algorithm>
#include <limits>

#include "dmcore/kernel/order.h"

namespace dmcore {

namespace {

// DM_BUFIO_WORK_TIMER_SECS
constexpr std::uint64_t clean_up_period = 30 * hz;  // jiffies

// DM_BUFIO_DEFAULT_AGE_SECS, DM_BUFIO_DEFAULT_RETAIN_BYTES
constexpr std::uint32_t default_age_seconds = 300;
constexpr std::uint64_t default_retain_bytes = 256 << 10;

// DM_BUFIO_LOW_WATERMARK_RATIO: the caches are reduced by this part below the limit.
constexpr std::uint64_t low_watermark_ratio = 16;

// So many buffers are looked at before the lock is released for a moment.
constexpr int buffers_at_once = 16;

}  // namespace

BufferMemory::BufferMemory(Kernel& kernel)
    : runtime_(kernel.runtime()),
      max_age_seconds_(default_age_seconds),
      retain_bytes_(default_retain_bytes),
      caches_lock_(runtime_, "bufio clients"),
      lru_lock_(runtime_, "bufio LRU"),
      work_queue_(runtime_, "dm_bufio_cache"),
      reduce_work_(runtime_, "do_global_cleanup", [this] { reduce(); }),
      clean_up_work_(runtime_, "cleanup_old_buffers", [this] { clean_up(); }) {
  ModuleParameters& parameters = kernel.parameters();
  parameters.add(module_name, "max_cache_size_bytes", &limit_bytes_);
  parameters.add(module_name, "max_age_seconds", &max_age_seconds_);
  parameters.add(module_name, "retain_bytes", &retain_bytes_);
  parameters.add(module_name, "peak_allocated_bytes", &peak_bytes_);
  parameters.add(module_name, "current_allocated_bytes", &allocated_bytes_,
                 ModuleParameter::Access::read_only);
  work_queue_.queue_delayed(clean_up_work_, clean_up_period);
}

// __cache_size_refresh(): a limit of 0 is the default one.
void BufferMemory::refresh_limit() {
  if (limit_bytes_ == 0) limit_bytes_ = default_limit_bytes;
  limit_latch_ = limit_bytes_;
}

void BufferMemory::add(BufferCache& cache) {
  const MutexGuard guard(caches_lock_);
  caches_.push_front(cache);
  refresh_limit();
}

void BufferMemory::remove(BufferCache& cache) {
  const MutexGuard guard(caches_lock_);
  caches_.erase(caches_.iterator_to(cache));
  refresh_limit();
}

void BufferMemory::linked(Buffer& buffer) {
  const SpinGuard guard(lru_lock_);
  allocated_bytes_ += buffer.cache_.block_bytes();
  peak_bytes_ = std::max(peak_bytes_, allocated_bytes_);
  buffer.accessed_ = true;
  lru_.push_front(buffer);
  if (allocated_bytes_ > limit_bytes_) work_queue_.queue(reduce_work_);
}

void BufferMemory::unlinked(Buffer& buffer) {
  const SpinGuard guard(lru_lock_);
  allocated_bytes_ -= buffer.cache_.block_bytes();
  lru_.erase(lru_.iterator_to(buffer));
}

// cleanup_old_buffers()
void BufferMemory::clean_up() {
  const std::uint32_t age_max =
      std::min(max_age_seconds_, static_cast<std::uint32_t>(std::numeric_limits<std::uint32_t>::max() / hz));
  {
    const MutexGuard guard(caches_lock_);
    refresh_limit();
    for (BufferCache& cache : caches_) cache.evict_old(age_max * hz);
  }
  work_queue_.queue_delayed(clean_up_work_, clean_up_period);
}

// The oldest buffer that was not used since it was last looked at; those that were get a second chance. There
// are `chances` in all.
BufferMemory::Victim BufferMemory::next_victim(std::uint64_t wanted_bytes, std::uint64_t& chances) {
  for (;;) {
    runtime_.cond_resched();
    const SpinGuard guard(lru_lock_);
    if (allocated_bytes_ <= wanted_bytes) return {};
    for (int seen = 0; seen < buffers_at_once; ++seen) {
      if (chances == 0 || lru_.empty()) return {};
      --chances;
      Buffer& oldest = lru_.back();
      if (!oldest.set_accessed(runtime_, false)) return {&oldest.cache_, &oldest};
      lru_.splice(lru_.begin(), lru_, lru_.iterator_to(oldest));
    }
  }
}

// do_global_cleanup()
void BufferMemory::reduce() {
  const std::uint64_t wanted_bytes = limit_bytes_ - limit_bytes_ / low_watermark_ratio;
  std::uint64_t chances = 0;
  {
    const order::Unchecked without_lock("do_global_cleanup() reads global_num so");
    chances = lru_.size() * 2;
  }
  const MutexGuard guard(caches_lock_);
  BufferCache* locked = nullptr;
  for (;;) {
    const Victim victim = next_victim(wanted_bytes, chances);
    if (victim.buffer == nullptr) break;
    if (victim.cache != locked) {
      // Another task may evict it before the lock is taken. If the kernel gets the lock at once, it does not
      // look for a victim anew: this is the same chance.
      if (locked != nullptr) locked->mutex_.unlock();
      locked = victim.cache;
      locked->mutex_.lock();
      ++chances;
    } else if (!victim.cache->try_evict(*victim.buffer, BufferCache::Evict::any)) {  // NOLINT: never null
      const SpinGuard lru_guard(lru_lock_);
      lru_.splice(lru_.begin(), lru_, lru_.iterator_to(*victim.buffer));
    }
  }
  if (locked != nullptr) locked->mutex_.unlock();
}

}  // namespace dmcore
