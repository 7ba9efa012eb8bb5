// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/space_map_bitmap.h"

#include "dmcore/persistent/validator_impl.h"

namespace dmcore {

const BlockValidator& space_map_bitmap_validator() {
  static const ChecksumValidator<BitmapHeaderDisk> validator(
      {"sm_bitmap", space_map_log_prefix, "bitmap check"}, bitmap_csum_xor);
  return validator;
}

const BlockValidator& space_map_index_validator() {
  static constinit const ChecksumValidator<MetadataIndexDisk> validator(
      {"index", space_map_log_prefix, "index_check"}, index_csum_xor);
  return validator;
}

// The lower bit of an entry has the value 2, the higher one 1.
std::uint32_t SpaceMapBitmap::get(std::uint32_t entry) const {
  const auto bits =
      static_cast<std::uint32_t>(words_[entry / entries_per_word] >> (entry % entries_per_word * 2)) & 3;
  return (bits & 1) << 1 | bits >> 1;
}

void SpaceMapBitmap::set(std::uint32_t entry, std::uint32_t value) {
  le64& word = words_[entry / entries_per_word];
  const unsigned shift = entry % entries_per_word * 2;
  const std::uint64_t bits = (value & 1) << 1 | (value >> 1 & 1);
  word = (word & ~(std::uint64_t{3} << shift)) | bits << shift;
}

bool SpaceMapBitmap::word_used_up(std::uint32_t entry) const {
  constexpr std::uint64_t low_bits = 0x5555555555555555;
  const std::uint64_t word = words_[entry / entries_per_word];
  return ((word | word >> 1) & low_bits) == low_bits;
}

std::optional<std::uint32_t> SpaceMapBitmap::find_free(std::uint32_t begin, std::uint32_t end) const {
  while (begin < end) {
    if (begin % entries_per_word == 0 && word_used_up(begin)) {
      begin += entries_per_word;
      continue;
    }
    if (get(begin) == 0) return begin;
    ++begin;
  }
  return std::nullopt;
}

}  // namespace dmcore
