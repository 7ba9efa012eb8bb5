// SPDX-License-Identifier: GPL-2.0-or-later
// The files of a clone: what is refused, what is made, and how a later run knows them again.
#include "sim/clone/files.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/stat.h>

#include "sim/clone/failure.h"
#include "sim/store/store_image.h"

#include "tests/support/host_command.h"

namespace {

namespace fs = std::filesystem;
using sim::clone::FileNames;
using sim::clone::Files;
using sim::clone::Refused;
using testing::HasSubstr;

constexpr dmcore::sector_t region_size = 8;
constexpr std::uint64_t source_size = 10000;  // 19.5 sectors

class CloneFiles : public testing::Test {
 protected:
  CloneFiles() { write("source", content()); }

  static std::string content() {
    std::string text(source_size, 'S');
    text.back() = 'E';
    return text;
  }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.path_of(name); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path(name), std::ios::binary).rdbuf();
    return text.str();
  }
  [[nodiscard]] bool exists(const std::string& name) const { return fs::exists(path(name)); }

  [[nodiscard]] FileNames names(const std::string& destination = "copy",
                                const std::string& metadata = {}) const {
    return {path("source"), path(destination), metadata.empty() ? metadata : path(metadata)};
  }
  // What is said when these files are refused.
  static std::string refusal(const FileNames& names, dmcore::sector_t region = region_size) {
    try {
      const Files files(names, region);
    } catch (const Refused& refused) {
      return refused.what();
    }
    return "not refused";
  }
  // Copies everything, as the machine does.
  static void copy(Files& files) {
    ASSERT_TRUE(copy_store(*files.source_disk(), *files.destination_disk()).ok());
  }

 private:
  test::ScratchFolder folder_;
};

using CloneFileNames = CloneFiles;

TEST_F(CloneFileNames, ADestinationThatIsTheSourceIsRefused) {
  EXPECT_THAT(refusal(names("source")), HasSubstr("are the same file"));
}

TEST_F(CloneFileNames, ADestinationThatIsALinkToTheSourceIsRefused) {
  fs::create_hard_link(path("source"), path("hard"));
  fs::create_symlink("source", path("soft"));
  EXPECT_THAT(refusal(names("hard")), HasSubstr("are the same file"));
  EXPECT_THAT(refusal(names("soft")), HasSubstr("are the same file"));
}

TEST_F(CloneFileNames, AnUnfinishedDestinationThatIsTheSourceIsRefused) {
  fs::create_hard_link(path("source"), path("copy.partial"));
  EXPECT_THAT(refusal(names()), HasSubstr("are the same file"));
}

TEST_F(CloneFileNames, AMetadataFileThatIsAnotherOfTheFilesIsRefused) {
  EXPECT_THAT(refusal(names("copy", "source")), HasSubstr("are the same file"));
  EXPECT_THAT(refusal(names("copy", "copy")), HasSubstr("are the same file"));
  EXPECT_THAT(refusal(names("copy", "./copy.partial")), HasSubstr("are the same file"));
}

TEST_F(CloneFileNames, WhatIsNoRegularFileIsRefused) {
  fs::create_directory(path("folder"));
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(refusal(names("folder")), HasSubstr("is a directory"));
  EXPECT_THAT(refusal(names("pipe")), HasSubstr("is a pipe"));
  EXPECT_THAT(refusal(names("copy", "folder")), HasSubstr("is a directory"));
  EXPECT_THAT(refusal({path("pipe"), path("copy"), {}}), HasSubstr("is a pipe"));
  EXPECT_THAT(refusal({path("source"), "/dev/null", {}}), HasSubstr("is a character device"));
}

TEST_F(CloneFileNames, ASourceThatIsNotThereIsRefused) {
  EXPECT_EQ(refusal({path("nosuch"), path("copy"), {}}), path("nosuch") + ": No such file or directory");
}

TEST_F(CloneFileNames, AnEmptySourceIsRefused) {
  write("source", "");
  EXPECT_THAT(refusal(names()), HasSubstr("is empty"));
}

TEST_F(CloneFileNames, ALinkToNoFileIsNoDestination) {
  fs::create_symlink("nosuch", path("soft"));
  EXPECT_THAT(refusal(names("soft")), HasSubstr("leads to no file"));
}

TEST_F(CloneFiles, ThoseThatAreRefusedLeaveNothing) {
  write("metadata", "a letter to my aunt");
  EXPECT_THAT(refusal(names("copy", "metadata")), HasSubstr("is no metadata file of a clone"));
  EXPECT_FALSE(exists("copy.partial"));
  EXPECT_EQ(read("metadata"), "a letter to my aunt");
}

TEST_F(CloneFiles, TheDisksHaveWholeSectorsAndZeroesBehindTheSourcesEnd) {
  Files files(names(), region_size);
  EXPECT_EQ(files.sectors(), 20U);
  const auto disk = files.source_disk();
  ASSERT_EQ(disk->size(), 20U * 512);
  std::vector<std::byte> tail(disk->size() - source_size + 1, std::byte{7});
  ASSERT_TRUE(disk->read(source_size - 1, tail).ok());
  EXPECT_EQ(tail.front(), std::byte{'E'});
  EXPECT_EQ(tail.back(), std::byte{0});
}

