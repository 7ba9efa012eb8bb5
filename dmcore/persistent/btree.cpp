// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/btree.h"

#include <algorithm>

#include "dmcore/persistent/btree_spine.h"

namespace dmcore {

// The kernel has no such check, and reads or writes beyond the block.
Status Btree::check_room(BlockRef& block) {
  const BtreeNode node(block);
  if (node.has_room_for_values_of(node.is_internal() ? sizeof(le64) : values_.size())) return {};
  block.unlock();
  return Errno::ilseq;
}

Status Btree::read_node(block_t block, BlockRef& node) {
  DMCORE_TRY(transactions_.read_lock(block, btree_node_validator(), node));
  return check_room(node);
}

void Btree::inc_children(const BtreeNode& node) {
  if (node.is_internal()) {
    transactions_.inc_each(node.children());
  } else {
    values_.inc(node.value(0), node.nr_entries());
  }
}

Status Btree::shadow_node(block_t block, BlockRef& node) {
  bool shared = false;
  DMCORE_TRY(transactions_.shadow_block(block, btree_node_validator(), node, shared));
  DMCORE_TRY(check_room(node));
  if (shared) inc_children(BtreeNode(node));
  return {};
}

Status Btree::shadow_child(BtreeNode parent, std::uint32_t index, BlockRef& child) {
  DMCORE_TRY(shadow_node(parent.child(index), child));
  parent.set_child(index, child.location());
  return {};
}

Status Btree::create_empty(block_t& root) {
  BlockRef block;
  DMCORE_TRY(transactions_.new_block(btree_node_validator(), block));
  BtreeNode(block).init(btree_leaf_node, btree_max_entries(values_.size(), transactions_.block_bytes()),
                        values_.size());
  root = block.location();
  return {};
}

Status Btree::lookup(block_t root, std::uint64_t key, std::byte* value) {
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
      std::copy_n(node.value(entry), values_.size(), value);
      return {};
    }
    block = node.child(entry);
  }
}

Status Btree::lookup_next(block_t root, std::uint64_t key, std::uint64_t& found, std::byte* value) {
  return lookup_next_below(root, key, found, value, 0);
}

Status Btree::lookup_next_below(block_t block, std::uint64_t key, std::uint64_t& found, std::byte* value,
                                unsigned depth) {
  if (depth == max_depth) return Errno::inval;
  BlockRef locked;
  DMCORE_TRY(read_node(block, locked));
  const BtreeNode node(locked);
  const std::uint32_t nr = node.nr_entries();
  if (!node.is_internal()) {
    const int index = node.upper_bound(key);
    if (index < 0 || static_cast<std::uint32_t>(index) >= nr) return Errno::nodata;
    found = node.key(static_cast<std::uint32_t>(index));
    std::copy_n(node.value(static_cast<std::uint32_t>(index)), values_.size(), value);
    return {};
  }
  const auto index = static_cast<std::uint32_t>(std::max(node.lower_bound(key), 0));
  if (index >= nr) return Errno::nodata;
  Status status = lookup_next_below(node.child(index), key, found, value, depth + 1);
  // Everything below may be less than the key; then it is the first of the next child.
  if (status.error() == Errno::nodata && index < nr - 1) {
    status = lookup_next_below(node.child(index + 1), key, found, value, depth + 1);
  }
  return status;
}

Status Btree::find_end(block_t root, bool highest, std::uint64_t& key) {
  ReadSpine spine(*this);
  block_t block = root;
  for (;;) {
    DMCORE_TRY(spine.step(block));
    const BtreeNode node = spine.current();
    if (node.nr_entries() == 0) return Errno::nodata;
    const std::uint32_t index = highest ? node.nr_entries() - 1 : 0;
    if (!node.is_internal()) {
      key = node.key(index);
      return {};
    }
    block = node.child(index);
  }
}

Status Btree::walk(block_t root, const Visit& visit) {
  return walk_node(root, visit, 0);
}

Status Btree::walk_node(block_t block, const Visit& visit, unsigned depth) {
  if (depth == max_depth) return Errno::inval;
  BlockRef locked;
  DMCORE_TRY(read_node(block, locked));
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

Status Btree::overwrite_leaf(block_t& root, std::uint64_t key, BlockRef& leaf, int& index) {
  ShadowSpine spine(*this);
  block_t block = root;
  int parent_index = -1;
  for (;;) {
    DMCORE_TRY(spine.step(block, parent_index));
    const BtreeNode node = spine.current();
    index = node.lower_bound(key);
    // The kernel would BUG() on a tree whose lowest key is higher.
    if (index < 0) return Errno::inval;
    if (node.is_leaf()) {
      if (!node.holds(index, key)) return Errno::inval;
      break;
    }
    block = node.child(static_cast<std::uint32_t>(index));
    parent_index = index;
  }
  root = spine.root();
  leaf = spine.take_current();
  return {};
}

}  // namespace dmcore
