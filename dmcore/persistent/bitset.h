// SPDX-License-Identifier: GPL-2.0-or-later
// Bitsets on disk: arrays of 64-bit words, one of which is cached (drivers/md/persistent-data/dm-bitset.c).
//
// A bitset is identified by its root. Changes go to the cached word, which is written to the array when
// another word is needed or at a flush: reading may therefore change the root too. The size of a bitset is
// not stored: the caller knows it.
#pragma once

#include <functional>

#include "dmcore/persistent/array.h"

namespace dmcore {

// May sleep.
class DiskBitset {
 public:
  static constexpr std::uint32_t bits_per_word = 64;

  explicit DiskBitset(TransactionManager& transactions) : words_(transactions) {}

  using Bits = std::function<Result<bool>(std::uint32_t index)>;

  // Both return the root of a new bitset: without bits, or with `size` bits, given by a function in order.
  Result<block_t> create_empty() { return words_.create_empty(); }
  Result<block_t> create(std::uint32_t size, const Bits& bits);
  // New words are filled with `value`, including their bits beyond the end.
  Status resize(block_t& root, std::uint32_t old_size, std::uint32_t new_size, bool value);
  Status destroy(block_t root) { return words_.destroy(root); }

  // Errno::nodata beyond the last word.
  Status set(block_t& root, std::uint32_t index);
  Status clear(block_t& root, std::uint32_t index);
  Result<bool> test(block_t& root, std::uint32_t index);

  // Writes the cached word to the array if it changed.
  Status flush(block_t& root);

 private:
  friend class DiskBitsetCursor;
  Status load_word_of(block_t& root, std::uint32_t index);

  DiskArray words_;
  bool loaded_ = false;
  bool dirty_ = false;
  std::uint32_t word_index_ = 0;
  std::uint64_t word_ = 0;
};

// struct dm_bitset_cursor: iterates over the words of a bitset, which must be flushed. May sleep, also in its
// destructor.
class DiskBitsetCursor {
 public:
  explicit DiskBitsetCursor(DiskBitset& bitset) : cursor_(bitset.words_) {}

  Status begin(block_t root) { return cursor_.begin(root); }
  // Errno::nodata after the last word.
  Status next_word() { return cursor_.next(); }
  [[nodiscard]] std::uint64_t word() const { return cursor_.value(); }
  void end() { cursor_.end(); }

 private:
  DiskArrayCursor cursor_;
};

}  // namespace dmcore
