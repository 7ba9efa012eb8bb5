// SPDX-License-Identifier: GPL-2.0-or-later
// What tests of damaged metadata share: an image that is clean, and the findings that are expected of it.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "tests/sim/metadata/image.h"

namespace test {

class DamagedMetadataCheck : public testing::Test {
 protected:
  dmcore::BtreeNodeHeaderDisk& node(std::uint64_t block) {
    return image.at<dmcore::BtreeNodeHeaderDisk>(block);
  }
  dmcore::ArrayBlockDisk& array() { return image.at<dmcore::ArrayBlockDisk>(image.array_block()); }
  void seal_array() { image.seal(image.array_block(), sim::metadata::Use::array_block); }
  // The superblock is clean otherwise.
  void expect_of_superblock(const std::string& finding) {
    image.seal_superblock();
    EXPECT_THAT(image.findings(), testing::ElementsAre(finding));
  }
  std::string root_path() { return fmt::format("superblock > bitset root {}", image.bitset_root()); }
  // "block 5: WHAT (PATH)", of the bitset's root and of its first array block.
  std::string of_root(const std::string& what) {
    return fmt::format("block {}: {} ({})", image.bitset_root(), what, root_path());
  }
  std::string of_array(const std::string& what) {
    return fmt::format("block {0}: {1} ({2} > array block {0})", image.array_block(), what, root_path());
  }

  Image image = Image::of_sample("small");
};

class DamagedSpaceMap : public testing::Test {
 protected:
  std::string index_path() { return fmt::format("superblock > index block {}", image.index_block()); }
  std::string bitmap_path() { return fmt::format("{} > bitmap {}", index_path(), image.bitmap()); }
  std::string of_index(const std::string& what) {
    return fmt::format("block {}: {} ({})", image.index_block(), what, index_path());
  }
  std::string of_count_root(const std::string& what) {
    return fmt::format("block {0}: {1} (superblock > reference count root {0})", image.count_root(), what);
  }
  // Of blocks, "block 5", whose count is in the first bitmap.
  std::string of_count(const std::string& blocks, const std::string& what) {
    return fmt::format("{}: {} ({})", blocks, what, bitmap_path());
  }

  Image image = Image::of_sample("small");
};

}  // namespace test
