// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/metadata_space_map.h"

#include <algorithm>
#include <cstring>

namespace dmcore {

namespace {

constexpr std::string_view log_prefix = "space map metadata";
// DM_MSG_PREFIX of dm-transaction-manager.c, where dm_tm_create_with_sm() and dm_tm_open_with_sm() are.
constexpr std::string_view transactions_log_prefix = "transaction manager";

}  // namespace

MetadataSpaceMap::MetadataSpaceMap(BlockManager& blocks)
    : transactions_(blocks, *this), current_(transactions_), last_(transactions_) {}

void MetadataSpaceMap::reset(block_t begin) {
  begin_ = begin;
  allocated_this_transaction_ = 0;
  changing_ = false;
  waiting_.clear();
}

Status MetadataSpaceMap::create(block_t nr_blocks, block_t superblock) {
  return transactions_.log().explain(create_structures(nr_blocks, superblock), transactions_log_prefix,
                                     "couldn't create metadata space map");
}

Status MetadataSpaceMap::create_structures(block_t nr_blocks, block_t superblock) {
  reset(superblock + 1);
  bootstrapping_ = true;
  Status status = current_.create();
  if (status.ok()) status = current_.extend(std::min(nr_blocks, max_blocks));
  bootstrapping_ = false;
  DMCORE_TRY(status);
  // The blocks of which the map itself consists are not counted yet.
  DMCORE_TRY(postpone({true, superblock, begin_}));
  DMCORE_TRY(
      transactions_.log().explain(apply_waiting(), log_prefix, "dm_sm_metadata_create: apply_bops failed"));
  return commit();
}

Status MetadataSpaceMap::open(std::span<const std::byte> root) {
  DMCORE_TRY(transactions_.log().explain(current_.open(root), transactions_log_prefix,
                                         "couldn't open metadata space map"));
  reset(0);
  last_.copy_from(current_);
  return {};
}

Status MetadataSpaceMap::extend(block_t extra_blocks) {
  bootstrapping_ = true;
  const Status status = extend_bootstrapping(extra_blocks);
  bootstrapping_ = false;
  return status;
}

// Counting the blocks that were allocated may allocate more: repeated until it does not.
Status MetadataSpaceMap::extend_bootstrapping(block_t extra_blocks) {
  block_t counted = current_.state().nr_blocks;
  begin_ = counted;
  DMCORE_TRY(current_.extend(extra_blocks));
  do {
    DMCORE_TRY(postpone({true, counted, begin_}));
    counted = begin_;
    DMCORE_TRY(
        transactions_.log().explain(apply_waiting(), log_prefix, "sm_metadata_extend: apply_bops failed"));
    DMCORE_TRY(current_.commit());
  } while (counted != begin_);
  return {};
}

block_t MetadataSpaceMap::nr_free() const {
  if (bootstrapping_) return current_.state().nr_blocks - begin_;
  return last_.state().nr_blocks - last_.state().nr_allocated - allocated_this_transaction_;
}

Result<std::uint32_t> MetadataSpaceMap::get_count(block_t block) {
  if (bootstrapping_) return block < begin_ ? 1 : 0;
  const int adjustment = waiting_.adjustment(block);
  DMCORE_TRY_ASSIGN(const std::uint32_t count, current_.lookup(block));
  return count + static_cast<std::uint32_t>(adjustment);
}

Result<bool> MetadataSpaceMap::count_is_more_than_one(block_t block) {
  if (bootstrapping_) return false;
  const int adjustment = waiting_.adjustment(block);
  if (adjustment > 1) return true;
  DMCORE_TRY_ASSIGN(const std::uint32_t count, current_.lookup_bitmap(block));
  // Without looking up the exact count in the tree: the answer may be true for a block that is not shared.
  return count == bitmap_count_in_tree || static_cast<int>(count) + adjustment > 1;
}

Status MetadataSpaceMap::postpone(const BlockOp& op) {
  if (waiting_.push(op)) return {};
  return transactions_.log().fail(Errno::nomem, log_prefix, "too many recursive allocations");
}

Status MetadataSpaceMap::apply(const BlockOp& op) {
  return op.increment ? current_.inc(op.begin, op.end) : current_.dec(op.begin, op.end);
}

Status MetadataSpaceMap::apply_waiting() {
  while (!waiting_.empty()) {
    // As in the kernel, it stays in the ring while it is applied, so get_count() counts it twice meanwhile.
    const BlockOp op = waiting_.front();
    DMCORE_TRY(apply(op));
    waiting_.pop();
  }
  return {};
}

// Increments `counter`, if any, once the change itself has been applied or deferred.
Status MetadataSpaceMap::change(const BlockOp& op, block_t* counter) {
  if (bootstrapping_ || changing_) {
    DMCORE_TRY(postpone(op));
    if (counter != nullptr) ++*counter;
    return {};
  }
  changing_ = true;
  const Status status = apply(op);
  const Status waiting = apply_waiting();
  if (status.ok() && counter != nullptr) ++*counter;
  changing_ = false;
  return status.ok() ? waiting : status;
}

// A block that neither this transaction nor the last one uses.
Result<block_t> MetadataSpaceMap::find_free() {
  if (transactions_.blocks().defects().on(Defect::freed_block_reused))
    return current_.find_free_block(0, current_.state().nr_blocks);
  Result<block_t> found = current_.find_common_free_block(last_, begin_);
  // Blocks freed in earlier transactions may be before that.
  if (!found.ok() && found.error() == Errno::nospc) found = current_.find_common_free_block(last_, 0);
  return found;
}

Result<block_t> MetadataSpaceMap::take_block() {
  if (bootstrapping_) {
    if (begin_ == current_.state().nr_blocks) return Errno::nospc;
    return begin_++;
  }
  DMCORE_TRY_ASSIGN(const block_t block, find_free());
  begin_ = block + 1;
  DMCORE_TRY(change({true, block, block + 1}, &allocated_this_transaction_));
  return block;
}

Result<block_t> MetadataSpaceMap::new_block() {
  const Result<block_t> block = take_block();
  constexpr std::string_view failed = "unable to allocate new metadata block";
  if (!block.ok() && !bootstrapping_ && transactions_.log().ratelimit(failed)) {
    transactions_.log().err(log_prefix, "{}", failed);
  }
  return block;
}

Status MetadataSpaceMap::commit() {
  if (bootstrapping_) return {};
  DMCORE_TRY(current_.commit());
  last_.copy_from(current_);
  allocated_this_transaction_ = 0;
  return {};
}

Status MetadataSpaceMap::copy_root(std::span<std::byte> to) const {
  const SpaceMapRootDisk root = current_.root();
  if (to.size() < sizeof(root)) return Errno::nospc;
  std::memcpy(to.data(), &root, sizeof(root));
  return {};
}

}  // namespace dmcore
