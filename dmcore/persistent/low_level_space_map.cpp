// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/low_level_space_map.h"

#include <algorithm>
#include <cstring>

#include "dmcore/persistent/btree_node.h"
#include "dmcore/persistent/space_map_bitmap.h"

namespace dmcore {

LowLevelSpaceMap::LowLevelSpaceMap(TransactionManager& transactions)
    : transactions_(transactions),
      ref_counts_(transactions, ref_count_values_),
      entries_per_block_(SpaceMapBitmap::entries_per_block(transactions.block_bytes())) {}

Status LowLevelSpaceMap::create() {
  state_ = State{};
  DMCORE_TRY_ASSIGN(BlockRef index, transactions_.new_block(space_map_index_validator()));
  state_.index_block = index.location();
  index.unlock();
  DMCORE_TRY_ASSIGN(state_.ref_count_root, ref_counts_.create_empty());
  return {};
}

Status LowLevelSpaceMap::open(std::span<const std::byte> root) {
  SpaceMapRootDisk disk;
  if (root.size() < sizeof(disk)) {
    return transactions_.log().fail(Errno::nomem, space_map_log_prefix, "sm_metadata root too small");
  }
  std::memcpy(&disk, root.data(), sizeof(disk));
  state_ = State{};
  state_.nr_blocks = disk.nr_blocks;
  state_.nr_allocated = disk.nr_allocated;
  state_.index_block = disk.bitmap_root;
  state_.ref_count_root = disk.ref_count_root;
  DMCORE_TRY_ASSIGN(BlockRef index, transactions_.read_lock(state_.index_block, space_map_index_validator()));
  state_.index = index.as<MetadataIndexDisk>();
  index.unlock();
  return {};
}

SpaceMapRootDisk LowLevelSpaceMap::root() const {
  SpaceMapRootDisk root;
  root.nr_blocks = state_.nr_blocks;
  root.nr_allocated = state_.nr_allocated;
  root.bitmap_root = state_.index_block;
  root.ref_count_root = state_.ref_count_root;
  return root;
}

Result<IndexEntryDisk> LowLevelSpaceMap::load_entry(block_t index) const {
  if (index >= max_metadata_bitmaps) return Errno::inval;
  return state_.index.index[index];
}

void LowLevelSpaceMap::save_entry(block_t index, const IndexEntryDisk& saved) {
  state_.index_changed = true;
  state_.index.index[index] = saved;
}

Status LowLevelSpaceMap::extend(block_t extra_blocks) {
  const block_t old_bitmaps = div_round_up(state_.nr_blocks, entries_per_block_);
  const block_t bitmaps = div_round_up(state_.nr_blocks + extra_blocks, entries_per_block_);
  if (bitmaps > max_metadata_bitmaps) {
    return transactions_.log().fail(Errno::inval, space_map_log_prefix, "space map too large");
  }
  // Before the new bitmaps are allocated, which may come from the new blocks.
  state_.nr_blocks += extra_blocks;
  for (block_t i = old_bitmaps; i < bitmaps; ++i) {
    DMCORE_TRY_ASSIGN(BlockRef bitmap, transactions_.new_block(space_map_bitmap_validator()));
    IndexEntryDisk entry{};
    entry.blocknr = bitmap.location();
    bitmap.unlock();
    entry.nr_free = entries_per_block_;
    save_entry(i, entry);
  }
  return {};
}

Result<std::uint32_t> LowLevelSpaceMap::lookup_bitmap(block_t block) {
  if (block >= state_.nr_blocks) {
    constexpr std::string_view beyond = "metadata block out of bounds";
    if (transactions_.log().ratelimit(beyond)) transactions_.log().err(space_map_log_prefix, "{}", beyond);
    return Errno::inval;
  }
  DMCORE_TRY_ASSIGN(const IndexEntryDisk entry, load_entry(block / entries_per_block_));
  DMCORE_TRY_ASSIGN(const BlockRef bitmap,
                    transactions_.read_lock(entry.blocknr, space_map_bitmap_validator()));
  return SpaceMapBitmap(bitmap).get(static_cast<std::uint32_t>(block % entries_per_block_));
}

Result<std::uint32_t> LowLevelSpaceMap::lookup(block_t block) {
  DMCORE_TRY_ASSIGN(const std::uint32_t count, lookup_bitmap(block));
  if (count != bitmap_count_in_tree) return count;
  DMCORE_TRY_ASSIGN(const le32 in_tree, ref_counts_.lookup<le32>(state_.ref_count_root, block));
  return in_tree;
}

Result<block_t> LowLevelSpaceMap::find_free_block(block_t begin, block_t end) {
  const block_t end_bitmap = div_round_up(end, entries_per_block_);
  auto bit = static_cast<std::uint32_t>(begin % entries_per_block_);
  for (block_t i = begin / entries_per_block_; i < end_bitmap; ++i, bit = 0) {
    DMCORE_TRY_ASSIGN(const IndexEntryDisk entry, load_entry(i));
    if (entry.nr_free == 0) continue;
    DMCORE_TRY_ASSIGN(const BlockRef bitmap,
                      transactions_.read_lock(entry.blocknr, space_map_bitmap_validator()));
    std::uint32_t end_bit = entries_per_block_;
    if (i == end_bitmap - 1 && end % entries_per_block_ != 0)
      end_bit = static_cast<std::uint32_t>(end % entries_per_block_);
    const auto free =
        SpaceMapBitmap(bitmap).find_free(std::max<std::uint32_t>(bit, entry.none_free_before), end_bit);
    if (free) return i * entries_per_block_ + *free;
  }
  return Errno::nospc;
}

Result<block_t> LowLevelSpaceMap::find_common_free_block(LowLevelSpaceMap& last, block_t begin) {
  for (;;) {
    DMCORE_TRY_ASSIGN(const block_t block, find_free_block(begin, state_.nr_blocks));
    if (block >= last.state_.nr_blocks) return block;
    DMCORE_TRY_ASSIGN(const std::uint32_t count, last.lookup(block));
    if (count == 0) return block;
    begin = block + 1;
  }
}

Status LowLevelSpaceMap::commit() {
  if (!state_.index_changed) return {};
  DMCORE_TRY_ASSIGN(auto shadow, transactions_.shadow_block(state_.index_block, space_map_index_validator()));
  shadow.block.as<MetadataIndexDisk>() = state_.index;
  state_.index_block = shadow.block.location();
  shadow.block.unlock();
  state_.index_changed = false;
  return {};
}

}  // namespace dmcore
