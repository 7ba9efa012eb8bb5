// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/btree_cursor.h"

#include "dmcore/persistent/btree_node.h"

namespace dmcore {

namespace {

constexpr std::string_view log_prefix = "btree";

}  // namespace

Status BtreeCursor::push(block_t block) {
  TransactionManager& transactions = tree_.transactions();
  if (depth_ >= max_depth - 1) {
    transactions.log().err(log_prefix, "couldn't push cursor node, stack depth too high");
    return Errno::inval;
  }
  Place& place = places_[depth_];
  DMCORE_TRY(tree_.read_node(block, place.block));
  ++depth_;
  place.index = 0;
  const BtreeNode node(place.block);
  // Children, or blocks that the values say: they will be wanted one after the other.
  for (std::uint32_t i = 0; i < node.nr_entries(); ++i) {
    transactions.blocks().prefetch(*reinterpret_cast<const le64*>(node.value(i)));
  }
  return {};
}

void BtreeCursor::pop() {
  places_[--depth_].block.unlock();
}

void BtreeCursor::end() {
  while (depth_ != 0) pop();
}

// Goes down from the node where it stands to a leaf.
Status BtreeCursor::find_leaf() {
  for (;;) {
    const Place& place = places_[depth_ - 1];
    const BtreeNode node(place.block);
    if (node.is_leaf()) return node.nr_entries() == 0 ? Status(Errno::nodata) : Status();
    if (const Status status = push(node.child(place.index)); !status.ok()) {
      tree_.transactions().log().err(log_prefix, "push_node failed");
      return status;
    }
  }
}

Status BtreeCursor::begin(block_t root) {
  Status status = push(root);
  if (status.ok()) status = find_leaf();
  if (!status.ok()) end();
  return status;
}

Status BtreeCursor::next() {
  for (;; pop()) {
    if (depth_ == 0) return Errno::nodata;
    Place& place = places_[depth_ - 1];
    if (++place.index < BtreeNode(place.block).nr_entries()) break;
  }
  const Status status = find_leaf();
  if (!status.ok()) tree_.transactions().log().err(log_prefix, "find_leaf failed");
  return status;
}

Status BtreeCursor::get(std::uint64_t& key, block_t& value) const {
  if (depth_ == 0) return Errno::nodata;
  const Place& place = places_[depth_ - 1];
  const BtreeNode node(place.block);
  if (node.is_internal()) return Errno::inval;
  key = node.key(place.index);
  value = *reinterpret_cast<const le64*>(node.value(place.index));
  return {};
}

}  // namespace dmcore
