// SPDX-License-Identifier: GPL-2.0-or-later
// The suite's own tools: they are believed by everything else here.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/suite/block_tester.h"
#include "tests/suite/clone_stack.h"
#include "tests/suite/expected_time.h"
#include "tests/suite/ext4.h"
#include "tests/suite/page_cache.h"
#include "tests/suite/pattern_stomper.h"
#include "tests/suite/xfs.h"
#include "tests/support/host_command.h"

namespace suite {
namespace {

using std::chrono::milliseconds;

class SuiteTools : public testing::Test {
 protected:
  // A process that has a volume on the fast disk.
  void on_volume(sector_t size, const std::function<void(const std::string& path)>& body) {
    rig.run([&] {
      rig.with_device(linear_table(size, Rig::fast_path, 0),
                      [&](const std::string& name) { body(Rig::path_of(name)); });
    });
  }
  // Changes one byte of the fast disk behind everyone's back.
  void damage(sector_t sector) {
    const std::array<std::byte, 1> wrong = {std::byte{0xEE}};
    ASSERT_TRUE(rig.fast_disk().poke(dmcore::to_bytes(sector), wrong).ok());
  }

  Rig rig;
};

TEST_F(SuiteTools, AQueueKeepsItsDepthInFlight) {
  rig.fast_disk().set_timing({.read_latency = milliseconds(1)});
  on_volume(mib(1), [&](const std::string& path) {
    const auto time_of_64_reads = [&](unsigned depth) {
      return rig.time_of([&] {
        IoQueue queue(rig, path, depth);
        for (sector_t at = 0; at < kib(256); at += kib(4)) queue.read(at, kib(4), nullptr);
        queue.drain();
      });
    };
    EXPECT_EQ(time_of_64_reads(1), milliseconds(64));
    EXPECT_EQ(time_of_64_reads(8), milliseconds(8));
    EXPECT_EQ(time_of_64_reads(64), milliseconds(1));
  });
}

TEST_F(SuiteTools, AQueueTellsOfErrors) {
  on_volume(mib(1), [&](const std::string& path) {
    IoQueue queue(rig, path, 4);
    queue.read(mib(2), kib(4), nullptr);
    EXPECT_THROW(queue.drain(), test::Failure);
    queue.drain();  // said once
  });
}

TEST_F(SuiteTools, ThePageCacheWritesBackWhatIsDirtyAndReadsItAgain) {
  on_volume(mib(1), [&](const std::string& path) {
    PageCache cache(rig, path);
    const std::vector<std::byte> data(10000, std::byte{'x'});
    cache.write(5000, data);  // begins and ends inside of a page
    EXPECT_EQ(rig.fast_disk().counters.written_sectors, 0U);
    cache.sync();
    EXPECT_EQ(rig.fast_disk().counters.written_sectors, 3 * PageCache::page_sectors);
    EXPECT_EQ(rig.fast_disk().counters.flushes, 1U);
    cache.drop();
    std::vector<std::byte> found(12000);
    cache.read(4000, found);
    EXPECT_EQ(found[999], std::byte{0});
    EXPECT_EQ(std::vector<std::byte>(found.begin() + 1000, found.begin() + 11000), data);
    EXPECT_EQ(found[11000], std::byte{0});
  });
}

TEST_F(SuiteTools, ThePatternStomperSeesOneWrongByte) {
  on_volume(mib(1), [&](const std::string& path) {
    PatternStomper stomper(rig, path, kib(4), 1);
    stomper.stamp(50);
    EXPECT_EQ(stomper.wrong_blocks(0, 1), 0U);
    EXPECT_NE(stomper.wrong_blocks(0, 0), 0U);
    damage(100);
    EXPECT_EQ(stomper.wrong_blocks(0, 1), 1U);
  });
}

TEST_F(SuiteTools, ProcessesRunAtTheSameTime) {
  rig.run([&] {
    EXPECT_EQ(rig.time_of([&] { rig.in_parallel(5, [&](unsigned i) { rig.sleep(milliseconds(i)); }); }),
              milliseconds(4));
    EXPECT_THROW(rig.in_parallel(2,
                                 [](unsigned i) {
                                   if (i == 1) throw test::Failure("wrong");
                                 }),
                 test::Failure);
  });
}

TEST_F(SuiteTools, RefusalIsTheLog) {
  rig.run([&] {
    EXPECT_THAT(rig.refusal([&] {
      rig.with_device({{0, 8, "linear", "/dev/loop0"}}, [](const std::string&) {});
    }),
                testing::HasSubstr("linear: Invalid argument count"));
    EXPECT_EQ(rig.refusal([] {}), "not refused");
  });
}

TEST_F(SuiteTools, FsckIsAskedAtEachUnmount) {
  Ext4 ext4;
  on_volume(mib(16), [&](const std::string& path) {
    ext4.format(rig, path);
    ext4.with_mount(rig, path, [&](FileSystem& fs) { fs.create("one/two/three"); });
    EXPECT_THROW(ext4.with_mount(rig, path,
                                 [&](FileSystem& fs) {
                                   fs.sync();
                                   // A block of the first group's inode table, or near it.
                                   rig.zero(path, mib(2));
                                 }),
                 test::HostCommandFailed);
  });
}

TEST_F(SuiteTools, MountingXfsReadsItsMetadata) {
  Xfs xfs;
  on_volume(mib(320), [&](const std::string& path) {
    xfs.format(rig, path);
    xfs.with_mount(rig, path, [](FileSystem& fs) { fs.create("file"); });
    damage(1);
    EXPECT_THROW(xfs.with_mount(rig, path, [](FileSystem&) {}), test::Failure);
  });
}

TEST_F(SuiteTools, FilesHoldWhatWasWritten) {
  Xfs xfs;
  Ext4 ext4;
  for (FileSystemType* type : {static_cast<FileSystemType*>(&ext4), static_cast<FileSystemType*>(&xfs)}) {
    on_volume(mib(320), [&](const std::string& path) {
      type->format(rig, path);
      const std::vector<std::byte> data(9000, std::byte{'d'});
      type->with_mount(rig, path, [&](FileSystem& fs) {
        fs.create("folder/file");
        fs.write("folder/file", 0, data);
        fs.create("gone");
        fs.write("gone", 0, data);
        fs.sync();
        fs.remove("gone");
      });
      type->with_mount(rig, path, [&](FileSystem& fs) {
        EXPECT_EQ(fs.size_of("folder/file"), data.size());
        std::vector<std::byte> found(data.size());
        fs.read("folder/file", 0, found);
        EXPECT_EQ(found, data);
        EXPECT_THROW(fs.read("folder/file", 1, found), test::Failure);
        EXPECT_THROW(static_cast<void>(fs.size_of("gone")), test::Failure);
      });
    });
  }
}

}  // namespace
}  // namespace suite
