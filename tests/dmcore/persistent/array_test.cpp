// SPDX-License-Identifier: GPL-2.0-or-later
// Arrays and bitsets on disk.
#include "dmcore/persistent/array.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "dmcore/persistent/bitset.h"
#include "dmcore/persistent/btree_node.h"

#include "tests/dmcore/persistent/metadata_fixture.h"

namespace {

using dmcore::block_t;
using dmcore::DiskArray;
using dmcore::DiskArrayCursor;
using dmcore::DiskBitset;
using dmcore::Errno;
using dmcore::Status;

// Words in a block of 4 KiB: array blocks of this size are full.
constexpr std::uint32_t per_block = 509;

class ArrayTest : public test::MetadataTest {
 protected:
  void run(const std::function<void()>& body) {
    MetadataTest::run([&] {
      array = std::make_unique<DiskArray>(map->transactions());
      root = test::value_of(array->create_empty());
      body();
      array.reset();
    });
  }
  std::vector<std::uint64_t> contents() {
    std::vector<std::uint64_t> found;
    EXPECT_TRUE(array
                    ->walk(root,
                           [&](std::uint64_t index, std::uint64_t value) {
                             EXPECT_EQ(index, found.size());
                             found.push_back(value);
                             return Status();
                           })
                    .ok());
    return found;
  }

  // The references to all blocks.
  std::uint32_t counts() {
    std::uint32_t sum = 0;
    for (block_t block = 0; block < nr_blocks_; ++block) sum += count_of(block);
    return sum;
  }

