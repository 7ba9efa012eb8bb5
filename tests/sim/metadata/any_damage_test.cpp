// SPDX-License-Identifier: GPL-2.0-or-later
// Whatever is in the blocks, the check ends.
#include <gtest/gtest.h>
#include <random>

#include "tests/sim/metadata/image.h"

namespace {

using sim::metadata::Use;
using test::Image;

struct UsedBlock {
  std::uint64_t number;
  Use use;
};

std::vector<UsedBlock> used_blocks(Image image) {
  return {{0, Use::superblock},
          {image.index_block(), Use::index},
          {image.bitmap(), Use::bitmap},
          {image.count_root(), Use::count_node},
          {image.bitset_root(), Use::bitset_node},
          {image.array_block(), Use::array_block}};
}

// Each field of each structure, with a checksum that fits, in small and in absurd values.
TEST(AnyDamage, OfOneFieldEndsInAReport) {
  const Image clean = Image::of_sample("nearly-full");
  for (const UsedBlock& block : used_blocks(clean)) {
    for (std::size_t offset = 4; offset < 200; offset += 4) {
      for (const std::uint32_t value : {0U, 1U, 2U, 3U, 15U, 16U, 0x7fffffffU, 0xffffffffU}) {
        Image image = clean;
        image.at<dmcore::le32>(block.number, offset) = value;
        image.seal(block.number, block.use);
        for (const sim::metadata::Finding& finding : image.check().findings)
          EXPECT_FALSE(finding.path.empty()) << block.number << " " << offset << " " << value;
      }
    }
  }
}

TEST(AnyDamage, OfManyBytesEndsInAReport) {
  const Image clean = Image::of_sample("nearly-full");
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    Image image = clean;
    for (const UsedBlock& block : used_blocks(clean)) {
      if (random() % 3 != 0) continue;
      for (unsigned changes = random() % 8; changes != 0; --changes)
        image.at<std::byte>(block.number, 4 + random() % 4092) = static_cast<std::byte>(random());
      image.seal(block.number, block.use);
    }
    for (const sim::metadata::Finding& finding : image.check().findings)
      EXPECT_FALSE(describe(finding).empty());
  }
}

}  // namespace
