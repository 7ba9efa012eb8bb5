// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/metadata/count_bitmap.h"

#include "dmcore/persistent/endian.h"

namespace sim::metadata {

CountBitmap::CountBitmap(std::span<const std::byte, bytes_max> disk) {
  const auto* words = reinterpret_cast<const dmcore::le64*>(disk.data());
  for (std::uint32_t i = 0; i < words_max; ++i) words_[i] = words[i];
}

std::uint32_t CountBitmap::used_before(std::uint32_t end) const {
  unsigned used = 0;
  const std::uint32_t whole = end / entries_per_word;
  for (std::uint32_t i = 0; i < whole; ++i) {
    // Counting is slow without an instruction for it, which not every processor has.
    if (words_[i] != 0) used += static_cast<unsigned>(std::popcount(either_bit(words_[i])));
  }
  if (const unsigned shift = shift_of(end); shift != 0) {
    const std::uint64_t before = (std::uint64_t{1} << shift) - 1;
    used += static_cast<unsigned>(std::popcount(either_bit(words_[whole] & before)));
  }
  return used;
}

std::uint32_t CountBitmap::first_free() const {
  for (std::uint32_t i = 0; i < words_max; ++i) {
    const std::uint64_t free = ~either_bit(words_[i]) & lower_bits;
    if (free != 0) return i * entries_per_word + static_cast<std::uint32_t>(std::countr_zero(free)) / 2;
  }
  return entries_max;
}

}  // namespace sim::metadata
