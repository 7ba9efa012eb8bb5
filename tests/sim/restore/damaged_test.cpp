// SPDX-License-Identifier: GPL-2.0-or-later
// Metadata that are damaged at random and repaired: clean, opened by a clone, and never more hydrated than
// before.
#include <gtest/gtest.h>
#include <map>

#include "sim/metadata/check.h"
#include "sim/metadata/recover.h"
#include "sim/restore/restore.h"
#include "sim/store/memory_store.h"
#include "sim/store/store_image.h"

#include "tests/rig/clone.h"
#include "tests/support/damaged_images.h"

namespace {

using sim::metadata::Contents;
using sim::metadata::Regions;

bool contains(const Regions& all, const Regions& some) {
  auto at = all.ranges().begin();
  for (const auto& range : some.ranges()) {
    while (at != all.ranges().end() && at->end() < range.end()) ++at;
    if (at == all.ranges().end() || at->begin > range.begin) return false;
  }
  return true;
}

// What a clone that is created on the image counts as hydrated, and keeps over a write.
std::uint64_t opened_by_a_clone(const sim::Store& store, const test::WholeImage& whole) {
  test::Machine machine;
  test::Clone clone(machine, {.sectors = whole.target,
                              .region_sectors = whole.region_size,
                              .metadata_sectors = dmcore::to_sectors(store.size())});
  sim::copy_store(store, clone.metadata().store()).ignore();
  std::uint64_t hydrated = 0;
  machine.run([&] {
    clone.create();
    hydrated = clone.status().hydrated_regions;
    clone.discard(0, whole.region_size);
    clone.flush();
    clone.remove();
  });
  EXPECT_TRUE(sim::metadata::check(clone.metadata().store()).clean());
  return hydrated;
}

class Repaired : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Repaired, HasOnlyWhatWasHydrated) {
  constexpr int images = 250;
  sim::generate::Random random(GetParam());
  std::map<std::string, int> kinds;
  int kept = 0;
  int lost = 0;
  for (int i = 0; i < images; ++i) {
    const test::DamagedImage image = test::damaged_image(random);
    SCOPED_TRACE(testing::Message() << "image " << i << ": " << image.whole->name << ", " << image.damage);
    sim::MemoryStore store(image.bytes.size());
    sim::load_image(store, image.bytes).ignore();
    const auto recovery = sim::metadata::recover(store);
    const Contents contents =
        recovery.contents.value_or(sim::metadata::all_lost(image.whole->target, image.whole->region_size));
    ASSERT_EQ(contents.target_size, image.whole->target);
    ASSERT_TRUE(contains(image.whole->hydrated, contents.hydrated));
    // What is not listed as lost is as it was.
    ASSERT_TRUE(!contents.lost.empty() || contents.hydrated == image.whole->hydrated);
    ASSERT_TRUE(!contents.lost.empty() || recovery.contents);
    const auto restored = sim::restore::restore(contents, dmcore::to_sectors(image.whole->bytes.size()));
    ASSERT_NE(restored.image, nullptr) << restored.why_not;
    ASSERT_TRUE(sim::metadata::check(restored.image->store()).clean());
    ASSERT_EQ(opened_by_a_clone(restored.image->store(), *image.whole), contents.hydrated.count());
    ++kinds[image.damage];
    ++(contents.hydrated.empty() ? lost : kept);
  }
  EXPECT_EQ(kinds.size(), 7U);
  EXPECT_GT(kept, images / 5);
  EXPECT_GT(lost, images / 5);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Repaired, testing::Values(1, 2, 3, 4));

}  // namespace
