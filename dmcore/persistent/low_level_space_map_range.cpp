// SPDX-License-Identifier: GPL-2.0-or-later
// Changing the reference counts of a range of blocks: sm_ll_inc() and sm_ll_dec() of
// drivers/md/persistent-data/dm-space-map-common.c.
#include <algorithm>

#include "dmcore/persistent/btree_node.h"
#include "dmcore/persistent/low_level_space_map.h"
#include "dmcore/persistent/space_map_bitmap.h"

namespace dmcore {

// One more reference, or one less, for blocks that one bitmap knows. Two blocks may be locked meanwhile: the
// bitmap, and the leaf of the reference count tree that was used last. Both are let go before the tree is
// changed, which may take blocks and so come back to the bitmap.
class LowLevelSpaceMap::RangeChange {
 public:
  explicit RangeChange(LowLevelSpaceMap& map)
      : map_(map), transactions_(map.transactions_), state_(map.state_) {}
  RangeChange(const RangeChange&) = delete;
  RangeChange& operator=(const RangeChange&) = delete;

  // Begins at block `begin`, and goes on to `end` or to the end of the bitmap: `begin` says how far.
  Status run(block_t& begin, block_t end, bool increment);

 private:
  void unlock() {
    bitmap_.unlock();
    leaf_.unlock();
  }
  Status shadow_bitmap();
  Status relock_bitmap();
  Status increment(block_t block, std::uint32_t bit);
  Status decrement(block_t block, std::uint32_t bit);
  Status find_in_tree(block_t block, int& index);
  Status increment_in_tree(block_t block);
  Status decrement_in_tree(block_t block, std::uint32_t& old_count);
  [[nodiscard]] le32& count_at(int index) {
    return *reinterpret_cast<le32*>(BtreeNode(leaf_).value(static_cast<std::uint32_t>(index)));
  }

  LowLevelSpaceMap& map_;
  TransactionManager& transactions_;
  State& state_;
  IndexEntryDisk entry_{};
  BlockRef bitmap_;
  BlockRef leaf_;
};

Status LowLevelSpaceMap::RangeChange::run(block_t& begin, block_t end, bool increments) {
  const std::uint32_t per_block = map_.entries_per_block_;
  const block_t index = begin / per_block;
  auto bit = static_cast<std::uint32_t>(begin % per_block);
  DMCORE_TRY(map_.load_entry(index, entry_));
  DMCORE_TRY(shadow_bitmap());
  const auto end_bit = static_cast<std::uint32_t>(std::min<block_t>(bit + (end - begin), per_block));
  Status status;
  for (; bit != end_bit && status.ok(); ++bit, ++begin) {
    status = relock_bitmap();
    if (status.ok()) status = increments ? increment(begin, bit) : decrement(begin, bit);
  }
  unlock();
  if (status.ok()) map_.save_entry(index, entry_);
  return status;
}

Status LowLevelSpaceMap::RangeChange::shadow_bitmap() {
  bool shared = false;
  const Status status =
      transactions_.shadow_block(entry_.blocknr, space_map_bitmap_validator(), bitmap_, shared);
  if (!status.ok()) return map_.error("dm_tm_shadow_block() failed", status);
  entry_.blocknr = bitmap_.location();
  return {};
}

// It is a shadow by now, so a plain lock will do.
Status LowLevelSpaceMap::RangeChange::relock_bitmap() {
  if (bitmap_) return {};
  const Status status =
      transactions_.blocks().write_lock(entry_.blocknr, &space_map_bitmap_validator(), bitmap_);
  return status.ok() ? status : map_.error("unable to re-get write lock for bitmap", status);
}

Status LowLevelSpaceMap::RangeChange::increment(block_t block, std::uint32_t bit) {
  SpaceMapBitmap bitmap(bitmap_);
  switch (bitmap.get(bit)) {
    case 0:
      bitmap.set(bit, 1);
      ++state_.nr_allocated;
      entry_.nr_free -= 1;
      if (entry_.none_free_before == bit) entry_.none_free_before = bit + 1;
      return {};
    case 1:
      bitmap.set(bit, 2);
      return {};
    case 2: {
      bitmap.set(bit, bitmap_count_in_tree);
      unlock();
      const le32 count(bitmap_count_in_tree);
      const Status status =
          map_.ref_counts_.insert(state_.ref_count_root, block, reinterpret_cast<const std::byte*>(&count));
      return status.ok() ? status : map_.error("ref count insert failed", status);
    }
    default:
      return increment_in_tree(block);
  }
}

Status LowLevelSpaceMap::RangeChange::decrement(block_t block, std::uint32_t bit) {
  SpaceMapBitmap bitmap(bitmap_);
  switch (bitmap.get(bit)) {
    case 0:
      return map_.error("unable to decrement block", Errno::inval);
    case 1:
      bitmap.set(bit, 0);
      --state_.nr_allocated;
      entry_.nr_free += 1;
      entry_.none_free_before = std::min<std::uint32_t>(entry_.none_free_before, bit);
      return {};
    case 2:
      bitmap.set(bit, 1);
      return {};
    default:
      break;
  }
  std::uint32_t old_count = 0;
  DMCORE_TRY(decrement_in_tree(block, old_count));
  if (old_count == bitmap_count_in_tree) {
    DMCORE_TRY(relock_bitmap());
    SpaceMapBitmap(bitmap_).set(bit, 2);
  }
  return {};
}

// Locks the leaf with the count of a block, shadowed, if it is not the one that is locked already.
Status LowLevelSpaceMap::RangeChange::find_in_tree(block_t block, int& index) {
  if (leaf_) {
    const BtreeNode leaf(leaf_);
    index = leaf.lower_bound(block);
    if (leaf.holds(index, block)) return {};
  }
  unlock();
  return map_.ref_counts_.overwrite_leaf(state_.ref_count_root, block, leaf_, index);
}

Status LowLevelSpaceMap::RangeChange::increment_in_tree(block_t block) {
  int index = 0;
  DMCORE_TRY(find_in_tree(block, index));
  count_at(index) += 1;
  return {};
}

Status LowLevelSpaceMap::RangeChange::decrement_in_tree(block_t block, std::uint32_t& old_count) {
  int index = 0;
  DMCORE_TRY(find_in_tree(block, index));
  old_count = count_at(index);
  if (old_count > bitmap_count_in_tree) {
    count_at(index) -= 1;
    return {};
  }
  unlock();
  return map_.ref_counts_.remove(state_.ref_count_root, block);
}

Status LowLevelSpaceMap::change_range(block_t begin, block_t end, bool increment) {
  while (begin != end) DMCORE_TRY(RangeChange(*this).run(begin, end, increment));
  return {};
}

Status LowLevelSpaceMap::inc(block_t begin, block_t end) {
  return change_range(begin, end, true);
}

Status LowLevelSpaceMap::dec(block_t begin, block_t end) {
  return change_range(begin, end, false);
}

}  // namespace dmcore
