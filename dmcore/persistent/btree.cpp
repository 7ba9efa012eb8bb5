// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/btree.h"

#include <algorithm>

#include "dmcore/persistent/btree_spine.h"

namespace dmcore {

// The kernel lacks this check, and accesses memory beyond the block.
Result<BlockRef> Btree::with_room(BlockRef block) const {
  const BtreeNode node(block);
  if (!node.has_room_for_values_of(node.is_internal() ? sizeof(le64) : values_.size())) return Errno::ilseq;
  return block;
}

Result<BlockRef> Btree::read_node(block_t block) {
  DMCORE_TRY_ASSIGN(BlockRef node, transactions_.read_lock(block, btree_node_validator()));
  return with_room(std::move(node));
}

void Btree::inc_children(const BtreeNode& node) {
  if (node.is_internal()) {
    transactions_.inc_each(node.children());
  } else {
    values_.inc(node.value(0), node.nr_entries());
  }
}

Result<BlockRef> Btree::shadow_node(block_t block) {
  DMCORE_TRY_ASSIGN(auto shadow, transactions_.shadow_block(block, btree_node_validator()));
  DMCORE_TRY_ASSIGN(BlockRef node, with_room(std::move(shadow.block)));
  if (shadow.shared) inc_children(BtreeNode(node));
  return node;
}

Result<BlockRef> Btree::shadow_child(BtreeNode parent, std::uint32_t index) {
  DMCORE_TRY_ASSIGN(BlockRef child, shadow_node(parent.child(index)));
  parent.set_child(index, child.location());
  return child;
}

Result<block_t> Btree::create_empty() {
  DMCORE_TRY_ASSIGN(const BlockRef block, transactions_.new_block(btree_node_validator()));
  BtreeNode(block).init(btree_leaf_node, btree_max_entries(values_.size(), transactions_.block_bytes()),
                        values_.size());
  return block.location();
}

Status Btree::read_value(block_t root, std::uint64_t key, std::span<std::byte> value) {
  ReadSpine spine(*this);
  block_t block = root;
  for (;;) {
    DMCORE_TRY(spine.step(block));
    const BtreeNode node = spine.current();
    const int index = node.lower_bound(key);
    if (index < 0 || static_cast<std::uint32_t>(index) >= node.nr_entries()) return Errno::nodata;
    const auto entry = static_cast<std::uint32_t>(index);
    if (node.is_leaf()) {
      if (node.key(entry) != key) return Errno::nodata;
      std::copy_n(node.value(entry), value.size(), value.begin());
      return {};
    }
    block = node.child(entry);
  }
}

Result<std::uint64_t> Btree::read_next_value(block_t block, std::uint64_t key, std::span<std::byte> value,
                                             unsigned depth) {
  if (depth == max_depth) return Errno::inval;
  DMCORE_TRY_ASSIGN(const BlockRef locked, read_node(block));
  const BtreeNode node(locked);
  const std::uint32_t nr = node.nr_entries();
  if (!node.is_internal()) {
    const int found = node.upper_bound(key);
    if (found < 0 || static_cast<std::uint32_t>(found) >= nr) return Errno::nodata;
    const auto entry = static_cast<std::uint32_t>(found);
    std::copy_n(node.value(entry), value.size(), value.begin());
    return node.key(entry);
  }
  const auto index = static_cast<std::uint32_t>(std::max(node.lower_bound(key), 0));
  if (index >= nr) return Errno::nodata;
  const Result<std::uint64_t> found = read_next_value(node.child(index), key, value, depth + 1);
  if (found.ok() || found.error() != Errno::nodata || index == nr - 1) return found;
  // All keys below are less: the first key of the next child is the one.
  return read_next_value(node.child(index + 1), key, value, depth + 1);
}

Result<std::uint64_t> Btree::find_end(block_t root, bool highest) {
  ReadSpine spine(*this);
  block_t block = root;
  for (;;) {
    DMCORE_TRY(spine.step(block));
    const BtreeNode node = spine.current();
    if (node.nr_entries() == 0) return Errno::nodata;
    const std::uint32_t index = highest ? node.nr_entries() - 1 : 0;
    if (!node.is_internal()) return node.key(index);
    block = node.child(index);
  }
}

Status Btree::walk(block_t root, const Visit& visit) {
  return walk_node(root, visit, 0);
}

Status Btree::walk_node(block_t block, const Visit& visit, unsigned depth) {
  if (depth == max_depth) return Errno::inval;
  DMCORE_TRY_ASSIGN(const BlockRef locked, read_node(block));
  const BtreeNode node(locked);
  for (std::uint32_t i = 0; i < node.nr_entries(); ++i) {
    if (node.is_internal()) {
      DMCORE_TRY(walk_node(node.child(i), visit, depth + 1));
    } else {
      DMCORE_TRY(visit(node.key(i), node.value(i)));
    }
  }
  return {};
}

Result<Btree::LeafEntry> Btree::overwrite_leaf(block_t& root, std::uint64_t key) {
  ShadowSpine spine(*this);
  block_t block = root;
  int parent_index = -1;
  for (;;) {
    DMCORE_TRY(spine.step(block, parent_index));
    const BtreeNode node = spine.current();
    const int index = node.lower_bound(key);
    // BUG() in the kernel if the lowest key of the tree is higher.
    if (index < 0) return Errno::inval;
    if (node.is_leaf()) {
      if (!node.holds(index, key)) return Errno::inval;
      root = spine.root();
      return LeafEntry{spine.take_current(), index};
    }
    block = node.child(static_cast<std::uint32_t>(index));
    parent_index = index;
  }
}

}  // namespace dmcore
