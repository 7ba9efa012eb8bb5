// SPDX-License-Identifier: GPL-2.0-or-later
// Bitmaps of counts, against entries that are counted one by one.
#include "sim/metadata/count_bitmap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <vector>

namespace {

using sim::metadata::CountBitmap;
using testing::ElementsAre;
using testing::IsEmpty;

// The entries in the order of their blocks, all others 0.
CountBitmap with_entries(const std::vector<unsigned>& entries, unsigned first = 0) {
  std::array<std::byte, CountBitmap::bytes_max> bytes{};
  for (unsigned i = 0; i < entries.size(); ++i) {
    const unsigned bits = entries[i] / 2 + entries[i] % 2 * 2;
    bytes[(first + i) / 4] |= static_cast<std::byte>(bits << (first + i) % 4 * 2);
  }
  return CountBitmap(bytes);
}

std::vector<std::uint32_t> threes_of(const CountBitmap& bitmap) {
  std::vector<std::uint32_t> all;
  bitmap.for_each_three([&](std::uint32_t entry) { all.push_back(entry); });
  return all;
}

std::vector<std::uint32_t> differences(const CountBitmap& one, const CountBitmap& other) {
  std::vector<std::uint32_t> all;
  one.for_each_difference(other, [&](std::uint32_t entry) { all.push_back(entry); });
  return all;
}

const std::vector<unsigned> full(CountBitmap::entries_max, 2);

TEST(CountBitmap, ReadsEntriesAsTheyAreOnDisk) {
  const CountBitmap bitmap = with_entries({1, 2, 3, 0}, 30);
  EXPECT_EQ(bitmap.at(29), 0U);
  EXPECT_EQ(bitmap.at(30), 1U);
  EXPECT_EQ(bitmap.at(31), 2U);
  EXPECT_EQ(bitmap.at(32), 3U);
  EXPECT_EQ(bitmap.at(33), 0U);
}

TEST(CountBitmap, BeginsWithZeroes) {
  EXPECT_EQ(CountBitmap(), with_entries({}));
}

TEST(CountBitmap, SetsEntriesToOne) {
  CountBitmap bitmap;
  for (const std::uint32_t entry : {0U, 33U, 16319U, 33U}) bitmap.set_to_one(entry);
  EXPECT_EQ(bitmap.at(33), 1U);
  EXPECT_EQ(bitmap.at(16319), 1U);
  EXPECT_THAT(differences(bitmap, CountBitmap()), ElementsAre(0, 33, 16319));
}

TEST(CountBitmap, CountsWhatIsUsedBeforeAnEntry) {
  const CountBitmap bitmap = with_entries({1, 2, 3, 0, 3}, 30);
  EXPECT_EQ(bitmap.used_before(0), 0U);
  EXPECT_EQ(bitmap.used_before(30), 0U);
  EXPECT_EQ(bitmap.used_before(31), 1U);
  EXPECT_EQ(bitmap.used_before(32), 2U);
  EXPECT_EQ(bitmap.used_before(34), 3U);
  EXPECT_EQ(bitmap.used_before(35), 4U);
  EXPECT_EQ(bitmap.used_before(CountBitmap::entries_max), 4U);
  EXPECT_EQ(with_entries(full).used_before(CountBitmap::entries_max), CountBitmap::entries_max);
}

TEST(CountBitmap, FindsTheFirstFreeEntry) {
  EXPECT_EQ(CountBitmap().first_free(), 0U);
  EXPECT_EQ(with_entries({1, 2, 3}).first_free(), 3U);
  EXPECT_EQ(with_entries(std::vector<unsigned>(70, 1)).first_free(), 70U);
  EXPECT_EQ(with_entries(full).first_free(), CountBitmap::entries_max);
}

TEST(CountBitmap, FindsEachThree) {
  EXPECT_THAT(threes_of(with_entries({1, 3, 2, 1, 2, 3, 3}, 29)), ElementsAre(30, 34, 35));
  EXPECT_THAT(threes_of(with_entries(full)), IsEmpty());
}

TEST(CountBitmap, FindsEachDifference) {
  const CountBitmap one = with_entries({1, 2, 3, 0, 1, 0}, 30);
  const CountBitmap other = with_entries({1, 1, 2, 3, 0, 0}, 30);
  EXPECT_THAT(differences(one, other), ElementsAre(31, 32, 33, 34));
  EXPECT_THAT(differences(other, one), ElementsAre(31, 32, 33, 34));
  EXPECT_THAT(differences(one, one), IsEmpty());
}

}  // namespace
