// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/metadata/used_blocks.h"

#include "dmcore/kernel/types.h"

namespace sim::metadata {

using dmcore::block_t;

namespace {

std::size_t range_of(block_t block) {
  return block / CountBitmap::entries_max;
}

std::uint32_t entry_of(block_t block) {
  return static_cast<std::uint32_t>(block % CountBitmap::entries_max);
}

}  // namespace

UsedBlocks::UsedBlocks(block_t blocks) : ranges_(dmcore::div_round_up(blocks, CountBitmap::entries_max)) {}

Use UsedBlocks::use_of(block_t block) const {
  const auto& range = ranges_[range_of(block)];
  if (!range || range->counts.at(entry_of(block)) == 0) return Use::none;
  return range->uses[entry_of(block)];
}

void UsedBlocks::add(block_t block, Use use) {
  auto& range = ranges_[range_of(block)];
  // The counts have an initializer of their own; the uses need none.
  if (!range) range = std::make_unique_for_overwrite<Range>();
  range->counts.set_to_one(entry_of(block));
  range->uses[entry_of(block)] = use;
}

const CountBitmap& UsedBlocks::expected_bitmap(std::size_t index) const {
  static const CountBitmap nothing;
  return ranges_[index] ? ranges_[index]->counts : nothing;
}

}  // namespace sim::metadata
