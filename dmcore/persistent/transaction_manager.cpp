// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/transaction_manager.h"

#include <algorithm>

namespace dmcore {

Status TransactionManager::pre_commit() {
  DMCORE_TRY(space_map_.commit());
  if (blocks_.defects().on(Defect::superblock_with_blocks)) return {};
  return blocks_.flush();
}

Status TransactionManager::commit(BlockRef superblock) {
  shadows_.clear();
  superblock.unlock();
  return blocks_.flush();
}

Result<BlockRef> TransactionManager::new_block(const BlockValidator& validator) {
  DMCORE_TRY_ASSIGN(const block_t block, space_map_.new_block());
  Result<BlockRef> locked = blocks_.write_lock_zero(block, &validator);
  if (locked.ok()) {
    shadows_.insert(block);
  } else {
    dec(block);
  }
  return locked;
}

Result<BlockRef> TransactionManager::copy_block(block_t original, const BlockValidator& validator) {
  DMCORE_TRY_ASSIGN(const block_t block, space_map_.new_block());
  DMCORE_TRY(space_map_.dec_block(original));
  DMCORE_TRY_ASSIGN(BlockRef from, blocks_.read_lock(original, &validator));
  DMCORE_TRY_ASSIGN(BlockRef copy, blocks_.write_lock_zero(block, &validator));
  std::copy_n(from.data().data(), from.data().size(), copy.data().data());
  from.unlock();
  return copy;
}

Result<TransactionManager::Shadow> TransactionManager::shadow_block(block_t original,
                                                                    const BlockValidator& validator) {
  DMCORE_TRY_ASSIGN(const bool shared, space_map_.count_is_more_than_one(original));
  if (!shared && shadows_.contains(original)) {
    DMCORE_TRY_ASSIGN(BlockRef block, blocks_.write_lock(original, &validator));
    return Shadow{std::move(block), false};
  }
  DMCORE_TRY_ASSIGN(BlockRef copy, copy_block(original, validator));
  shadows_.insert(copy.location());
  return Shadow{std::move(copy), shared};
}

void TransactionManager::inc_each(std::span<const le64> list) {
  for (std::size_t i = 0; i < list.size();) {
    const block_t begin = list[i];
    block_t end = begin;
    for (; i < list.size() && list[i] == end; ++i) ++end;
    inc_range(begin, end);
  }
}

}  // namespace dmcore
