// SPDX-License-Identifier: GPL-2.0-or-later
// Stores: both kinds behave alike, and stay sparse.
#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>
#include <vector>

#include "sim/store/file_store.h"
#include "sim/store/memory_store.h"
#include "sim/store/store_image.h"

#include "tests/sim/store/store_bytes.h"

namespace {

using sim::FileStore;
using sim::MemoryStore;
using sim::Store;
using test::bytes;
using test::read;

std::string temporary_path(const std::string& name) {
  return (std::filesystem::temp_directory_path() / (name + std::to_string(::getpid()))).string();
}

enum class Kind : std::uint8_t { memory, file };

std::string name_of(Kind kind) {
  return kind == Kind::memory ? "memory" : "file";
}

void PrintTo(Kind kind, std::ostream* out) {
  *out << name_of(kind);
}

class StoreTest : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == Kind::memory) {
      store_ = std::make_unique<MemoryStore>(size);
      return;
    }
    auto file = FileStore::create(path_, size);
    ASSERT_TRUE(file.ok());
    store_ = std::move(*file);
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove(path_);
  }
  Store& store() { return *store_; }

  static constexpr std::uint64_t size = 16 << 20;

 private:
  std::string path_ = temporary_path("dmsim-store-test");
  std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(Both, StoreTest, testing::Values(Kind::memory, Kind::file),
                         [](const auto& info) { return name_of(info.param); });

TEST_P(StoreTest, WhatWasNeverWrittenReadsAsZero) {
  EXPECT_EQ(read(store(), 12345, 10000), bytes(10000, '\0'));
}

TEST_P(StoreTest, WhatWasWrittenReadsBackAcrossPages) {
  const auto data = bytes(3 << 20, 'A');
  ASSERT_TRUE(store().write(1000, data).ok());
  EXPECT_EQ(read(store(), 1000, data.size()), data);
  EXPECT_EQ(read(store(), 0, 1000), bytes(1000, '\0'));
  EXPECT_EQ(read(store(), 1000 + data.size(), 1000), bytes(1000, '\0'));
}

TEST_P(StoreTest, DiscardingZeroesExactlyTheRange) {
  ASSERT_TRUE(store().write(0, bytes(20000, 'A')).ok());
  ASSERT_TRUE(store().discard(100, 10000).ok());
  EXPECT_EQ(read(store(), 0, 100), bytes(100, 'A'));
  EXPECT_EQ(read(store(), 100, 10000), bytes(10000, '\0'));
  EXPECT_EQ(read(store(), 10100, 9900), bytes(9900, 'A'));
}

TEST_P(StoreTest, ExtentsCoverWhatWasWrittenAndNotMuchMore) {
  ASSERT_TRUE(store().write(1 << 20, bytes(8192, 'A')).ok());
  ASSERT_TRUE(store().write(5 << 20, bytes(4096, 'B')).ok());
  const auto first = store().next_extent(0);
  ASSERT_TRUE(first.ok() && first->has_value());
  EXPECT_EQ((*first)->offset, 1U << 20);
  EXPECT_EQ((*first)->length, 8192U);
  const auto second = store().next_extent((1 << 20) + 8192);
  ASSERT_TRUE(second.ok() && second->has_value());
  EXPECT_EQ((*second)->offset, 5U << 20);
  EXPECT_FALSE(store().next_extent((5 << 20) + 4096)->has_value());
}

TEST_P(StoreTest, AnExtentIsClippedToWhereOneAsks) {
  ASSERT_TRUE(store().write(4096, bytes(8192, 'A')).ok());
  const auto extent = store().next_extent(5000);
  ASSERT_TRUE(extent.ok() && extent->has_value());
  EXPECT_EQ((*extent)->offset, 5000U);
  EXPECT_EQ((*extent)->length, 4096U + 8192 - 5000);
}

TEST_P(StoreTest, LoadingAnImageLeavesWhatIsBehindIt) {
  ASSERT_TRUE(store().write(0, bytes(30000, 'A')).ok());
  auto image = bytes(10000, '\0');
  image[9999] = std::byte{'B'};
  ASSERT_TRUE(load_image(store(), image).ok());
  EXPECT_EQ(read(store(), 0, 10000), image);
  EXPECT_EQ(read(store(), 10000, 20000), bytes(20000, 'A'));
}

