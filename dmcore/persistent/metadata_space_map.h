// SPDX-License-Identifier: GPL-2.0-or-later
// The space map of a metadata device, which is stored on the device that it manages
// (drivers/md/persistent-data/dm-space-map-metadata.c).
//
// Changing a count may shadow a bitmap or a tree node, which allocates a block and so changes another count.
// Changes that arise during a change are therefore deferred in a ring and applied after it; get_count()
// includes them. While the map is created or extended ("bootstrapping"), blocks are allocated sequentially
// from its end, and counted at the end.
#pragma once

#include "dmcore/persistent/block_op_ring.h"
#include "dmcore/persistent/low_level_space_map.h"
#include "dmcore/persistent/space_map.h"

namespace dmcore {

class MetadataSpaceMap final : public SpaceMap {
 public:
  // DM_SM_METADATA_BLOCK_SIZE, in sectors.
  static constexpr sector_t block_sectors = 4096 >> sector_shift;
  // DM_SM_METADATA_MAX_BLOCKS: the blocks of an index block's 255 bitmaps.
  static constexpr block_t max_blocks = max_metadata_bitmaps * ((block_t{1} << 14) - 64);

  explicit MetadataSpaceMap(BlockManager& blocks);

  // The transaction manager of this map, which the map itself uses too.
  [[nodiscard]] TransactionManager& transactions() { return transactions_; }

  // dm_sm_metadata_create(): a new map for a device of `nr_blocks` blocks, of which those up to `superblock`,
  // inclusively, are in use.
  Status create(block_t nr_blocks, block_t superblock);
  // dm_sm_metadata_open(): opens the map whose root copy_root() stored.
  Status open(std::span<const std::byte> root);

  Status extend(block_t extra_blocks) override;
  [[nodiscard]] block_t nr_blocks() const override { return current_.state().nr_blocks; }
  [[nodiscard]] block_t nr_free() const override;
  Result<std::uint32_t> get_count(block_t block) override;
  Result<bool> count_is_more_than_one(block_t block) override;
  Status inc_blocks(block_t begin, block_t end) override { return change({true, begin, end}); }
  Status dec_blocks(block_t begin, block_t end) override { return change({false, begin, end}); }
  Result<block_t> new_block() override;
  Status commit() override;
  Status copy_root(std::span<std::byte> to) const override;

 private:
  void reset(block_t begin);
  Status create_structures(block_t nr_blocks, block_t superblock);
  Status change(const BlockOp& op, block_t* counter = nullptr);
  Status apply(const BlockOp& op);
  Status postpone(const BlockOp& op);
  Status apply_waiting();
  Result<block_t> find_free();
  Result<block_t> take_block();
  Status extend_bootstrapping(block_t extra_blocks);

  TransactionManager transactions_;
  LowLevelSpaceMap current_;
  LowLevelSpaceMap last_;  // as of the last commit
  bool bootstrapping_ = false;
  // Where the search for a free block starts. While bootstrapping: the next block to allocate.
  block_t begin_ = 0;
  block_t allocated_this_transaction_ = 0;
  bool changing_ = false;
  BlockOpRing waiting_;
};

}  // namespace dmcore
