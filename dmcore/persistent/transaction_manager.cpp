// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/transaction_manager.h"

#include <algorithm>

namespace dmcore {

namespace {

template <class Function>
void for_each_run(std::span<const le64> list, Function function) {
  for (std::size_t i = 0; i < list.size();) {
    const block_t begin = list[i];
    block_t end = begin;
    while (i < list.size() && list[i] == end) {
      ++end;
      ++i;
    }
    function(begin, end);
  }
}

}  // namespace

Status TransactionManager::pre_commit() {
  DMCORE_TRY(space_map_.commit());
  return blocks_.flush();
}

Status TransactionManager::commit(BlockRef& superblock) {
  shadows_.clear();
  superblock.unlock();
  return blocks_.flush();
}

Status TransactionManager::new_block(const BlockValidator& validator, BlockRef& locked) {
  block_t block = 0;
  DMCORE_TRY(space_map_.new_block(block));
  if (const Status status = blocks_.write_lock_zero(block, &validator, locked); !status.ok()) {
    dec(block);
    return status;
  }
  shadows_.insert(block);
  return {};
}

Status TransactionManager::copy_block(block_t original, const BlockValidator& validator, BlockRef& locked) {
  block_t block = 0;
  DMCORE_TRY(space_map_.new_block(block));
  DMCORE_TRY(space_map_.dec_block(original));
  BlockRef from;
  DMCORE_TRY(blocks_.read_lock(original, &validator, from));
  DMCORE_TRY(blocks_.write_lock_zero(block, &validator, locked));
  std::copy_n(from.data().data(), from.data().size(), locked.data().data());
  from.unlock();
  return {};
}

Status TransactionManager::shadow_block(block_t original, const BlockValidator& validator, BlockRef& locked,
                                        bool& shared) {
  DMCORE_TRY(space_map_.count_is_more_than_one(original, shared));
  if (!shared && shadows_.contains(original)) return blocks_.write_lock(original, &validator, locked);
  DMCORE_TRY(copy_block(original, validator, locked));
  shadows_.insert(locked.location());
  return {};
}

void TransactionManager::inc_each(std::span<const le64> list) {
  for_each_run(list, [this](block_t begin, block_t end) { inc_range(begin, end); });
}

void TransactionManager::dec_each(std::span<const le64> list) {
  for_each_run(list, [this](block_t begin, block_t end) { dec_range(begin, end); });
}

}  // namespace dmcore
