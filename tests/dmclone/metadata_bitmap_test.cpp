// SPDX-License-Identifier: GPL-2.0-or-later
// The bitmaps that dm-clone keeps in core.
#include <cstdint>
#include <gtest/gtest.h>
#include <new>

#include "dmcore/kernel/address_sanitizer.h"

#include "dmclone/dirty_map.h"
#include "dmclone/region_bitmap.h"

namespace {

using dmclone::DirtyMap;
using dmclone::RegionBitmap;

TEST(RegionBitmap, BeginsClear) {
  const RegionBitmap map(130);
  EXPECT_EQ(map.count(), 0);
  EXPECT_EQ(map.find_next_set(0), 130);
  EXPECT_EQ(map.find_next_clear(0), 0);
}

TEST(RegionBitmap, CountsWhatIsSet) {
  RegionBitmap map(130);
  map.set(0);
  map.set(129);
  map.set(129);
  map.clear(0);
  EXPECT_EQ(map.count(), 1);
  EXPECT_TRUE(map.test(129));
}

TEST(RegionBitmap, SearchesAcrossWords) {
  RegionBitmap map(1000);
  map.set(700);
  EXPECT_EQ(map.find_next_set(3), 700);
  EXPECT_EQ(map.find_next_set(701), 1000);
  for (std::uint64_t word = 0; word < 10; ++word) map.set_word(word, ~std::uint64_t{0});
  EXPECT_EQ(map.find_next_clear(5), 640);
  EXPECT_EQ(map.find_next_clear(700), 701);
}

TEST(RegionBitmap, HasNothingBeyondItsEnd) {
  RegionBitmap map(70);
  map.set_word(1, ~std::uint64_t{0});
  EXPECT_EQ(map.word(1), 63);
  EXPECT_EQ(map.find_next_clear(64), 70);
  EXPECT_EQ(map.find_next_set(1'000'000), 70);
  map.set_word(0, ~std::uint64_t{0});
  EXPECT_TRUE(map.full());
}

TEST(RegionBitmap, ASearchFromTheEndLooksAtNoWord) {
  for (const std::uint64_t bits : {64, 70}) {
    const RegionBitmap map(bits);
    EXPECT_EQ(map.find_next_clear(bits, [](std::uint64_t word) { ADD_FAILURE() << word; }), bits);
  }
}

#if !defined(DMCORE_ADDRESS_SANITIZER)  // it stops a program that asks for so much
TEST(RegionBitmap, ForWhichThereIsNoMemoryIsNotMade) {
  constexpr std::uint64_t more_than_there_are_addresses = std::uint64_t{1} << 62U;
  EXPECT_THROW(RegionBitmap{more_than_there_are_addresses}, std::bad_alloc);
}
#endif

TEST(DirtyMap, KnowsTheWordsThatChanged) {
  DirtyMap map(1000);
  EXPECT_FALSE(map.changed());
  map.mark(65);
  map.mark(999);
  EXPECT_TRUE(map.changed());
  EXPECT_EQ(map.next_dirty_word(0), 1);
  EXPECT_EQ(map.dirty_regions_of(1), 2);
  EXPECT_EQ(map.next_dirty_word(2), 15);
  map.clear_region(65);
  map.clear_word(1);
  EXPECT_EQ(map.next_dirty_word(0), 15);
}

}  // namespace
