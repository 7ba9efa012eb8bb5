// SPDX-License-Identifier: GPL-2.0-or-later
// Access to a B-tree node, and moving entries between nodes. For the B-tree, and for the space map, which
// changes values in place.
#pragma once

#include <cstdint>
#include <span>

#include "dmcore/persistent/block_manager.h"
#include "dmcore/persistent/btree_format.h"

namespace dmcore {

// DM_MSG_PREFIX of drivers/md/persistent-data/dm-btree.c and dm-btree-remove.c.
inline constexpr std::string_view btree_log_prefix = "btree";

const BlockValidator& btree_node_validator();

// calc_max_entries(): the number of entries in a node, a multiple of three.
std::uint32_t btree_max_entries(std::size_t value_size, std::size_t block_bytes);

// A view of a node in a locked block; copies refer to the same node. Valid while the block is locked.
//
// Entries are identified by index. The checksum does not protect against nodes that were built to be invalid:
// functions that such a node could lead out of the block check for that.
class BtreeNode {
 public:
  explicit BtreeNode(const BlockRef& block) : bytes_(block.data()) {}

  [[nodiscard]] bool is_leaf() const { return (header().flags & btree_leaf_node) != 0; }
  [[nodiscard]] bool is_internal() const { return (header().flags & btree_internal_node) != 0; }
  [[nodiscard]] std::uint32_t nr_entries() const { return header().nr_entries; }
  [[nodiscard]] std::uint32_t max_entries() const { return header().max_entries; }
  [[nodiscard]] std::uint32_t value_size() const { return header().value_size; }
  [[nodiscard]] std::uint32_t free_entries() const { return max_entries() - nr_entries(); }
  [[nodiscard]] bool full() const { return nr_entries() == max_entries(); }
  void set_nr_entries(std::uint32_t nr) { header().nr_entries = nr; }

  // Makes it an empty node of that kind. Keys and values are left as they are.
  void init(std::uint32_t flags, std::uint32_t max_entries, std::uint32_t value_size);
  // An empty node of the same kind as another.
  void init_like(const BtreeNode& other) {
    init(other.header().flags, other.max_entries(), other.value_size());
  }
  // Copies the whole block of another node.
  void copy_from(const BtreeNode& other);

  [[nodiscard]] std::uint64_t key(std::uint32_t index) const { return keys()[index]; }
  void set_key(std::uint32_t index, std::uint64_t key) { keys()[index] = key; }

  [[nodiscard]] std::byte* value(std::uint32_t index) const {
    return values() + std::size_t{value_size()} * index;
  }
  // Of internal nodes: the locations of children.
  [[nodiscard]] block_t child(std::uint32_t index) const;
  void set_child(std::uint32_t index, block_t block);
  [[nodiscard]] std::span<const le64> children() const;

  // The index of the last key that is not greater than `key`; -1 if there is none.
  [[nodiscard]] int lower_bound(std::uint64_t key) const { return search(key, false); }
  // The index of the first key that is not less than `key`; nr_entries() if there is none.
  [[nodiscard]] int upper_bound(std::uint64_t key) const { return search(key, true); }
  // Whether `index`, as lower_bound() returned it, is that of `wanted`.
  [[nodiscard]] bool holds(int index, std::uint64_t wanted) const;

  // Inserts an entry at `index`. Logs and returns Errno::nomem if there is no room.
  Status insert_at(KernelLog& log, std::uint32_t index, std::uint64_t key, std::span<const std::byte> value);
  Status insert_child_at(KernelLog& log, std::uint32_t index, std::uint64_t key, block_t child);
  // `index` must be less than the number of entries.
  void delete_at(std::uint32_t index);

  // Copies `count` entries, also within one node. Does not change the number of entries.
  void move_entries(std::uint32_t to, const BtreeNode& from, std::uint32_t from_index, std::uint32_t count);

  // Whether max_entries() values of `size` bytes fit into the block: the value size in a damaged header may
  // be too small.
  [[nodiscard]] bool has_room_for_values_of(std::size_t size) const {
    return sizeof(BtreeNodeHeaderDisk) + (sizeof(le64) + size) * max_entries() <= bytes_.size();
  }
  [[nodiscard]] bool same_shape_as(const BtreeNode& other) const {
    return max_entries() == other.max_entries() && value_size() == other.value_size();
  }

 private:
  [[nodiscard]] BtreeNodeHeaderDisk& header() const {
    return *reinterpret_cast<BtreeNodeHeaderDisk*>(bytes_.data());
  }
  [[nodiscard]] le64* keys() const {
    return reinterpret_cast<le64*>(bytes_.data() + sizeof(BtreeNodeHeaderDisk));
  }
  [[nodiscard]] std::byte* values() const { return reinterpret_cast<std::byte*>(keys() + max_entries()); }
  [[nodiscard]] int search(std::uint64_t key, bool want_high) const;

  std::span<std::byte> bytes_;
};

}  // namespace dmcore