TEST_P(StoreTest, ASavedImageIsEqualAndSparse) {
  const std::string path = temporary_path("dmsim-image-test");
  ASSERT_TRUE(store().write(1 << 20, bytes(8192, 'A')).ok());
  ASSERT_TRUE(save_image(store(), path).ok());
  auto saved = FileStore::open(path);
  ASSERT_TRUE(saved.ok());
  EXPECT_EQ((*saved)->size(), size);
  EXPECT_EQ(read(**saved, 1 << 20, 8192), bytes(8192, 'A'));
  EXPECT_EQ((*saved)->next_extent(0).value()->offset, 1U << 20);
  std::filesystem::remove(path);
}

TEST_P(StoreTest, IsBlankWhileItHoldsNothingButZeroes) {
  EXPECT_TRUE(is_blank(store()).value());
  ASSERT_TRUE(store().write(5 << 20, bytes(8192, '\0')).ok());
  EXPECT_TRUE(is_blank(store()).value());
  ASSERT_TRUE(store().write(size - 1, bytes(1, 'A')).ok());
  EXPECT_FALSE(is_blank(store()).value());
}

TEST(MemoryStore, A64TiBStoreCostsWhatWasWrittenToIt) {
  MemoryStore store(std::uint64_t{64} << 40);
  for (std::uint64_t i = 0; i < 1000; ++i)
    ASSERT_TRUE(store.write(i * (std::uint64_t{64} << 30), bytes(1, 'A')).ok());
  EXPECT_EQ(store.pages(), 1000U);
}

TEST(MemoryStore, DiscardingAllOfALargeStoreGivesItsPagesBack) {
  MemoryStore store(std::uint64_t{64} << 40);
  ASSERT_TRUE(store.write(std::uint64_t{63} << 40, bytes(100000, 'A')).ok());
  ASSERT_TRUE(store.discard(0, store.size()).ok());
  EXPECT_EQ(store.pages(), 0U);
  EXPECT_FALSE(store.next_extent(0)->has_value());
}

TEST(FileStore, OpeningWhatIsNotThereFails) {
  EXPECT_EQ(FileStore::open("/nonexistent/file").error(), dmcore::Errno::noent);
}

TEST(FileStore, OpeningADirectoryFails) {
  EXPECT_FALSE(FileStore::open(std::filesystem::temp_directory_path().string()).ok());
}

TEST(FileStore, CreatingDoesNotOverwrite) {
  const std::string path = temporary_path("dmsim-create-test");
  ASSERT_TRUE(FileStore::create(path, 4096).ok());
  EXPECT_EQ(FileStore::create(path, 4096).error(), dmcore::Errno::exist);
  std::filesystem::remove(path);
}

TEST(FileStore, WritingWhereItIsReadOnlyFails) {
  const std::string path = temporary_path("dmsim-readonly-test");
  ASSERT_TRUE(FileStore::create(path, 4096).ok());
  auto store = FileStore::open(path, true);
  ASSERT_TRUE(store.ok());
  EXPECT_FALSE((*store)->write(0, bytes(512, 'A')).ok());
  std::filesystem::remove(path);
}

TEST(MemoryStore, ZeroesWrittenWhereNothingIsCostNothing) {
  sim::MemoryStore store(std::uint64_t{1} << 30);
  std::vector<std::byte> data(64 * 1024);
  ASSERT_TRUE(store.write(512, data).ok());
  EXPECT_EQ(store.pages(), 0U);
  data[5 * sim::MemoryStore::page_bytes] = std::byte{7};
  ASSERT_TRUE(store.write(512, data).ok());
  EXPECT_EQ(store.pages(), 1U);
  std::vector<std::byte> out(data.size(), std::byte{1});
  ASSERT_TRUE(store.read(512, out).ok());
  EXPECT_EQ(out, data);
}

TEST(MemoryStore, ZeroesReplaceWhatIsThere) {
  sim::MemoryStore store(std::uint64_t{1} << 30);
  const std::vector<std::byte> ones(3 * sim::MemoryStore::page_bytes, std::byte{1});
  ASSERT_TRUE(store.write(0, ones).ok());
  const std::vector<std::byte> zeroes(4 * sim::MemoryStore::page_bytes);
  ASSERT_TRUE(store.write(100, zeroes).ok());
  std::vector<std::byte> out(ones.size());
  ASSERT_TRUE(store.read(0, out).ok());
  EXPECT_EQ(out[99], std::byte{1});
  EXPECT_EQ(std::count(out.begin(), out.end(), std::byte{0}), static_cast<std::ptrdiff_t>(out.size() - 100));
}

}  // namespace
