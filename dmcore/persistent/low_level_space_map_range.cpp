// SPDX-License-Identifier: GPL-2.0-or-later
// Changes of the reference counts of a range of blocks: sm_ll_inc() and sm_ll_dec() of
// drivers/md/persistent-data/dm-space-map-common.c.
#include <algorithm>

#include "dmcore/persistent/btree_node.h"
#include "dmcore/persistent/low_level_space_map.h"
#include "dmcore/persistent/space_map_bitmap.h"

namespace dmcore {

// One reference more, or less, for blocks of one bitmap. Up to two blocks are locked meanwhile: the bitmap,
// and the leaf of the reference count tree that was used last. Both are unlocked before the tree changes
// shape, which may allocate blocks and so need the bitmap.
class LowLevelSpaceMap::RangeChange {
 public:
  explicit RangeChange(LowLevelSpaceMap& map)
      : map_(map), transactions_(map.transactions_), state_(map.state_) {}
  RangeChange(const RangeChange&) = delete;
  RangeChange& operator=(const RangeChange&) = delete;

  // Changes the blocks from `begin` to `end` or to the end of the bitmap; returns how far.
  Result<block_t> run(block_t begin, block_t end, bool increment);

 private:
  void unlock() {
    bitmap_.unlock();
    leaf_.unlock();
  }
  Status shadow_bitmap();
  Status relock_bitmap();
  Status increment(block_t block, std::uint32_t bit);
  Status decrement(block_t block, std::uint32_t bit);
  Result<le32*> find_in_tree(block_t block);
  Status increment_in_tree(block_t block);
  Result<std::uint32_t> decrement_in_tree(block_t block);
  [[nodiscard]] KernelLog& log() { return transactions_.log(); }

  LowLevelSpaceMap& map_;
  TransactionManager& transactions_;
  State& state_;
  IndexEntryDisk entry_{};
  BlockRef bitmap_;
  BlockRef leaf_;
};

Result<block_t> LowLevelSpaceMap::RangeChange::run(block_t begin, block_t end, bool increments) {
  const std::uint32_t per_block = map_.entries_per_block_;
  const block_t index = begin / per_block;
  auto bit = static_cast<std::uint32_t>(begin % per_block);
  DMCORE_TRY_ASSIGN(entry_, map_.load_entry(index));
  DMCORE_TRY(shadow_bitmap());
  const auto end_bit = static_cast<std::uint32_t>(std::min<block_t>(bit + (end - begin), per_block));
  Status status;
  for (; bit != end_bit && status.ok(); ++bit, ++begin) {
    status = relock_bitmap();
    if (status.ok()) status = increments ? increment(begin, bit) : decrement(begin, bit);
  }
  unlock();
  DMCORE_TRY(status);
  map_.save_entry(index, entry_);
  return begin;
}

Status LowLevelSpaceMap::RangeChange::shadow_bitmap() {
  DMCORE_TRY_ASSIGN(auto shadow,
                    log().explain(transactions_.shadow_block(entry_.blocknr, space_map_bitmap_validator()),
                                  space_map_log_prefix, "dm_tm_shadow_block() failed"));
  bitmap_ = std::move(shadow.block);
  entry_.blocknr = bitmap_.location();
  return {};
}

// The bitmap is a shadow already, so it only needs to be locked.
Status LowLevelSpaceMap::RangeChange::relock_bitmap() {
  if (bitmap_) return {};
  DMCORE_TRY_ASSIGN(
      bitmap_, log().explain(transactions_.blocks().write_lock(entry_.blocknr, &space_map_bitmap_validator()),
                             space_map_log_prefix, "unable to re-get write lock for bitmap"));
  return {};
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
      return log().explain(map_.ref_counts_.insert(state_.ref_count_root, block, le32(bitmap_count_in_tree)),
                           space_map_log_prefix, "ref count insert failed");
    }
    default:
      return increment_in_tree(block);
  }
}

Status LowLevelSpaceMap::RangeChange::decrement(block_t block, std::uint32_t bit) {
  SpaceMapBitmap bitmap(bitmap_);
  switch (bitmap.get(bit)) {
    case 0:
      return log().fail(Errno::inval, space_map_log_prefix, "unable to decrement block");
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
  DMCORE_TRY_ASSIGN(const std::uint32_t old_count, decrement_in_tree(block));
  if (old_count == bitmap_count_in_tree) {
    DMCORE_TRY(relock_bitmap());
    SpaceMapBitmap(bitmap_).set(bit, 2);
  }
  return {};
}

// The count of a block in the tree. Its leaf stays locked, as a shadow.
Result<le32*> LowLevelSpaceMap::RangeChange::find_in_tree(block_t block) {
  const auto count_at = [this](int index) {
    return reinterpret_cast<le32*>(BtreeNode(leaf_).value(static_cast<std::uint32_t>(index)));
  };
  if (leaf_) {
    const BtreeNode leaf(leaf_);
    const int index = leaf.lower_bound(block);
    if (leaf.holds(index, block)) return count_at(index);
  }
  unlock();
  DMCORE_TRY_ASSIGN(auto found, map_.ref_counts_.overwrite_leaf(state_.ref_count_root, block));
  leaf_ = std::move(found.leaf);
  return count_at(found.index);
}

Status LowLevelSpaceMap::RangeChange::increment_in_tree(block_t block) {
  DMCORE_TRY_ASSIGN(le32* const count, find_in_tree(block));
  *count += 1;
  return {};
}

// Returns the old count.
Result<std::uint32_t> LowLevelSpaceMap::RangeChange::decrement_in_tree(block_t block) {
  DMCORE_TRY_ASSIGN(le32* const count, find_in_tree(block));
  const std::uint32_t old_count = *count;
  if (old_count > bitmap_count_in_tree) {
    *count -= 1;
    return old_count;
  }
  unlock();
  DMCORE_TRY(map_.ref_counts_.remove(state_.ref_count_root, block));
  return old_count;
}

Status LowLevelSpaceMap::change_range(block_t begin, block_t end, bool increment) {
  while (begin != end) {
    DMCORE_TRY_ASSIGN(begin, RangeChange(*this).run(begin, end, increment));
  }
  return {};
}

Status LowLevelSpaceMap::inc(block_t begin, block_t end) {
  return change_range(begin, end, true);
}

Status LowLevelSpaceMap::dec(block_t begin, block_t end) {
  return change_range(begin, end, false);
}

}  // namespace dmcore
