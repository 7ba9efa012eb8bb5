// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmclone/region_bitmap.h"

#include <bit>

namespace dmclone {

RegionBitmap::RegionBitmap(std::uint64_t bits) : bits_(bits), words_(dmcore::zeroed_words(words_for(bits))) {}

void RegionBitmap::set_word(std::uint64_t index, std::uint64_t value) {
  const std::uint64_t tail = bits_ - index * word_bits;
  if (tail < word_bits) value &= (std::uint64_t{1} << tail) - 1;
  const std::uint64_t old = word(index);
  if (value == old) return;
  words_[index] = value;
  count_ += static_cast<std::uint64_t>(std::popcount(value)) - static_cast<std::uint64_t>(std::popcount(old));
}

}  // namespace dmclone