  std::unique_ptr<DiskArray> array;
  block_t root = 0;
};

struct Resize {
  std::uint32_t from;
  std::uint32_t to;
};

void PrintTo(const Resize& resize, std::ostream* out) {
  *out << "from " << resize.from << " to " << resize.to;
}

class ArrayResizeTest : public ArrayTest, public testing::WithParamInterface<Resize> {};

TEST_P(ArrayResizeTest, KeepsWhatWasThereAndFillsTheRest) {
  const std::uint32_t from = GetParam().from;
  const std::uint32_t to = GetParam().to;
  run([&] {
    ASSERT_TRUE(array->resize(root, 0, from, 1).ok());
    ASSERT_TRUE(commit().ok());
    ASSERT_TRUE(array->resize(root, from, to, 2).ok());
    std::vector<std::uint64_t> wanted(std::min(from, to), 1);
    wanted.resize(to, 2);
    EXPECT_EQ(contents(), wanted);
  });
}

INSTANTIATE_TEST_SUITE_P(Sizes, ArrayResizeTest,
                         testing::Values(Resize{0U, 1U}, Resize{1U, 2U}, Resize{1U, per_block},
                                         Resize{per_block, per_block + 1}, Resize{10U, 3 * per_block + 5},
                                         Resize{3 * per_block + 5, 10U}, Resize{3 * per_block, per_block},
                                         Resize{per_block + 1, per_block - 1}, Resize{7U, 7U}),
                         [](const auto& info) {
                           return fmt::format("From{}To{}", info.param.from, info.param.to);
                         });

// A bug of the kernel that nobody has met, since nobody shrinks arrays so.
TEST_F(ArrayTest, WhatIsBehindTheEndIsFreedWhenItShrinks) {
  run([&] {
    const std::uint32_t empty = counts();
    ASSERT_TRUE(array->resize(root, 0, 5 * per_block, 1).ok());
    const std::uint32_t five_blocks = counts();
    ASSERT_TRUE(commit().ok());
    ASSERT_TRUE(array->resize(root, 5 * per_block, 2 * per_block, 0).ok());
    EXPECT_EQ(five_blocks - empty, 5U);
    EXPECT_EQ(counts(), empty + 2);
    for (block_t block = 0; block < nr_blocks_; ++block) EXPECT_LE(count_of(block), 1U) << block;
  });
}

// The kernel reads the block to which the last reference is dropped.
TEST_F(ArrayTest, ABlockThatCannotBeReadIsNotFreed) {
  run([&] {
    ASSERT_TRUE(array->resize(root, 0, 2 * per_block, 1).ok());
    ASSERT_TRUE(commit().ok());
    const dmcore::BtreeValues locations{sizeof(dmcore::le64)};
    const block_t second =
        test::value_of(dmcore::Btree(map->transactions(), locations).lookup<dmcore::le64>(root, 1));
    reopen();
    array = std::make_unique<DiskArray>(map->transactions());
    const std::array<std::byte, 8> damage{};
    ASSERT_TRUE(disk.poke(second * test::metadata_block_bytes, damage).ok());
    ASSERT_TRUE(array->resize(root, 2 * per_block, per_block, 0).ok());
    EXPECT_THAT(logged(), testing::Contains(fmt::format("array: couldn't get array block {}", second)));
    EXPECT_EQ(count_of(second), 1U);
  });
}

// Nor is one of which it is not known how many refer to it: here one beyond the end of the space map.
TEST_F(ArrayTest, ABlockThatIsNotCountedIsNotFreed) {
  run([&] {
    ASSERT_TRUE(array->resize(root, 0, 2 * per_block, 1).ok());
    const block_t beyond = nr_blocks_ + 7;
    {
      const dmcore::BlockRef locked =
          test::value_of(blocks->write_lock(root, &dmcore::btree_node_validator()));
      *reinterpret_cast<dmcore::le64*>(dmcore::BtreeNode(locked).value(1)) = beyond;
    }
    const std::uint32_t before = counts();
    ASSERT_TRUE(array->resize(root, 2 * per_block, per_block, 0).ok());
    EXPECT_THAT(logged(),
                testing::Contains(fmt::format("array: couldn't get reference count for block {}", beyond)));
    EXPECT_EQ(counts(), before);
  });
}

TEST_F(ArrayTest, AllIsFreedWhenItIsGivenUp) {
  run([&] {
    const std::uint32_t empty = counts();
    ASSERT_TRUE(array->resize(root, 0, 5 * per_block, 1).ok());
    ASSERT_TRUE(commit().ok());
    ASSERT_TRUE(array->destroy(root).ok());
    EXPECT_EQ(counts(), empty - 1);
  });
}

TEST_F(ArrayTest, ALastBlockThatShouldBecomeEmptyStays) {
  run([&] {
    ASSERT_TRUE(array->resize(root, 0, per_block + 1, 1).ok());
    ASSERT_TRUE(array->resize(root, per_block + 1, per_block, 1).ok());
    EXPECT_EQ(contents().size(), per_block + 1);
  });
}

TEST_F(ArrayTest, AnArrayThatFindsNoRoomToGrowStaysAsItIs) {
  run([&] {
    ASSERT_TRUE(array->resize(root, 0, 10, 1).ok());
    ASSERT_TRUE(commit().ok());
    const block_t before = root;
    EXPECT_EQ(array->resize(root, 10, static_cast<std::uint32_t>(nr_blocks_) * per_block, 2), Errno::nospc);
    EXPECT_EQ(root, before);
    EXPECT_EQ(contents(), std::vector<std::uint64_t>(10, 1));
  });
}

// What is there counts, and not the old size that the caller gives.
TEST_F(ArrayTest, ALastBlockThatHasItsNewSizeAlreadyStaysAsItIs) {
  run([&] {
    ASSERT_TRUE(array->resize(root, 0, 10, 1).ok());
    EXPECT_TRUE(array->resize(root, 5, 10, 2).ok());
    EXPECT_EQ(contents(), std::vector<std::uint64_t>(10, 1));
    EXPECT_EQ(array->resize(root, 5, 9, 2), Errno::inval);
  });
}

TEST_F(ArrayTest, ValuesAreSetOneByOne) {
  run([&] {
    ASSERT_TRUE(array->resize(root, 0, 2000, 0).ok());
    for (std::uint32_t i = 0; i < 2000; i += 7) ASSERT_TRUE(array->set(root, i, i + 1).ok());
    for (std::uint32_t i = 0; i < 2000; ++i) {
      EXPECT_EQ(test::value_of(array->get(root, i)), i % 7 == 0 ? i + 1 : 0);
    }
  });
}

TEST_F(ArrayTest, ThereIsNothingBeyondTheEnd) {
  run([&] {
    ASSERT_TRUE(array->resize(root, 0, 10, 0).ok());
    EXPECT_EQ(array->get(root, 10).status(), Errno::nodata);
    EXPECT_EQ(array->set(root, 10, 1), Errno::nodata);
    EXPECT_EQ(array->get(root, per_block).status(), Errno::nodata);
  });
}

TEST_F(ArrayTest, ItIsMadeFromAFunction) {
  run([&] {
    root = test::value_of(array->create(1300, [](std::uint32_t index) { return std::uint64_t{index} * 3; }));
    const std::vector<std::uint64_t> found = contents();
    ASSERT_EQ(found.size(), 1300);
    EXPECT_EQ(found[1299], 3897);
  });
}

TEST_F(ArrayTest, ACursorGoesThroughAllValues) {
  run([&] {
    root = test::value_of(array->create(1300, [](std::uint32_t index) { return std::uint64_t{index}; }));
    DiskArrayCursor cursor(*array);
    ASSERT_TRUE(cursor.begin(root).ok());
    for (std::uint32_t i = 0; i < 1300; ++i) {
      ASSERT_EQ(cursor.value(), i);
      EXPECT_EQ(cursor.next().ok(), i != 1299);
    }
  });
}

TEST_F(ArrayTest, ACursorThatWasNotBegunHasNoNextValue) {
  run([&] {
    dmcore::DiskArrayCursor cursor(*array);
    EXPECT_EQ(cursor.next(), Errno::nodata);
  });
}

TEST_F(ArrayTest, AnEmptyArrayHasNoCursor) {
  run([&] {
    DiskArrayCursor cursor(*array);
    EXPECT_EQ(cursor.begin(root), Errno::nodata);
    EXPECT_THAT(logged(), testing::ElementsAre("array: couldn't create btree cursor"));
  });
}

TEST_F(ArrayTest, ASnapshotOfAnArrayKeepsItsValues) {
  run([&] {
    ASSERT_TRUE(array->resize(root, 0, 1000, 1).ok());
    ASSERT_TRUE(commit().ok());
    const block_t snapshot = root;
    map->transactions().inc(snapshot);
    ASSERT_TRUE(array->set(root, 3, 2).ok());
    EXPECT_EQ(test::value_of(array->get(snapshot, 3)), 1);
    ASSERT_TRUE(array->destroy(root).ok());
    EXPECT_EQ(test::value_of(array->get(snapshot, 3)), 1);
  });
}

TEST_F(ArrayTest, BitsAreSetAndCleared) {
  run([&] {
    DiskBitset bitset(map->transactions());
    root = test::value_of(bitset.create_empty());
    ASSERT_TRUE(bitset.resize(root, 0, 100'000, false).ok());
    for (const std::uint32_t bit : {0U, 63U, 64U, 99'999U}) ASSERT_TRUE(bitset.set(root, bit).ok());
    ASSERT_TRUE(bitset.clear(root, 63).ok());
    for (const auto& [bit, wanted] :
         {Resize{0U, true}, {63U, false}, {64U, true}, {65U, false}, {99'999U, true}}) {
      EXPECT_EQ(test::value_of(bitset.test(root, bit)), wanted) << bit;
    }
  });
}

TEST_F(ArrayTest, ABitsetKeepsTheLastWordUntilItIsFlushed) {
  run([&] {
    DiskBitset bitset(map->transactions());
    root = test::value_of(bitset.create_empty());
    ASSERT_TRUE(bitset.resize(root, 0, 1000, false).ok());
    ASSERT_TRUE(commit().ok());
    const block_t before = root;
    ASSERT_TRUE(bitset.set(root, 5).ok());
    EXPECT_EQ(root, before);
    ASSERT_TRUE(bitset.flush(root).ok());
    EXPECT_NE(root, before);
    EXPECT_EQ(test::value_of(array->get(root, 0)), 32);
  });
}

TEST_F(ArrayTest, ABitBeyondTheEndOfABitsetHasNoValue) {
  run([&] {
    DiskBitset bitset(map->transactions());
    root = test::value_of(bitset.create_empty());
    ASSERT_TRUE(bitset.resize(root, 0, 128, true).ok());
    EXPECT_TRUE(test::value_of(bitset.test(root, 127)));
    EXPECT_EQ(bitset.test(root, 128).status(), Errno::nodata);
  });
}

TEST_F(ArrayTest, ABitsetIsMadeFromAFunction) {
  run([&] {
    DiskBitset bitset(map->transactions());
    root = test::value_of(bitset.create(130, [](std::uint32_t index) { return index % 3 == 0; }));
    EXPECT_TRUE(test::value_of(bitset.test(root, 129)));
    EXPECT_EQ(contents().size(), 3);
  });
}

}  // namespace
