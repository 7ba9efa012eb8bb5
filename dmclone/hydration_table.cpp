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
    : runtime_(runtime),
      lock_name_{"clone hydration bucket", runtime.lock_order().class_of("clone hydration bucket")} {}

HydrationTable::~HydrationTable() {
  for (Bucket* group : groups_) {
    if (group == nullptr) continue;
    std::destroy_n(group, group_buckets);
    std::allocator<Bucket>().deallocate(group, group_buckets);
  }
}

HydrationTable::Bucket* HydrationTable::make_group(std::size_t number) {
  Bucket* const group = std::allocator<Bucket>().allocate(group_buckets);
  for (std::size_t i = 0; i < group_buckets; ++i) std::construct_at(group + i, runtime_, lock_name_);
  return groups_[number] = group;
}

// Adjacent regions get adjacent buckets, so that those of a batch are adjacent in memory: with hash_long(),
// as in the kernel, each costs a cache miss. Distant regions are hashed, so that writes with a stride of a
// power of two do not collide.
std::size_t HydrationTable::bucket_index(std::uint64_t region) {
  constexpr std::uint64_t golden_ratio = 0x61C8864680B583EBULL;
  const std::uint64_t neighbourhood = region / bucket_count;
  const std::uint64_t place = neighbourhood * golden_ratio >> (64 - bucket_bits);
  return (region + place) % bucket_count;
}

}  // namespace dmclone
