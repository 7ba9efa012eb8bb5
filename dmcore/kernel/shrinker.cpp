// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/shrinker.h"

#include <algorithm>

namespace dmcore {

namespace {

// SHRINK_BATCH: how many objects are asked for at once.
constexpr std::uint64_t batch = 128;

}  // namespace

void Shrinkers::add(Shrinker& shrinker) {
  const WriteGuard guard(lock_);
  shrinkers_.push_back(shrinker);
}

void Shrinkers::remove(Shrinker& shrinker) {
  const WriteGuard guard(lock_);
  shrinkers_.erase(shrinkers_.iterator_to(shrinker));
}

// do_shrink_slab() with the greatest priority: that asks for twice as many as can be freed, and stops when
// what is left to ask for is less than a batch and less than they are.
std::uint64_t Shrinkers::shrink(Shrinker& shrinker) {
  const std::uint64_t freeable = shrinker.count_objects();
  std::uint64_t freed = 0;
  for (std::uint64_t wanted = 2 * freeable; wanted != 0 && (wanted >= batch || wanted >= freeable);) {
    const std::uint64_t now = std::min(batch, wanted);
    freed += shrinker.scan_objects(now);
    wanted -= now;
    runtime_.cond_resched();
  }
  return freed;
}

// Again and again while much is freed, each time for less.
void Shrinkers::drop_slab() {
  std::uint64_t freed = 0;
  unsigned shift = 0;
  do {
    freed = 0;
    const ReadGuard guard(lock_);
    for (Shrinker& shrinker : shrinkers_) freed += shrink(shrinker);
  } while ((freed >> shift++) > 1);
}

}  // namespace dmcore
