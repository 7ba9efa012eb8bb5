// SPDX-License-Identifier: GPL-2.0-or-later
// A block after a power cut is chosen when it is read, and only then.
#include "sim/disk/undetermined_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/store/memory_store.h"

namespace {

using sim::Durability;
using sim::UndeterminedStore;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t block = 512;
constexpr std::uint64_t size = 8ULL * block;

std::vector<std::byte> bytes(char fill, std::size_t count = block) {
  return std::vector<std::byte>(count, static_cast<std::byte>(fill));
}

// Blocks 1 and 2 may hold 'a', 'b' or zeroes; the others hold '.'.
struct Undetermined : testing::Test {
  Undetermined() {
    auto beneath = std::make_unique<sim::MemoryStore>(size);
    beneath->write(0, bytes('.', size)).ignore();
    std::map<std::uint64_t, Durability::Candidates> blocks;
    for (const std::uint64_t place : {1, 2}) {
      blocks[place * block] = {
          .contents = {Durability::Content(bytes('a')), Durability::Content(bytes('b')), {}}, .newest = 1};
    }
    store = std::make_unique<UndeterminedStore>(std::move(beneath), block, std::move(blocks),
                                                [this](std::uint64_t offset, const Durability::Candidates&) {
                                                  asked.push_back(offset);
                                                  return answer;
                                                });
  }
  char first_byte(std::uint64_t offset) {
    std::vector<std::byte> out(1);
    EXPECT_TRUE(store->read(offset, out).ok());
    return static_cast<char>(out.front());
  }

  std::size_t answer = 0;
  std::vector<std::uint64_t> asked;
  std::unique_ptr<UndeterminedStore> store;
};

TEST_F(Undetermined, WhatIsDeterminedIsReadWithoutAChoice) {
  EXPECT_EQ(first_byte(0), '.');
  EXPECT_EQ(first_byte(3ULL * block), '.');
  EXPECT_THAT(asked, IsEmpty());
}

TEST_F(Undetermined, AReadChoosesOnceForEachBlock) {
  EXPECT_EQ(first_byte(block + 7), 'a');
  answer = 1;
  EXPECT_EQ(first_byte(block), 'a');
  EXPECT_EQ(first_byte(2ULL * block), 'b');
  EXPECT_THAT(asked, ElementsAre(block, 2 * block));
}

TEST_F(Undetermined, ZeroesAreAContent) {
  answer = 2;
  EXPECT_EQ(first_byte(block), '\0');
}

TEST_F(Undetermined, WhatIsOverwrittenAsAWholeIsNotChosen) {
  EXPECT_TRUE(store->write(block, bytes('w', 2UL * block)).ok());
  EXPECT_EQ(first_byte(2ULL * block), 'w');
  EXPECT_THAT(asked, IsEmpty());
}

TEST_F(Undetermined, WhatIsOverwrittenInPartKeepsTheRest) {
  EXPECT_TRUE(store->write(block + 8, bytes('w', 8)).ok());
  EXPECT_EQ(first_byte(block), 'a');
  EXPECT_EQ(first_byte(block + 8), 'w');
  EXPECT_EQ(first_byte(block + 16), 'a');
  EXPECT_THAT(asked, ElementsAre(block));
}

TEST_F(Undetermined, ADiscardDeterminesToo) {
  EXPECT_TRUE(store->discard(block, block).ok());
  EXPECT_EQ(first_byte(block), '\0');
  EXPECT_THAT(asked, IsEmpty());
}

TEST_F(Undetermined, TheExtentsAreThoseOfWhatIsChosen) {
  answer = 2;
  const auto extent = store->next_extent(block);
  ASSERT_TRUE(extent.ok());
  EXPECT_THAT(asked, ElementsAre(block, 2 * block));
}

}  // namespace
