// SPDX-License-Identifier: GPL-2.0-or-later
// The consistency tests of dm-clone's authors: what is read through a clone is what was put there or on its
// source, before, during and after hydration; and the source keeps what it had.
#include <gtest/gtest.h>

#include "sim/host/sha256.h"

#include "tests/suite/clone_stack.h"
#include "tests/suite/dataset.h"
#include "tests/suite/ext4.h"
#include "tests/suite/pattern_stomper.h"
#include "tests/suite/xfs.h"

namespace suite {
namespace {

class ConsistencyTests : public testing::Test {
 protected:
  void filesystem_test(FileSystemType& type, sector_t size, std::uint64_t test_file_bytes);

  Rig rig;
};

TEST_F(ConsistencyTests, pattern_stomp_test) {
  constexpr std::uint64_t seed = 42;
  rig.run([&] {
    CloneStack stack(rig, {.size = mib(128), .metadata_size = mib(16), .hydration = false});
    stack.activate_support_devs([&] {
      PatternStomper source(rig, stack.source(), stack.options().region_size, seed);
      source.stamp(20);
      stack.activate_top_level([&] {
        PatternStomper clone = source.fork(stack.clone());
        EXPECT_EQ(clone.wrong_blocks(0, 1), 0U);

        clone.stamp(10);
        EXPECT_EQ(clone.wrong_blocks(0, 2), 0U);
        EXPECT_EQ(source.wrong_blocks(0, 1), 0U);

        stack.enable_hydration();
        stack.wait_until_hydrated();
        EXPECT_EQ(clone.wrong_blocks(0, 2), 0U);
        EXPECT_EQ(source.wrong_blocks(0, 1), 0U);

        clone.stamp(5);
        EXPECT_EQ(clone.wrong_blocks(0, 3), 0U);
        EXPECT_EQ(source.wrong_blocks(0, 1), 0U);
      });
    });
  });
}

// A checksum that the file system knows nothing of.
std::string checksum(FileSystem& fs, const std::string& path) {
  constexpr std::size_t at_once = 1U << 20U;
  sim::host::Sha256 hash;
  std::vector<std::byte> buffer(at_once);
  const std::uint64_t size = fs.size_of(path);
  for (std::uint64_t at = 0; at < size; at += at_once) {
    const auto piece = std::span(buffer).first(std::min<std::uint64_t>(at_once, size - at));
    fs.read(path, at, piece);
    hash.add(piece);
  }
  return hash.finish();
}

void ConsistencyTests::filesystem_test(FileSystemType& type, sector_t size, std::uint64_t test_file_bytes) {
  rig.run([&] {
    CloneStack stack(rig, {.size = size, .metadata_size = mib(16), .hydration = false});
    std::string expected;
    stack.activate_support_devs([&] {
      type.format(rig, stack.source());
      type.with_mount(rig, stack.source(), [&](FileSystem& fs) {
        Dataset::source_tree().apply(fs, "linux");
        expected = write_random_file(fs, "testfile", test_file_bytes);
        fs.sync();
        fs.drop_caches();
        EXPECT_EQ(checksum(fs, "testfile"), expected);
      });
      stack.activate_top_level([&] {
        type.with_mount(rig, stack.clone(), [&](FileSystem& fs) {
          EXPECT_EQ(checksum(fs, "testfile"), expected) << "read from the source";

          fs.drop_caches();
          fs.trim();
          EXPECT_GT(stack.status().hydrated_regions, stack.status().regions / 2) << "trimmed";
          EXPECT_EQ(checksum(fs, "testfile"), expected) << "after fstrim";

          fs.drop_caches();
          stack.enable_hydration();
          stack.wait_until_hydrated();
          const sector_t read_before = rig.slow_disk().counters.read_sectors;
          EXPECT_EQ(checksum(fs, "testfile"), expected) << "after hydration";
          EXPECT_EQ(rig.slow_disk().counters.read_sectors, read_before) << "hydrated, and yet read";
        });
      });
    });
  });
}

TEST_F(ConsistencyTests, filesystem_test_xfs) {
  Xfs xfs;
  filesystem_test(xfs, mib(320), 16U << 20U);
}

TEST_F(ConsistencyTests, filesystem_test_ext4) {
  Ext4 ext4;
  filesystem_test(ext4, mib(128), 16U << 20U);
}

}  // namespace
}  // namespace suite
