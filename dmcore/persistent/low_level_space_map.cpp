// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/low_level_space_map.h"

#include <algorithm>
#include <cstring>

#include "dmcore/persistent/btree_node.h"
#include "dmcore/persistent/space_map_bitmap.h"

namespace dmcore {

namespace {

constexpr std::string_view log_prefix = "space map common";

}  // namespace

LowLevelSpaceMap::LowLevelSpaceMap(TransactionManager& transactions)
    : transactions_(transactions),
      ref_counts_(transactions, ref_count_values_),
      entries_per_block_(SpaceMapBitmap::entries_per_block(transactions.block_bytes())) {}

Status LowLevelSpaceMap::error(std::string_view text, Status status) const {
  transactions_.log().err(log_prefix, "{}", text);
  return status;
}

Status LowLevelSpaceMap::create() {
  state_ = State{};
  BlockRef index;
  DMCORE_TRY(transactions_.new_block(space_map_index_validator(), index));
  state_.index_block = index.location();
  index.unlock();
  return ref_counts_.create_empty(state_.ref_count_root);
}

Status LowLevelSpaceMap::open(std::span<const std::byte> root) {
  SpaceMapRootDisk disk;
  if (root.size() < sizeof(disk)) return error("sm_metadata root too small", Errno::nomem);
  std::memcpy(&disk, root.data(), sizeof(disk));
  state_ = State{};
  state_.nr_blocks = disk.nr_blocks;
  state_.nr_allocated = disk.nr_allocated;
  state_.index_block = disk.bitmap_root;
  state_.ref_count_root = disk.ref_count_root;
  BlockRef index;
  DMCORE_TRY(transactions_.read_lock(state_.index_block, space_map_index_validator(), index));
  state_.index = index.as<MetadataIndexDisk>();
  index.unlock();
  return {};
}

void LowLevelSpaceMap::copy_root(SpaceMapRootDisk& root) const {
  root.nr_blocks = state_.nr_blocks;
  root.nr_allocated = state_.nr_allocated;
  root.bitmap_root = state_.index_block;
  root.ref_count_root = state_.ref_count_root;
}

Status LowLevelSpaceMap::load_entry(block_t index, IndexEntryDisk& loaded) const {
  if (index >= max_metadata_bitmaps) return Errno::inval;
  loaded = state_.index.index[index];
  return {};
}

void LowLevelSpaceMap::save_entry(block_t index, const IndexEntryDisk& saved) {
  state_.index_changed = true;
  state_.index.index[index] = saved;
}

Status LowLevelSpaceMap::extend(block_t extra_blocks) {
  const block_t old_bitmaps = div_round_up(state_.nr_blocks, entries_per_block_);
  const block_t bitmaps = div_round_up(state_.nr_blocks + extra_blocks, entries_per_block_);
  if (bitmaps > max_metadata_bitmaps) return error("space map too large", Errno::inval);
  // Before the new bitmaps are allocated, since they may come from the new part.
  state_.nr_blocks += extra_blocks;
  for (block_t i = old_bitmaps; i < bitmaps; ++i) {
    BlockRef bitmap;
    DMCORE_TRY(transactions_.new_block(space_map_bitmap_validator(), bitmap));
    IndexEntryDisk entry{};
    entry.blocknr = bitmap.location();
    bitmap.unlock();
    entry.nr_free = entries_per_block_;
    save_entry(i, entry);
  }
  return {};
}

Status LowLevelSpaceMap::lookup_bitmap(block_t block, std::uint32_t& count) {
  if (block >= state_.nr_blocks) {
    if (transactions_.log().ratelimit("metadata block out of bounds")) {
      return error("metadata block out of bounds", Errno::inval);
    }
    return Errno::inval;
  }
  IndexEntryDisk entry;
  DMCORE_TRY(load_entry(block / entries_per_block_, entry));
  BlockRef bitmap;
  DMCORE_TRY(transactions_.read_lock(entry.blocknr, space_map_bitmap_validator(), bitmap));
  count = SpaceMapBitmap(bitmap).get(static_cast<std::uint32_t>(block % entries_per_block_));
  bitmap.unlock();
  return {};
}

Status LowLevelSpaceMap::lookup(block_t block, std::uint32_t& count) {
  DMCORE_TRY(lookup_bitmap(block, count));
  if (count != bitmap_count_in_tree) return {};
  le32 in_tree;
  DMCORE_TRY(ref_counts_.lookup(state_.ref_count_root, block, reinterpret_cast<std::byte*>(&in_tree)));
  count = in_tree;
  return {};
}

Status LowLevelSpaceMap::find_free_block(block_t begin, block_t end, block_t& block) {
  const block_t end_bitmap = div_round_up(end, entries_per_block_);
  auto bit = static_cast<std::uint32_t>(begin % entries_per_block_);
  for (block_t i = begin / entries_per_block_; i < end_bitmap; ++i, bit = 0) {
    IndexEntryDisk entry;
    DMCORE_TRY(load_entry(i, entry));
    if (entry.nr_free == 0) continue;
    BlockRef bitmap;
    DMCORE_TRY(transactions_.read_lock(entry.blocknr, space_map_bitmap_validator(), bitmap));
    std::uint32_t end_bit = entries_per_block_;
    if (i == end_bitmap - 1 && end % entries_per_block_ != 0)
      end_bit = static_cast<std::uint32_t>(end % entries_per_block_);
    const auto free =
        SpaceMapBitmap(bitmap).find_free(std::max<std::uint32_t>(bit, entry.none_free_before), end_bit);
    bitmap.unlock();
    if (free) {
      block = i * entries_per_block_ + *free;
      return {};
    }
  }
  return Errno::nospc;
}

Status LowLevelSpaceMap::find_common_free_block(LowLevelSpaceMap& last, block_t begin, block_t& block) {
  for (;;) {
    DMCORE_TRY(find_free_block(begin, state_.nr_blocks, block));
    std::uint32_t count = 0;
    if (block < last.state_.nr_blocks) DMCORE_TRY(last.lookup(block, count));
    if (count == 0) return {};
    begin = block + 1;
  }
}

Status LowLevelSpaceMap::commit() {
  if (!state_.index_changed) return {};
  BlockRef index;
  bool shared = false;
  DMCORE_TRY(transactions_.shadow_block(state_.index_block, space_map_index_validator(), index, shared));
  index.as<MetadataIndexDisk>() = state_.index;
  state_.index_block = index.location();
  index.unlock();
  state_.index_changed = false;
  return {};
}

}  // namespace dmcore
