// SPDX-License-Identifier: GPL-2.0-or-later
// B-trees from 64-bit keys to values of one size (drivers/md/persistent-data/dm-btree.c and
// dm-btree-remove.c; trees of one level, which is all that dm-clone has).
//
// A tree is known by its root block. A change makes a new root; the old one stays what it was if somebody
// refers to it. Nodes may be shared between trees: their reference counts say so.
#pragma once

#include <array>
#include <cassert>
#include <functional>
#include <optional>
#include <span>
#include <type_traits>

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

  // Makes a tree without entries, and returns its root.
  Result<block_t> create_empty();
  // Gives up a tree: its nodes and values lose a reference.
  Status destroy(block_t root);

  // `Value` below is what the values are: trivially copyable, of their size.

  // A key's value. Errno::nodata if the key is not there.
  template <class Value>
  Result<Value> lookup(block_t root, std::uint64_t key) {
    Value value;
    DMCORE_TRY(read_value(root, key, bytes_of(value)));
    return value;
  }
  // The entry of the first key that is not less than `key`.
  template <class Value>
  struct Entry {
    std::uint64_t key;
    Value value;
  };
  template <class Value>
  Result<Entry<Value>> lookup_next(block_t root, std::uint64_t key) {
    Value value;
    DMCORE_TRY_ASSIGN(const std::uint64_t found, read_next_value(root, key, bytes_of(value), 0));
    return Entry<Value>{found, value};
  }
  // Errno::nodata if the tree is empty.
  Result<std::uint64_t> lowest_key(block_t root) { return find_end(root, false); }
  Result<std::uint64_t> highest_key(block_t root) { return find_end(root, true); }

  // Inserts a key, or replaces its value.
  template <class Value>
  Status insert(block_t& root, std::uint64_t key, Value value) {
    return insert_value(root, key, bytes_of(value));
  }
  // Errno::nodata if the key is not there.
  Status remove(block_t& root, std::uint64_t key);

  // Calls `visit` for each entry in the order of keys, until it fails.
  using Visit = std::function<Status(std::uint64_t key, const std::byte* value)>;
  Status walk(block_t root, const Visit& visit);

  // Shadows the way to a key that is there, and returns the leaf with the key's index in it: for changing the
  // value in place. Errno::inval if the key is not there.
  struct LeafEntry {
    BlockRef leaf;
    int index;
  };
  Result<LeafEntry> overwrite_leaf(block_t& root, std::uint64_t key);

  [[nodiscard]] TransactionManager& transactions() { return transactions_; }
  [[nodiscard]] const BtreeValues& values() const { return values_; }

  // For the files that make up the B-tree. A node that is too small for its values fails with Errno::ilseq.
  Result<BlockRef> read_node(block_t block);
  // Shadows a node; if it was shared, what it refers to gets one more reference.
  Result<BlockRef> shadow_node(block_t block);
  // The same for a child of `parent`, which is made to refer to the shadow.
  Result<BlockRef> shadow_child(BtreeNode parent, std::uint32_t index);
  void inc_children(const BtreeNode& node);

 private:
  template <class Value>
  [[nodiscard]] std::span<std::byte> bytes_of(Value& value) const {
    static_assert(std::is_trivially_copyable_v<Value>);
    assert(sizeof(Value) == values_.size());
    return std::as_writable_bytes(std::span(&value, 1));
  }
  Result<BlockRef> with_room(BlockRef node) const;
  Result<std::uint64_t> find_end(block_t root, bool highest);
  Status read_value(block_t root, std::uint64_t key, std::span<std::byte> value);
  Result<std::uint64_t> read_next_value(block_t block, std::uint64_t key, std::span<std::byte> value,
                                        unsigned depth);
  Status insert_value(block_t& root, std::uint64_t key, std::span<const std::byte> value);
  Status walk_node(block_t block, const Visit& visit, unsigned depth);

  TransactionManager& transactions_;
  const BtreeValues& values_;
};

}  // namespace dmcore
