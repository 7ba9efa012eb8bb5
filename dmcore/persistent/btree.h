// SPDX-License-Identifier: GPL-2.0-or-later
// B-trees from 64-bit keys to values of one size (drivers/md/persistent-data/dm-btree.c and
// dm-btree-remove.c; trees of one level, which is all that dm-clone has).
//
// A tree is known by its root block. A change makes a new root; the old one stays what it was if somebody
// refers to it. Nodes may be shared between trees: their reference counts say so.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <span>

#include "dmcore/persistent/transaction_manager.h"

namespace dmcore {

class BtreeNode;
class ShadowSpine;

// What the values of a tree are.
class BtreeValues {
 public:
  // `size` in bytes.
  explicit constexpr BtreeValues(std::uint32_t size) : size_(size) {}
  BtreeValues(const BtreeValues&) = delete;
  BtreeValues& operator=(const BtreeValues&) = delete;
  virtual ~BtreeValues() = default;

  [[nodiscard]] std::uint32_t size() const { return size_; }

  // Values that refer to something count references to it: `count` values, one after the other, are now in
  // one more place, or in one less. Not called for a value that is inserted: it brings its reference along.
  virtual void inc(const std::byte* /*values*/, std::uint32_t /*count*/) const {}
  virtual void dec(const std::byte* /*values*/, std::uint32_t /*count*/) const {}
  // Whether overwriting one with the other changes no reference.
  [[nodiscard]] virtual bool equal(const std::byte*, const std::byte*) const { return false; }

 private:
  std::uint32_t size_;
};

// All of it may sleep. Functions that change a tree take its root and replace it, unless they fail.
class Btree {
 public:
  // Deeper trees are damaged (MAX_SPINE_DEPTH).
  static constexpr unsigned max_depth = 64;

  // Both must live as long as the tree.
  Btree(TransactionManager& transactions, const BtreeValues& values)
      : transactions_(transactions), values_(values) {}

  // Makes a tree without entries.
  Status create_empty(block_t& root);
  // Gives up a tree: its nodes and values lose a reference.
  Status destroy(block_t root);

  // Reads a key's value into `value`, which has the size of values. Errno::nodata if the key is not there.
  Status lookup(block_t root, std::uint64_t key, std::byte* value);
  // The same for the first key that is not less than `key`, which is returned in `found`.
  Status lookup_next(block_t root, std::uint64_t key, std::uint64_t& found, std::byte* value);
  // Errno::nodata if the tree is empty.
  Status lowest_key(block_t root, std::uint64_t& key) { return find_end(root, false, key); }
  Status highest_key(block_t root, std::uint64_t& key) { return find_end(root, true, key); }

  // Inserts a key, or replaces its value.
  Status insert(block_t& root, std::uint64_t key, const std::byte* value);
  // Errno::nodata if the key is not there.
  Status remove(block_t& root, std::uint64_t key);

  // Calls `visit` for each entry in the order of keys, until it fails.
  using Visit = std::function<Status(std::uint64_t key, const std::byte* value)>;
  Status walk(block_t root, const Visit& visit);

  // Shadows the way to a key that is there, and returns the leaf with its index in it: for changing the value
  // in place. Errno::inval if the key is not there.
  Status overwrite_leaf(block_t& root, std::uint64_t key, BlockRef& leaf, int& index);

  [[nodiscard]] TransactionManager& transactions() { return transactions_; }
  [[nodiscard]] const BtreeValues& values() const { return values_; }

  // For the files that make up the B-tree. A node that is too small for its values fails with Errno::ilseq.
  Status read_node(block_t block, BlockRef& node);
  // Shadows a node; if it was shared, what it refers to gets one more reference.
  Status shadow_node(block_t block, BlockRef& node);
  // The same for a child of `parent`, which is made to refer to the shadow.
  Status shadow_child(BtreeNode parent, std::uint32_t index, BlockRef& child);
  void inc_children(const BtreeNode& node);

 private:
  Status check_room(BlockRef& block);
  Status find_end(block_t root, bool highest, std::uint64_t& key);
  Status lookup_next_below(block_t block, std::uint64_t key, std::uint64_t& found, std::byte* value,
                           unsigned depth);
  Status walk_node(block_t block, const Visit& visit, unsigned depth);

  TransactionManager& transactions_;
  const BtreeValues& values_;
};

}  // namespace dmcore
