// SPDX-License-Identifier: GPL-2.0-or-later
// Arrays of 64-bit words on disk (drivers/md/persistent-data/dm-array.c, for values that refer to nothing).
//
// Like a B-tree, an array is identified by its root; functions that change it replace the root if they
// succeed.
#pragma once

#include <functional>

#include "dmcore/persistent/array_format.h"
#include "dmcore/persistent/btree.h"
#include "dmcore/persistent/btree_cursor.h"

namespace dmcore {

// A view of a locked array block.
class ArrayBlock {
 public:
  explicit ArrayBlock(const BlockRef& block) : header_(&block.as<ArrayBlockDisk>()) {}
  [[nodiscard]] std::uint32_t nr_entries() const { return header_->nr_entries; }
  [[nodiscard]] le64& operator[](std::uint32_t index) const {
    return reinterpret_cast<le64*>(header_ + 1)[index];
  }
  [[nodiscard]] ArrayBlockDisk& header() const { return *header_; }

 private:
  ArrayBlockDisk* header_;
};

// May sleep. The size of an array is not stored: the caller knows it.
class DiskArray {
 public:
  explicit DiskArray(TransactionManager& transactions);
  DiskArray(const DiskArray&) = delete;
  DiskArray& operator=(const DiskArray&) = delete;

  // The value of each index, called for 0, 1, 2, ... in order.
  using Values = std::function<Result<std::uint64_t>(std::uint32_t index)>;

  // Both return the root of a new array: without values, or with `size` values.
  Result<block_t> create_empty() { return blocks_.create_empty(); }
  Result<block_t> create(std::uint32_t size, const Values& values);
  // New entries get `value`.
  Status resize(block_t& root, std::uint32_t old_size, std::uint32_t new_size, std::uint64_t value);
  Status destroy(block_t root) { return blocks_.destroy(root); }

  // Errno::nodata beyond the end.
  Result<std::uint64_t> get(block_t root, std::uint32_t index);
  Status set(block_t& root, std::uint32_t index, std::uint64_t value);
  // Calls `visit` for each value in order; stops if it fails.
  Status walk(block_t root, const std::function<Status(std::uint64_t index, std::uint64_t value)>& visit);

  [[nodiscard]] TransactionManager& transactions() { return transactions_; }

 private:
  friend class DiskArrayCursor;
  // The size of an array: full blocks, and the entries of a partial last block.
  struct Extent {
    std::uint32_t full_blocks;
    std::uint32_t last_entries;
    [[nodiscard]] std::uint32_t nr_blocks() const { return full_blocks + (last_entries != 0 ? 1 : 0); }
  };

  // The values of the B-tree: locations of array blocks, which may be shared.
  class Pointers final : public BtreeValues {
   public:
    explicit Pointers(DiskArray& array) : BtreeValues(sizeof(le64)), array_(array) {}
    void inc(const std::byte* values, std::uint32_t count) const override;
    void dec(const std::byte* values, std::uint32_t count) const override;
    [[nodiscard]] bool equal(const std::byte* a, const std::byte* b) const override;

   private:
    void dec_block(block_t block) const;
    DiskArray& array_;
  };

  [[nodiscard]] Extent extent(std::uint32_t size) const { return {size / max_entries_, size % max_entries_}; }
  Result<BlockRef> with_value_size(BlockRef block, std::string_view function);
  Result<BlockRef> lock_block(block_t block);
  Result<BlockRef> shadow_block(block_t& root, std::uint32_t index);
  Result<BlockRef> new_block();
  Status insert_block(block_t& root, std::uint32_t index, const BlockRef& block);
  Status append_filled(block_t& root, std::uint32_t index, std::uint32_t entries, std::uint64_t value);
  void fill(const BlockRef& block, std::uint32_t new_entries, std::uint64_t value) const;
  Status extend_last(block_t& root, std::uint32_t index, std::uint32_t entries, std::uint64_t value);
  Status shrink(block_t& root, Extent from, Extent to);
  Status grow(block_t& root, Extent from, Extent to, std::uint64_t value);

  TransactionManager& transactions_;
  Pointers pointers_;
  Btree blocks_;
  std::uint32_t max_entries_;  // of a block
};

// struct dm_array_cursor: iterates over an array, with readahead. The current block is locked. May sleep,
// also in its destructor.
class DiskArrayCursor {
 public:
  explicit DiskArrayCursor(DiskArray& array) : array_(array), cursor_(array.blocks_) {}
  DiskArrayCursor(const DiskArrayCursor&) = delete;
  DiskArrayCursor& operator=(const DiskArrayCursor&) = delete;
  ~DiskArrayCursor() noexcept(false) { end(); }

  // Errno::nodata if the array is empty. After an error nothing is locked.
  Status begin(block_t root);
  // Errno::nodata after the last value.
  Status next();
  void end();
  [[nodiscard]] std::uint64_t value() const { return ArrayBlock(block_)[index_]; }

 private:
  Status load_block();
  Status lock_current_block();

  DiskArray& array_;
  BtreeCursor cursor_;
  BlockRef block_;
  std::uint32_t index_ = 0;
};

}  // namespace dmcore
