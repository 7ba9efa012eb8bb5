// SPDX-License-Identifier: GPL-2.0-or-later
// Which blocks of a metadata device are in use, and for what.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "dmcore/persistent/validator.h"

#include "sim/metadata/count_bitmap.h"

namespace sim::metadata {

enum class Use : std::uint8_t { none, superblock, index, bitmap, count_node, bitset_node, array_block };

// Has memory only for the bitmaps' ranges with a block in use, so that it costs as little for a large device
// as for a small one.
class UsedBlocks {
 public:
  explicit UsedBlocks(dmcore::block_t blocks);

  [[nodiscard]] Use use_of(dmcore::block_t block) const;
  // `block` has no use yet.
  void add(dmcore::block_t block, Use use);
  // What bitmap `index` of the space map should hold: a clone never shares a block, so each that is in use
  // has one reference.
  [[nodiscard]] const CountBitmap& expected_bitmap(std::size_t index) const;

 private:
  struct Range {
    CountBitmap counts;
    // Only those whose count is 1 are initialised.
    std::array<Use, CountBitmap::entries_max> uses;
  };
  std::vector<std::unique_ptr<Range>> ranges_;
};

}  // namespace sim::metadata
