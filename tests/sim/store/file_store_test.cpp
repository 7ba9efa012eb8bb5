// SPDX-License-Identifier: GPL-2.0-or-later
// Stores in files: locks, sizes, and what the host says.
#include "sim/store/file_store.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <vector>

#include "sim/store/host_error.h"
#include "sim/store/resized_store.h"

#include "tests/sim/store/store_bytes.h"
#include "tests/support/host_command.h"

namespace {

using dmcore::Errno;
using sim::FileStore;
using sim::HostErrors;
using sim::ResizedStore;
using test::bytes;
using test::read;

class FileStores : public testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return folder_.path_of("file"); }
  std::unique_ptr<FileStore> made(std::uint64_t size) const {
    auto store = FileStore::create(path(), size);
    EXPECT_TRUE(store.ok());
    return std::move(*store);
  }

 private:
  test::ScratchFolder folder_;
};

TEST_F(FileStores, OneThatMayWriteExcludesAllOthers) {
  const auto store = made(4096);
  EXPECT_EQ(FileStore::open(path()).error(), Errno::busy);
  EXPECT_EQ(FileStore::open(path(), true).error(), Errno::busy);
}

TEST_F(FileStores, ReadersShareAFile) {
  made(4096).reset();
  const auto first = FileStore::open(path(), true);
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(FileStore::open(path(), true).ok());
  EXPECT_EQ(FileStore::open(path()).error(), Errno::busy);
}

TEST_F(FileStores, TheLockEndsWithTheStore) {
  made(4096).reset();
  EXPECT_TRUE(FileStore::open(path()).ok());
}

TEST_F(FileStores, AFifoIsRefusedWithoutWaitingForItsOtherEnd) {
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  EXPECT_EQ(FileStore::open(path(), true).error(), Errno::inval);
}

TEST_F(FileStores, ResizingCutsOrAddsZeroes) {
  const auto store = made(8192);
  ASSERT_TRUE(store->write(0, bytes(8192, 'A')).ok());
  ASSERT_TRUE(store->resize(100).ok());
  EXPECT_EQ(std::filesystem::file_size(path()), 100U);
  ASSERT_TRUE(store->resize(200).ok());
  EXPECT_EQ(store->size(), 200U);
  EXPECT_EQ(read(*store, 0, 100), bytes(100, 'A'));
  EXPECT_EQ(read(*store, 100, 100), bytes(100, '\0'));
}

TEST_F(FileStores, AShorterViewHidesTheEnd) {
  const auto store = made(8192);
  ASSERT_TRUE(store->write(0, bytes(8192, 'A')).ok());
  const ResizedStore view(*store, 5000);
  EXPECT_EQ(view.size(), 5000U);
  EXPECT_EQ(view.next_extent(4000).value()->length, 1000U);
}

TEST_F(FileStores, ALongerViewReadsZeroesAndDropsWhatIsWrittenThere) {
  const auto store = made(1000);
  ResizedStore view(*store, 1024);
  ASSERT_TRUE(view.write(512, bytes(512, 'A')).ok());
  EXPECT_EQ(store->size(), 1000U);
  EXPECT_EQ(read(view, 512, 488), bytes(488, 'A'));
  EXPECT_EQ(read(view, 1000, 24), bytes(24, '\0'));
}

TEST(HostErrors, NameTheFileAndWhatTheHostSays) {
  EXPECT_EQ(sim::describe({"a.img", Errno::nospc}), "a.img: No space left on device");
  EXPECT_EQ(sim::describe({"a.img", Errno::busy}), "a.img: in use, by another disk or another process");
}

TEST(HostErrors, CountOnceForEachFileAndError) {
  HostErrors errors;
  errors.add({"a.img", Errno::nospc});
  errors.add({"a.img", Errno::nospc});
  EXPECT_EQ(errors.take().size(), 1U);
  errors.add({"a.img", Errno::nospc});
  errors.add({"a.img", Errno::io});
  EXPECT_EQ(errors.take(), std::vector({sim::HostError{"a.img", Errno::io}}));
}

}  // namespace
