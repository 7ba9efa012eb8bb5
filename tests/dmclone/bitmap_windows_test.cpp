// SPDX-License-Identifier: GPL-2.0-or-later
// The map of hydrated regions is read without a lock, word by word, and a reload assigns it bit by bit: what
// a reader sees when others come in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmclone/metadata.h"

#include "tests/rig/guide.h"

namespace {

using dmclone::CloneMetadata;
using dmcore::Point;
using test::before;

// Three words of regions.
constexpr std::uint64_t bitmap_regions = 192;
constexpr std::uint64_t word = 64;
constexpr dmcore::sector_t bitmap_region_sectors = 8;

class BitmapWindow : public testing::Test {
 protected:
  // `reader` runs until it is about to take that step; then `other` runs; then the reader goes on.
  void hold(
      const test::StepIs& step, const std::function<void(CloneMetadata&)>& reader,
      const std::function<void(CloneMetadata&)>& other,
      const std::function<void(CloneMetadata&)>& first = [](CloneMetadata&) {}) {
    sim::VirtualDisk& disk = machine.add_disk(8192);
    machine.run([&] {
      auto opened = CloneMetadata::open(machine.kernel(), disk, bitmap_regions * bitmap_region_sectors,
                                        bitmap_region_sectors);
      ASSERT_TRUE(opened.ok());
      CloneMetadata& metadata = **opened;
      first(metadata);
      machine.guide().run_until("reader", step).run("other");
      auto reading = machine.host().start("reader", [&] { reader(metadata); });
      auto changing = machine.host().start("other", [&] { other(metadata); });
      reading.wait();
      changing.wait();
      metadata.close();
    });
    EXPECT_TRUE(machine.guide().done()) << "there is no such step";
  }
  static void set(CloneMetadata& metadata, std::initializer_list<std::uint64_t> which) {
    for (const std::uint64_t region : which) EXPECT_TRUE(metadata.set_region_hydrated(region).ok());
  }
  static void commit(CloneMetadata& metadata) {
    EXPECT_TRUE(metadata.pre_commit().ok());
    EXPECT_TRUE(metadata.commit().ok());
  }

  test::GuidedMachine machine{sim::Wants{}};
};

TEST_F(BitmapWindow, IsBetweenTheFlagThatAllIsDoneAndTheBit) {
  bool hydrated = false;
  bool flag_read = false;
  hold(
      [&](const dmcore::Step& step) {
        if (step.point == Point::flag) flag_read = true;
        return flag_read && step.point == Point::bitmap;
      },
      [&](CloneMetadata& metadata) { hydrated = metadata.is_region_hydrated(5); },
      [](CloneMetadata& metadata) { set(metadata, {5}); });
  EXPECT_TRUE(hydrated);
}

TEST_F(BitmapWindow, IsBetweenTheWordsOfASearch) {
  std::uint64_t found = 0;
  hold(
      before(Point::bitmap, {}, 2),
      [&](CloneMetadata& metadata) { found = metadata.find_next_unhydrated_region(0); },
      [](CloneMetadata& metadata) { set(metadata, {word}); },
      [](CloneMetadata& metadata) { EXPECT_TRUE(metadata.cond_set_range(0, word).ok()); });
  EXPECT_EQ(found, word + 1);
}

// It counts a region that was hydrated later, and none of those that were hydrated before.
TEST_F(BitmapWindow, IsBetweenTheWordsOfASum) {
  std::uint64_t count = 0;
  hold(
      before(Point::bitmap, {}, 2),
      [&](CloneMetadata& metadata) { count = metadata.nr_of_hydrated_regions(); },
      [](CloneMetadata& metadata) {
        set(metadata, {0, 1, word});
      });
  EXPECT_EQ(count, 1U);
}

// Of two regions that are not on disk, the first is forgotten and the second is not yet.
TEST_F(BitmapWindow, IsInTheMiddleOfAReload) {
  bool first = true;
  bool second = false;
  hold(
      // The load and the store of bit 0, and the load of bit 1.
      before(Point::bitmap, {}, 3), [](CloneMetadata& metadata) { (void)metadata.reload_in_core_bitset(); },
      [&](CloneMetadata& metadata) {
        first = metadata.is_region_hydrated(0);
        second = metadata.is_region_hydrated(1);
      },
      [](CloneMetadata& metadata) {
        set(metadata, {0, 1});
      });
  EXPECT_FALSE(first);
  EXPECT_TRUE(second);
}

// __clear_bit() is not atomic: what comes between its load and its store is lost.
TEST_F(BitmapWindow, IsBetweenTheLoadAndTheStoreOfABit) {
  bool hydrated = true;
  hold(
      before(Point::bitmap, {}, 2),
      [&](CloneMetadata& metadata) {
        (void)metadata.reload_in_core_bitset();
        hydrated = metadata.is_region_hydrated(7);
      },
      [](CloneMetadata& metadata) { set(metadata, {7}); });
  EXPECT_FALSE(hydrated);
}

// The last region is found hydrated, and only then the flag is set.
TEST_F(BitmapWindow, IsBeforeTheFlagThatAllIsDone) {
  bool done = true;
  hold(
      [](const dmcore::Step& step) {
        return step.point == Point::flag && step.access.kind == dmcore::AccessKind::write;
      },
      [](CloneMetadata& metadata) { commit(metadata); },
      [&](CloneMetadata& metadata) {
        EXPECT_EQ(metadata.nr_of_hydrated_regions(), bitmap_regions);
        done = metadata.is_hydration_done();
      },
      [](CloneMetadata& metadata) { EXPECT_TRUE(metadata.cond_set_range(0, bitmap_regions).ok()); });
  EXPECT_FALSE(done);
}

}  // namespace
