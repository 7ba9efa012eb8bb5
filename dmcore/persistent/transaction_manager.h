// SPDX-License-Identifier: GPL-2.0-or-later
// Copy on write: no block of the last transaction is overwritten before the next one is committed
// (drivers/md/persistent-data/dm-transaction-manager.c).
//
// A block is changed in a copy, its shadow, so the block that refers to it changes too, up to a root. All
// blocks of a transaction but the superblock are therefore new, and writing the superblock commits it. A
// block is shadowed once in a transaction: the shadow table records this.
#pragma once

#include <span>
#include <unordered_set>

#include "dmcore/persistent/block_manager.h"
#include "dmcore/persistent/endian.h"
#include "dmcore/persistent/space_map.h"

namespace dmcore {

// May sleep. The owner serialises changes.
class TransactionManager {
 public:
  TransactionManager(BlockManager& blocks, SpaceMap& space_map) : blocks_(blocks), space_map_(space_map) {}
  TransactionManager(const TransactionManager&) = delete;
  TransactionManager& operator=(const TransactionManager&) = delete;

  // The first phase of a commit: writes everything but the superblock.
  Status pre_commit();
  // The second phase: unlocks the superblock, which the caller has changed, and writes it. A new transaction
  // begins.
  Status commit(BlockRef superblock);

  // Allocates a block, zeroed and write-locked.
  Result<BlockRef> new_block(const BlockValidator& validator);
  // Write-locks a block that may be changed: `original` itself if it belongs to this transaction, else a
  // copy, and then the original loses a reference. The caller updates the reference to it.
  struct Shadow {
    BlockRef block;
    bool shared;  // the original has other references, so that its children have one more reference now
  };
  Result<Shadow> shadow_block(block_t original, const BlockValidator& validator);
  Result<BlockRef> read_lock(block_t block, const BlockValidator& validator) {
    return blocks_.read_lock(block, &validator);
  }

  // Reference counts. Errors are not returned, as in the kernel; the space map logs them.
  void inc(block_t block) { inc_range(block, block + 1); }
  void inc_range(block_t begin, block_t end) { space_map_.inc_blocks(begin, end).ignore(); }
  void dec(block_t block) { dec_range(block, block + 1); }
  void dec_range(block_t begin, block_t end) { space_map_.dec_blocks(begin, end).ignore(); }
  // inc() for a list of blocks; consecutive ones are combined.
  void inc_each(std::span<const le64> list);

  Result<std::uint32_t> count(block_t block) { return space_map_.get_count(block); }
  Result<bool> block_is_shared(block_t block) { return space_map_.count_is_more_than_one(block); }

  [[nodiscard]] BlockManager& blocks() { return blocks_; }
  [[nodiscard]] KernelLog& log() { return blocks_.log(); }
  [[nodiscard]] std::uint32_t block_bytes() const { return blocks_.block_bytes(); }

 private:
  Result<BlockRef> copy_block(block_t original, const BlockValidator& validator);

  BlockManager& blocks_;
  SpaceMap& space_map_;
  // Blocks allocated in this transaction. Never iterated over, so that its order does not matter.
  std::unordered_set<block_t> shadows_;
};

}  // namespace dmcore
