// SPDX-License-Identifier: GPL-2.0-or-later
// The entries of a bitmap block of a space map, in words: most are all free, and some questions are answered
// for 32 entries at once.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sim::metadata {

class CountBitmap {
 public:
  static constexpr std::uint32_t entries_per_word = 32;
  static constexpr std::uint32_t words_max = 510;
  static constexpr std::uint32_t entries_max = words_max * entries_per_word;
  static constexpr std::size_t bytes_max = words_max * sizeof(std::uint64_t);

  // All entries are 0.
  CountBitmap() = default;
  // As they are on disk, behind the block's header.
  explicit CountBitmap(std::span<const std::byte, bytes_max> disk);

  bool operator==(const CountBitmap&) const = default;

  // 0 to 3.
  [[nodiscard]] std::uint32_t at(std::uint32_t entry) const {
    const auto bits = static_cast<std::uint32_t>(words_[entry / entries_per_word] >> shift_of(entry) & 3U);
    // The lower bit has the value 2.
    return (bits & 1U) * 2 + (bits >> 1U);
  }
  // Makes an entry that is 0 or 1 a 1.
  void set_to_one(std::uint32_t entry) {
    words_[entry / entries_per_word] |= std::uint64_t{2} << shift_of(entry);
  }

  // How many of the first `end` entries are not 0.
  [[nodiscard]] std::uint32_t used_before(std::uint32_t end) const;
  // The first entry that is 0; `entries_max` if none is.
  [[nodiscard]] std::uint32_t first_free() const;
  // Calls `visit(entry)` for each entry that is 3, in their order.
  template <class Visit>
  void for_each_three(const Visit& visit) const {
    for (std::uint32_t i = 0; i < words_max; ++i)
      for_each(i, words_[i] & words_[i] >> 1U & lower_bits, visit);
  }
  // Calls `visit(entry)` for each entry that is another one in `other`, in their order.
  template <class Visit>
  void for_each_difference(const CountBitmap& other, const Visit& visit) const {
    for (std::uint32_t i = 0; i < words_max; ++i) for_each(i, either_bit(words_[i] ^ other.words_[i]), visit);
  }

 private:
  static constexpr std::uint64_t lower_bits = 0x5555555555555555;
  static unsigned shift_of(std::uint32_t entry) { return entry % entries_per_word * 2; }
  // The lower bit of each entry that is not 0.
  static std::uint64_t either_bit(std::uint64_t word) { return (word | word >> 1U) & lower_bits; }

  // For each entry of word `i` whose lower bit is in `marks`.
  template <class Visit>
  static void for_each(std::uint32_t i, std::uint64_t marks, const Visit& visit) {
    for (; marks != 0; marks &= marks - 1)
      visit(i * entries_per_word + static_cast<std::uint32_t>(std::countr_zero(marks)) / 2);
  }

  std::array<std::uint64_t, words_max> words_{};
};

}  // namespace sim::metadata
