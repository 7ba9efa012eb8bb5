// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/store/complete_file.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <sys/resource.h>
#include <sys/stat.h>

#include "sim/store/file_store.h"

namespace sim {
namespace {

namespace fs = std::filesystem;

class CompleteFileTest : public testing::Test {
 protected:
  CompleteFileTest()
      : directory_(
            fs::path(testing::TempDir()) /
            ("complete-file-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()))) {
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  ~CompleteFileTest() override { fs::remove_all(directory_); }

  [[nodiscard]] std::string path() const { return (directory_ / "file").string(); }
  [[nodiscard]] std::string content() const {
    std::ifstream file(path());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(directory_), fs::directory_iterator());
  }

  fs::path directory_;
};

TEST_F(CompleteFileTest, AppearsAtTheEnd) {
  {
    auto file = CompleteFile::begin(path());
    ASSERT_TRUE(file.ok());
    std::fputs("new", file->stream());
    EXPECT_FALSE(fs::exists(path()));
    EXPECT_TRUE(file->finish().ok());
  }
  EXPECT_EQ(content(), "new");
  EXPECT_EQ(files(), 1);
}

TEST_F(CompleteFileTest, LeavesTheOldOneIfItIsNotFinished) {
  std::ofstream(path()) << "old";
  {
    auto file = CompleteFile::begin(path());
    ASSERT_TRUE(file.ok());
    std::fputs("new", file->stream());
  }
  EXPECT_EQ(content(), "old");
  EXPECT_EQ(files(), 1);
}

TEST_F(CompleteFileTest, LeavesTheOldOneIfItCannotBeWritten) {
  std::ofstream(path()) << "old";
  struct rlimit before {};
  getrlimit(RLIMIT_FSIZE, &before);
  const struct rlimit small = {.rlim_cur = 1000, .rlim_max = before.rlim_max};
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  {
    auto file = CompleteFile::begin(path());
    EXPECT_TRUE(file.ok());
    if (file.ok()) {
      std::fputs(std::string(5000, 'x').c_str(), file->stream());
      EXPECT_FALSE(file->finish().ok());
    }
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, ignored);
  EXPECT_EQ(content(), "old");
  EXPECT_EQ(files(), 1);
}

TEST_F(CompleteFileTest, KeepsThePermissionsOfTheOldOne) {
  std::ofstream(path()) << "old";
  fs::permissions(path(), fs::perms::owner_read | fs::perms::owner_write);
  auto file = CompleteFile::begin(path());
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file->finish().ok());
  EXPECT_EQ(fs::status(path()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(CompleteFileTest, ReplacesWhatASymbolicLinkLeadsTo) {
  const fs::path target = directory_ / "target";
  std::ofstream(target) << "old";
  fs::create_symlink(target, path());
  auto file = CompleteFile::begin(path());
  ASSERT_TRUE(file.ok());
  std::fputs("new", file->stream());
  ASSERT_TRUE(file->finish().ok());
  EXPECT_TRUE(fs::is_symlink(path()));
  EXPECT_EQ(content(), "new");
}

TEST_F(CompleteFileTest, IsNotWrittenOverADiskInUse) {
  auto disk = FileStore::create(path(), 512);
  ASSERT_TRUE(disk.ok());
  EXPECT_EQ(CompleteFile::begin(path()).error(), dmcore::Errno::busy);
}

TEST_F(CompleteFileTest, WritesDevicesAsTheyAre) {
  auto file = CompleteFile::begin("/dev/null");
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(file->finish().ok());
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace sim
