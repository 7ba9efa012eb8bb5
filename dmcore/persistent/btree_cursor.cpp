// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/btree_cursor.h"

#include "dmcore/persistent/btree_node.h"

namespace dmcore {

Status BtreeCursor::push(block_t block) {
  TransactionManager& transactions = tree_.transactions();
  if (depth_ >= max_depth - 1) {
    return transactions.log().fail(Errno::inval, btree_log_prefix,
                                   "couldn't push cursor node, stack depth too high");
  }
  Place& place = places_[depth_];
  DMCORE_TRY_ASSIGN(place.block, tree_.read_node(block));
  ++depth_;
  place.index = 0;
  const BtreeNode node(place.block);
  // Children or, in a leaf, values, which are blocks: all of them will be read.
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

// Descends from the current node to a leaf.
Status BtreeCursor::find_leaf() {
  for (;;) {
    const Place& place = places_[depth_ - 1];
    const BtreeNode node(place.block);
    if (node.is_leaf()) return node.nr_entries() == 0 ? Status(Errno::nodata) : Status();
    DMCORE_TRY(tree_.transactions().log().explain(push(node.child(place.index)), btree_log_prefix,
                                                  "push_node failed"));
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
  return tree_.transactions().log().explain(find_leaf(), btree_log_prefix, "find_leaf failed");
}

Result<Btree::Entry<block_t>> BtreeCursor::get() const {
  if (depth_ == 0) return Errno::nodata;
  const Place& place = places_[depth_ - 1];
  const BtreeNode node(place.block);
  if (node.is_internal()) return Errno::inval;
  const block_t value = *reinterpret_cast<const le64*>(node.value(place.index));
  return Btree::Entry<block_t>{node.key(place.index), value};
}

}  // namespace dmcore
