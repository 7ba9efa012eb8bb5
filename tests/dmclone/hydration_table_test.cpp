// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmclone/hydration_table.h"

#include <gtest/gtest.h>
#include <set>

#include "sim/runtime/deterministic.h"

namespace {

using dmclone::Hydration;
using dmclone::HydrationTable;

// HASH_TABLE_BITS is 15.
constexpr std::uint64_t buckets = 32768;

TEST(HydrationTable, HasAsManyBucketsAsTheKernels) {
  sim::DeterministicRuntime runtime;
  HydrationTable table(runtime);
  std::set<const HydrationTable::Bucket*> seen;
  for (std::uint64_t region = 0; region < buckets; ++region) seen.insert(&table.bucket_of(region));
  EXPECT_EQ(seen.size(), buckets);
  for (std::uint64_t region = buckets; region < 4 * buckets; ++region)
    EXPECT_EQ(seen.count(&table.bucket_of(region)), 1U);
}

TEST(HydrationTable, NeighboursAreAdjacentInMemory) {
  sim::DeterministicRuntime runtime;
  HydrationTable table(runtime);
  unsigned adjacent = 0;
  for (std::uint64_t region = 0; region < 256; ++region) {
    if (&table.bucket_of(region) + 1 == &table.bucket_of(region + 1)) ++adjacent;
  }
  EXPECT_GE(adjacent, 250U);
}

TEST(HydrationTable, ABucketKeepsWhatIsInIt) {
  sim::DeterministicRuntime runtime;
  HydrationTable table(runtime);
  Hydration hydration;
  hydration.init(5);
  table.bucket_of(5).insert(hydration);
  for (std::uint64_t region = 0; region < 2 * buckets; ++region) (void)table.bucket_of(region);
  EXPECT_EQ(table.bucket_of(5).find(5), &hydration);
  EXPECT_EQ(table.bucket_of(6).find(6), nullptr);
  table.bucket_of(5).remove(hydration);
  EXPECT_EQ(table.bucket_of(5).find(5), nullptr);
}

}  // namespace
