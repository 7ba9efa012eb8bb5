// SPDX-License-Identifier: GPL-2.0-or-later
// Which blocks of a metadata device are in use: the interface that the transaction manager uses
// (drivers/md/persistent-data/dm-space-map.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dmcore/persistent/validator.h"

namespace dmcore {

// Reference counts of blocks; a block with count 0 is free. May sleep.
class SpaceMap {
 public:
  SpaceMap() = default;
  SpaceMap(const SpaceMap&) = delete;
  SpaceMap& operator=(const SpaceMap&) = delete;
  virtual ~SpaceMap() = default;

  // Adds free blocks at the end.
  virtual Status extend(block_t extra_blocks) = 0;

  [[nodiscard]] virtual block_t nr_blocks() const = 0;
  // Blocks that were free in the last transaction and not allocated since; blocks freed in this transaction
  // count after the commit.
  [[nodiscard]] virtual block_t nr_free() const = 0;

  virtual Result<std::uint32_t> get_count(block_t block) = 0;
  // May be true for a block with one reference, but is never false for a shared one.
  virtual Result<bool> count_is_more_than_one(block_t block) = 0;

  // One reference more, or less, for each block of [begin, end).
  virtual Status inc_blocks(block_t begin, block_t end) = 0;
  virtual Status dec_blocks(block_t begin, block_t end) = 0;
  Status inc_block(block_t block) { return inc_blocks(block, block + 1); }
  Status dec_block(block_t block) { return dec_blocks(block, block + 1); }

  // Allocates a block that is free, and was in the last transaction; its count is 1 then.
  virtual Result<block_t> new_block() = 0;

  // Ends the transaction: its counts become those of the last transaction.
  virtual Status commit() = 0;

  // Copies the root, from which the map can be opened again, to the owner's superblock. Errno::nospc if `to`
  // is too small.
  virtual Status copy_root(std::span<std::byte> to) const = 0;
};

}  // namespace dmcore
