// SPDX-License-Identifier: GPL-2.0-or-later
// Copy on write: no block of the last transaction is changed before the next one is committed
// (drivers/md/persistent-data/dm-transaction-manager.c).
//
// A change to a block goes to a copy, its shadow, and the block that points to it has to be changed too, up
// to a root. So all blocks of a transaction are new but the superblock, and writing that is what commits. A
// block is copied once in a transaction: the shadow table remembers.
#pragma once

#include <span>
#include <unordered_set>

#include "dmcore/persistent/block_manager.h"
#include "dmcore/persistent/endian.h"
#include "dmcore/persistent/space_map.h"

namespace dmcore {

// May sleep. One task at a time changes things: the owner sees to that.
class TransactionManager {
 public:
  TransactionManager(BlockManager& blocks, SpaceMap& space_map) : blocks_(blocks), space_map_(space_map) {}
  TransactionManager(const TransactionManager&) = delete;
  TransactionManager& operator=(const TransactionManager&) = delete;

  // Writes everything but the superblock: the first phase of a commit.
  Status pre_commit();
  // Unlocks the superblock, which the caller has changed, and writes it: the second phase. A new transaction
  // begins.
  Status commit(BlockRef superblock);

  // A new block, all zero, write-locked.
  Result<BlockRef> new_block(const BlockValidator& validator);
  // Write-locks a block that may be changed in the place of `original`, which loses one reference if the
  // block is a copy. The caller must make whoever referred to the original refer to the result.
  struct Shadow {
    BlockRef block;
    bool shared;  // the original has another referrer: what it refers to has one referrer more now
  };
  Result<Shadow> shadow_block(block_t original, const BlockValidator& validator);
  Result<BlockRef> read_lock(block_t block, const BlockValidator& validator) {
    return blocks_.read_lock(block, &validator);
  }

  // References. That they fail is not reported, as in the kernel: the space map logs it, and the next commit
  // fails.
  void inc(block_t block) { inc_range(block, block + 1); }
  void inc_range(block_t begin, block_t end) { space_map_.inc_blocks(begin, end).ignore(); }
  void dec(block_t block) { dec_range(block, block + 1); }
  void dec_range(block_t begin, block_t end) { space_map_.dec_blocks(begin, end).ignore(); }
  // inc() for a list of blocks, which is cut into runs of successive ones.
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
  // Blocks that were made in this transaction. Only ever looked up, so that it has no order does not matter.
  std::unordered_set<block_t> shadows_;
};

}  // namespace dmcore
