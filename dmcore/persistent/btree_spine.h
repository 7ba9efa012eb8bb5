// SPDX-License-Identifier: GPL-2.0-or-later
// The way from the root of a B-tree down to a leaf, of which at most two nodes are locked at a time, a node
// and its parent (drivers/md/persistent-data/dm-btree-spine.c).
#pragma once

#include <array>

#include "dmcore/persistent/btree.h"
#include "dmcore/persistent/btree_node.h"

namespace dmcore {

// What both kinds have: the locked nodes. They are let go in the order in which they were locked.
class Spine {
 public:
  explicit Spine(Btree& tree) : tree_(tree) {}
  Spine(const Spine&) = delete;
  Spine& operator=(const Spine&) = delete;
  ~Spine() noexcept(false) { unlock_all(); }

  void unlock_all();

  [[nodiscard]] bool has_parent() const { return count_ == 2; }
  // Where we are, and the node above; each must be there.
  [[nodiscard]] BtreeNode current() const { return BtreeNode(nodes_[count_ - 1]); }
  [[nodiscard]] BtreeNode parent() const { return BtreeNode(nodes_[0]); }

 protected:
  // Prepares for one more node: the third on the way up is unlocked first.
  void make_place();
  // Adds the node. Errno::inval if the way is longer than any good tree is deep: the kernel would go round
  // for ever.
  Status push(BlockRef node);

  Btree& tree_;
  std::array<BlockRef, 2> nodes_;
  unsigned count_ = 0;

 private:
  unsigned depth_ = 0;
};

// For reading.
class ReadSpine : public Spine {
 public:
  using Spine::Spine;
  Status step(block_t child);
};

// For changing: every node on the way is a shadow.
class ShadowSpine : public Spine {
 public:
  using Spine::Spine;
  // The parent, if there is one, refers to the node by its entry `parent_index`, and is made to refer to the
  // shadow; a negative one leaves it as it is.
  Status step(block_t child, int parent_index);
  // Replaces the current node, letting go of the old one first.
  void replace_current(BlockRef&& other) { nodes_[count_ - 1] = std::move(other); }
  // Gives the current node away, still locked.
  [[nodiscard]] BlockRef take_current() { return std::move(nodes_[--count_]); }
  [[nodiscard]] block_t root() const { return root_; }

 private:
  block_t root_ = 0;
};

}  // namespace dmcore
