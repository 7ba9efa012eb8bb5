// SPDX-License-Identifier: GPL-2.0-or-later
// A bitmap with a bit for each region, in words of 64 bits.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "dmcore/kernel/zeroed_memory.h"

namespace dmclone {

// Any context. Readers need no lock; callers serialise changes. A function that reads several words takes a
// `look`, which it calls with the index of each word before reading it.
class RegionBitmap {
 public:
  static constexpr unsigned word_bits = 64;

  // All bits are clear. Pages are allocated on first access, so a bitmap for 2^31 regions costs nothing
  // initially.
  explicit RegionBitmap(std::uint64_t bits);

  [[nodiscard]] std::uint64_t size() const { return bits_; }  // in bits
  [[nodiscard]] std::uint64_t words() const { return words_for(bits_); }
  [[nodiscard]] static constexpr std::uint64_t words_for(std::uint64_t bits) {
    return (bits + word_bits - 1) / word_bits;
  }

  [[nodiscard]] bool test(std::uint64_t bit) const {
    return ((word(bit / word_bits) >> (bit % word_bits)) & 1) != 0;
  }
  void set(std::uint64_t bit) { set_word(bit / word_bits, word(bit / word_bits) | mask(bit)); }
  void clear(std::uint64_t bit) { set_word(bit / word_bits, word(bit / word_bits) & ~mask(bit)); }

  // The word with the bits from index * 64 on; bits beyond the end are zero.
  [[nodiscard]] std::uint64_t word(std::uint64_t index) const { return words_[index]; }
  // Replaces a word; bits beyond the end are ignored.
  void set_word(std::uint64_t index, std::uint64_t value);

  // The first bit from `start` on that is set, or clear; size() if there is none.
  [[nodiscard]] std::uint64_t find_next_set(std::uint64_t start) const {
    return find_next(start, 0, [](std::uint64_t) {});
  }
  [[nodiscard]] std::uint64_t find_next_clear(std::uint64_t start) const {
    return find_next_clear(start, [](std::uint64_t) {});
  }
  template <class Look>
  [[nodiscard]] std::uint64_t find_next_clear(std::uint64_t start, Look look) const {
    return find_next(start, ~std::uint64_t{0}, look);
  }

  // The number of set bits, which is not counted but kept up to date.
  [[nodiscard]] std::uint64_t count() const { return count_; }
  // The same, counted word by word.
  template <class Look>
  [[nodiscard]] std::uint64_t count(Look look) const {
    std::uint64_t counted = 0;
    for (std::uint64_t index = 0; index < words(); ++index) {
      look(index);
      counted += static_cast<unsigned>(std::popcount(word(index)));
    }
    return counted;
  }
  [[nodiscard]] bool full() const { return count() == bits_; }

 private:
  static constexpr std::uint64_t mask(std::uint64_t bit) { return std::uint64_t{1} << (bit % word_bits); }
  template <class Look>
  [[nodiscard]] std::uint64_t find_next(std::uint64_t start, std::uint64_t inverted, Look look) const {
    if (start >= bits_) return bits_;
    std::uint64_t index = start / word_bits;
    look(index);
    std::uint64_t found = (word(index) ^ inverted) & (~std::uint64_t{0} << (start % word_bits));
    const std::uint64_t end = words();
    while (found == 0) {
      if (++index == end) return bits_;
      look(index);
      found = word(index) ^ inverted;
    }
    return std::min(index * word_bits + static_cast<unsigned>(std::countr_zero(found)), bits_);
  }

  std::uint64_t bits_;
  std::uint64_t count_ = 0;
  dmcore::ZeroedWords words_;
};

}  // namespace dmclone
