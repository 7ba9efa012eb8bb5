// SPDX-License-Identifier: GPL-2.0-or-later
// Reference counts on disk: struct ll_disk of drivers/md/persistent-data/dm-space-map-common.c, with the flat
// index of metadata space maps.
#pragma once

#include <array>

#include "dmcore/persistent/btree.h"
#include "dmcore/persistent/space_map_format.h"

namespace dmcore {

// Changing a count may allocate blocks from the space map itself: see MetadataSpaceMap, which owns two of
// these, the current transaction's and the last one's. May sleep.
class LowLevelSpaceMap {
 public:
  // The state of a transaction.
  struct State {
    block_t nr_blocks = 0;
    block_t nr_allocated = 0;
    block_t index_block = 0;
    block_t ref_count_root = 0;
    bool index_changed = false;
    MetadataIndexDisk index{};
  };

  explicit LowLevelSpaceMap(TransactionManager& transactions);
  LowLevelSpaceMap(const LowLevelSpaceMap&) = delete;
  LowLevelSpaceMap& operator=(const LowLevelSpaceMap&) = delete;

  // Creates the on-disk structures of a map without blocks.
  Status create();
  // Opens the map whose root() was stored in these bytes.
  Status open(std::span<const std::byte> root);
  [[nodiscard]] SpaceMapRootDisk root() const;
  [[nodiscard]] const State& state() const { return state_; }
  // Takes over the state of another map.
  void copy_from(const LowLevelSpaceMap& other) { state_ = other.state_; }

  Status extend(block_t extra_blocks);

  // The count in the bitmap: 3 means three or more.
  Result<std::uint32_t> lookup_bitmap(block_t block);
  Result<std::uint32_t> lookup(block_t block);

  // The first free block of [begin, end), or from `begin` on, which in the second case is free in `last` too.
  // Errno::nospc if there is none.
  Result<block_t> find_free_block(block_t begin, block_t end);
  Result<block_t> find_common_free_block(LowLevelSpaceMap& last, block_t begin);

  Status inc(block_t begin, block_t end);
  Status dec(block_t begin, block_t end);

  // Writes the index, if it changed, to a shadow of its block.
  Status commit();

 private:
  class RangeChange;

  // Errno::inval beyond the index, where the kernel reads memory behind it.
  Result<IndexEntryDisk> load_entry(block_t index) const;
  void save_entry(block_t index, const IndexEntryDisk& saved);
  Status change_range(block_t begin, block_t end, bool increment);

  TransactionManager& transactions_;
  BtreeValues ref_count_values_{sizeof(le32)};
  Btree ref_counts_;
  std::uint32_t entries_per_block_;
  State state_;
};

}  // namespace dmcore
