// SPDX-License-Identifier: GPL-2.0-or-later
// Bitsets on disk: arrays of 64-bit words, of which one is kept at hand
// (drivers/md/persistent-data/dm-bitset.c).
//
// A bitset is known by its root. Changes go to the word at hand, and to the array when another word is
// wanted, or at a flush: so reading may change the root too. The caller remembers how large a bitset is.
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

  // Both return the root. The second makes a bitset of `size` bits, which a function gives one after the
  // other.
  Result<block_t> create_empty() { return words_.create_empty(); }
  Result<block_t> create(std::uint32_t size, const Bits& bits);
  // New bits, if there are any, are `value`; as are those that were unused in the last word, if that is new.
  Status resize(block_t& root, std::uint32_t old_size, std::uint32_t new_size, bool value);
  Status destroy(block_t root) { return words_.destroy(root); }

  // Errno::nodata beyond the last word.
  Status set(block_t& root, std::uint32_t index);
  Status clear(block_t& root, std::uint32_t index);
  Result<bool> test(block_t& root, std::uint32_t index);

  // Writes the word at hand to the array.
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

// Goes through a bitset from its beginning, word by word. Flush the bitset before. May sleep, also in its
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
