// SPDX-License-Identifier: GPL-2.0-or-later
// Who uses which block of the metadata device: the interface that the transaction manager sees
// (drivers/md/persistent-data/dm-space-map.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dmcore/persistent/validator.h"

namespace dmcore {

// Reference counts of blocks. A block with count 0 is free. May sleep.
class SpaceMap {
 public:
  SpaceMap() = default;
  SpaceMap(const SpaceMap&) = delete;
  SpaceMap& operator=(const SpaceMap&) = delete;
  virtual ~SpaceMap() = default;

  // Makes the device larger by so many blocks, all free.
  virtual Status extend(block_t extra_blocks) = 0;

  [[nodiscard]] virtual block_t nr_blocks() const = 0;
  // Free in the last transaction, and not taken since: what is freed counts from the next commit on.
  [[nodiscard]] virtual block_t nr_free() const = 0;

  virtual Result<std::uint32_t> get_count(block_t block) = 0;
  // May say true of a block with one reference, never false of a shared one.
  virtual Result<bool> count_is_more_than_one(block_t block) = 0;

  // One reference more, or less, for each block of [begin, end).
  virtual Status inc_blocks(block_t begin, block_t end) = 0;
  virtual Status dec_blocks(block_t begin, block_t end) = 0;
  Status inc_block(block_t block) { return inc_blocks(block, block + 1); }
  Status dec_block(block_t block) { return dec_blocks(block, block + 1); }

  // Takes a block that is free, and was in the last transaction, and gives it one reference.
  virtual Result<block_t> new_block() = 0;

  // Makes the counts so far the last transaction's.
  virtual Status commit() = 0;

  // Stores what open() needs to find everything again: kept in the owner's superblock. Errno::nospc if there
  // is no room.
  virtual Status copy_root(std::span<std::byte> to) const = 0;
};

}  // namespace dmcore
