// SPDX-License-Identifier: GPL-2.0-or-later
// B-trees from 64-bit keys to values of one size (drivers/md/persistent-data/dm-btree.c and
// dm-btree-remove.c; of one level, which is what dm-clone uses).
//
// A tree is identified by its root block. A change makes a new root; the old tree stays intact while it is
// referenced. Nodes may be shared between trees, as their reference counts say.
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

// struct dm_btree_value_type: what the values of a tree are.
class BtreeValues {
 public:
  // `size` in bytes.
  explicit constexpr BtreeValues(std::uint32_t size) : size_(size) {}
  BtreeValues(const BtreeValues&) = delete;
  BtreeValues& operator=(const BtreeValues&) = delete;
  virtual ~BtreeValues() = default;

  [[nodiscard]] std::uint32_t size() const { return size_; }

  // For values that are references: `count` consecutive values are now in one more node, or in one less. Not
  // called for an inserted value, whose reference the tree takes over.
  virtual void inc(const std::byte* /*values*/, std::uint32_t /*count*/) const {}
  virtual void dec(const std::byte* /*values*/, std::uint32_t /*count*/) const {}
  // Whether overwriting one with the other leaves reference counts unchanged.
  [[nodiscard]] virtual bool equal(const std::byte*, const std::byte*) const { return false; }

 private:
  std::uint32_t size_;
};

// May sleep. Functions that change a tree take its root and replace it if they succeed.
class Btree {
 public:
  // MAX_SPINE_DEPTH: deeper trees are damaged.
  static constexpr unsigned max_depth = 64;

  // Both must outlive the tree.
  Btree(TransactionManager& transactions, const BtreeValues& values)
      : transactions_(transactions), values_(values) {}

  // dm_btree_empty(): creates an empty tree and returns its root.
  Result<block_t> create_empty();
  // dm_btree_del(): drops a reference to all nodes and values.
  Status destroy(block_t root);

  // `Value` is the type of the values: trivially copyable, of the size in values().

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

  // dm_btree_walk(): calls `visit` for each entry in the order of keys; stops if it fails.
  using Visit = std::function<Status(std::uint64_t key, const std::byte* value)>;
  Status walk(block_t root, const Visit& visit);

  // btree_get_overwrite_leaf(): shadows the path to an existing key, and returns the leaf and the key's index
  // in it, for changing the value in place. Errno::inval if the key is not there.
  struct LeafEntry {
    BlockRef leaf;
    int index;
  };
  Result<LeafEntry> overwrite_leaf(block_t& root, std::uint64_t key);

  [[nodiscard]] TransactionManager& transactions() { return transactions_; }
  [[nodiscard]] const BtreeValues& values() const { return values_; }

  // Internal to the B-tree. Errno::ilseq for a node that has no room for its values.
  Result<BlockRef> read_node(block_t block);
  // Shadows a node. If it was shared, its children or values get one more reference.
  Result<BlockRef> shadow_node(block_t block);
  // The same for a child of `parent`, which is updated to refer to the shadow.
  Result<BlockRef> shadow_child(BtreeNode parent, std::uint32_t index);
  void inc_children(const BtreeNode& node);

 private:
  template <class Value>
  [[nodiscard]] std::span<std::byte> bytes_of(Value& value) const {
    static_assert(std::is_trivially_copyable_v<Value> && !std::is_pointer_v<Value>);
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
