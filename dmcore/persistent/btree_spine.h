// SPDX-License-Identifier: GPL-2.0-or-later
// The path from the root of a B-tree to a leaf. At most two of its nodes are locked at a time: the current
// one and its parent (drivers/md/persistent-data/dm-btree-spine.c).
#pragma once

#include <array>

#include "dmcore/persistent/btree.h"
#include "dmcore/persistent/btree_node.h"

namespace dmcore {

// The locked nodes. They are unlocked in the order in which they were locked.
class Spine {
 public:
  explicit Spine(Btree& tree) : tree_(tree) {}
  Spine(const Spine&) = delete;
  Spine& operator=(const Spine&) = delete;
  ~Spine() noexcept(false) { unlock_all(); }

  void unlock_all();

  [[nodiscard]] bool has_parent() const { return count_ == 2; }
  // The current node, and its parent; each must exist.
  [[nodiscard]] BtreeNode current() const { return BtreeNode(nodes_[count_ - 1]); }
  [[nodiscard]] BtreeNode parent() const { return BtreeNode(nodes_[0]); }

 protected:
  // Before a child is locked: unlocks the parent of the current node.
  void make_place();
  // Adds the node. Errno::inval if the path is longer than a valid tree is deep: in a damaged tree with a
  // cycle the kernel would loop for ever.
  Status push(BlockRef node);

  Btree& tree_;
  std::array<BlockRef, 2> nodes_;
  unsigned count_ = 0;

 private:
  unsigned depth_ = 0;
};

// ro_spine.
class ReadSpine : public Spine {
 public:
  using Spine::Spine;
  Status step(block_t child);
};

// shadow_spine: every node on the path is a shadow.
class ShadowSpine : public Spine {
 public:
  using Spine::Spine;
  // The entry `parent_index` of the parent, if there is one, is updated to refer to the shadow; none if
  // negative.
  Status step(block_t child, int parent_index);
  // Replaces the current node; the old one is unlocked first.
  void replace_current(BlockRef&& other) { nodes_[count_ - 1] = std::move(other); }
  // Moves the current node out, still locked.
  [[nodiscard]] BlockRef take_current() { return std::move(nodes_[--count_]); }
  [[nodiscard]] block_t root() const { return root_; }

 private:
  block_t root_ = 0;
};

}  // namespace dmcore