TEST_F(CloneFiles, TheCopyIsPartialUntilItIsComplete) {
  Files files(names(), region_size);
  copy(files);
  EXPECT_FALSE(exists("copy"));
  EXPECT_GT(fs::file_size(path("copy.partial")), source_size);
  files.finish();
  EXPECT_EQ(read("copy"), content());
  EXPECT_FALSE(exists("copy.partial"));
}

TEST_F(CloneFiles, AnOldDestinationStaysUntilTheNewOneIsComplete) {
  write("copy", "old");
  Files files(names(), region_size);
  copy(files);
  EXPECT_EQ(read("copy"), "old");
  files.finish();
  EXPECT_EQ(read("copy"), content());
}

TEST_F(CloneFiles, ADestinationThatIsASymbolicLinkStaysOne) {
  write("target", "old");
  fs::create_symlink("target", path("copy"));
  Files files(names(), region_size);
  copy(files);
  files.finish();
  EXPECT_TRUE(fs::is_symlink(path("copy")));
  EXPECT_EQ(read("target"), content());
}

TEST_F(CloneFiles, TheCopyGetsThePermissionsOfTheSource) {
  fs::permissions(path("source"), fs::perms::owner_read | fs::perms::group_read);
  Files files(names(), region_size);
  EXPECT_EQ(fs::status(path("copy.partial")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  files.finish();
  EXPECT_EQ(fs::status(path("copy")).permissions(), fs::perms::owner_read | fs::perms::group_read);
}

TEST_F(CloneFiles, APartialCopyThatNothingCanResumeIsRemoved) {
  { const Files files(names(), region_size); }
  EXPECT_FALSE(exists("copy.partial"));
}

TEST_F(CloneFiles, AFileThatIsNoPartialCopyIsNotOverwritten) {
  write("copy.partial", "a letter to my aunt");
  EXPECT_THAT(refusal(names()), HasSubstr("is in the way"));
  EXPECT_EQ(read("copy.partial"), "a letter to my aunt");
}

TEST_F(CloneFiles, AreInUseWhileACloneHasThem) {
  const Files files(names(), region_size);
  EXPECT_THAT(refusal(names()), HasSubstr("copy.partial: in use"));
}

class ResumableClone : public CloneFiles {
 protected:
  // Leaves a clone in the middle.
  void leave() const { const Files files(resumable(), region_size); }
  [[nodiscard]] FileNames resumable() const { return names("copy", "metadata"); }
};

TEST_F(ResumableClone, GoesOnWithTheSameFiles) {
  {
    Files files(resumable(), region_size);
    EXPECT_EQ(files.start(), Files::Start::anew);
    copy(files);
  }
  Files files(resumable(), region_size);
  EXPECT_EQ(files.start(), Files::Start::resumed);
  files.finish();
  EXPECT_EQ(read("copy"), content());
  EXPECT_FALSE(exists("metadata"));
}

TEST_F(ResumableClone, NeedsItsMetadataFile) {
  leave();
  EXPECT_THAT(refusal(names()), HasSubstr("with a --metadata file: name that to resume it"));
  EXPECT_THAT(refusal(names("copy", "other")), HasSubstr("with another --metadata file"));
  EXPECT_FALSE(exists("other"));
}

TEST_F(ResumableClone, NeedsItsPartialCopy) {
  leave();
  EXPECT_THAT(refusal(names("other", "metadata")), HasSubstr("belongs to an unfinished copy"));
  fs::remove(path("copy.partial"));
  EXPECT_THAT(refusal(resumable()), HasSubstr("belongs to an unfinished copy"));
}

TEST_F(ResumableClone, NeedsTheSameRegionSize) {
  leave();
  EXPECT_THAT(refusal(resumable(), 16), HasSubstr("--region-size 8, and this one has 16"));
}

TEST_F(ResumableClone, NeedsASourceOfTheSameSize) {
  leave();
  fs::resize_file(path("source"), source_size + 512);
  EXPECT_THAT(refusal(resumable()), HasSubstr("belongs to a clone of 10000 bytes"));
}

TEST_F(ResumableClone, NeedsASourceThatHasNotChanged) {
  leave();
  fs::last_write_time(path("source"), fs::last_write_time(path("source")) + std::chrono::seconds(1));
  EXPECT_THAT(refusal(resumable()), HasSubstr("the copy would be a mixture"));
}

TEST_F(ResumableClone, ABlankMetadataFileIsTaken) {
  write("metadata", std::string(5000, '\0'));
  EXPECT_EQ(Files(resumable(), region_size).start(), Files::Start::anew);
}

TEST_F(ResumableClone, WithoutMetadataThePartialCopyOfAKilledRunIsBegunAgain) {
  leave();
  // As if there had been no --metadata: the token is missing.
  auto store = sim::FileStore::open(path("copy.partial"));
  ASSERT_TRUE(store.ok());
  auto label = sim::clone::read_label(**store).value().value();
  label.token = {};
  ASSERT_TRUE(write_label(**store, label).ok());
  store->reset();
  EXPECT_EQ(Files(names(), region_size).start(), Files::Start::anew);
}

}  // namespace
