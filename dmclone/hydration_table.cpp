// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmclone/hydration_table.h"

#include <memory>

namespace dmclone {

void Hydration::init(std::uint64_t region) {
  region_nr = region;
  last_in_batch = this;
}

Hydration* HydrationTable::Bucket::find(std::uint64_t region) {
  for (Hydration& hydration : hydrations_) {
    if (hydration.region_nr == region) return &hydration;
  }
  return nullptr;
}

HydrationTable::HydrationTable(dmcore::Runtime& runtime)
    : lock_name_{"clone hydration bucket", runtime.lock_order().class_of("clone hydration bucket")},
      buckets_(std::allocator<Bucket>().allocate(bucket_count)) {
  for (std::size_t i = 0; i < bucket_count; ++i) std::construct_at(buckets_ + i, runtime, lock_name_);
}

HydrationTable::~HydrationTable() {
  std::destroy_n(buckets_, bucket_count);
  std::allocator<Bucket>().deallocate(buckets_, bucket_count);
}

// Adjacent regions get adjacent buckets, so that those of a batch are adjacent in memory: with hash_long(),
// as in the kernel, each costs a cache miss. Distant regions are hashed, so that writes with a stride of a
// power of two do not collide.
HydrationTable::Bucket& HydrationTable::bucket_of(std::uint64_t region) {
  constexpr std::uint64_t golden_ratio = 0x61C8864680B583EBULL;
  const std::uint64_t neighbourhood = region / bucket_count;
  const std::uint64_t place = neighbourhood * golden_ratio >> (64 - bucket_bits);
  return buckets_[(region + place) % bucket_count];
}

}  // namespace dmclone
