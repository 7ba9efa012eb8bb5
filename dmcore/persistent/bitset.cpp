// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/bitset.h"

#include <algorithm>

namespace dmcore {

namespace {

std::uint32_t words_for(std::uint32_t bits) {
  return static_cast<std::uint32_t>(div_round_up(bits, DiskBitset::bits_per_word));
}

constexpr std::uint64_t mask(std::uint32_t index) {
  return std::uint64_t{1} << (index % DiskBitset::bits_per_word);
}

}  // namespace

Result<block_t> DiskBitset::create(std::uint32_t size, const Bits& bits) {
  return words_.create(words_for(size), [&](std::uint32_t word_index) -> Result<std::uint64_t> {
    std::uint64_t word = 0;
    const std::uint32_t first = word_index * bits_per_word;
    for (std::uint32_t i = first; i < first + std::min(bits_per_word, size - first); ++i) {
      DMCORE_TRY_ASSIGN(const bool value, bits(i));
      if (value) word |= mask(i);
    }
    return word;
  });
}

Status DiskBitset::resize(block_t& root, std::uint32_t old_size, std::uint32_t new_size, bool value) {
  return words_.resize(root, words_for(old_size), words_for(new_size), value ? ~std::uint64_t{0} : 0);
}

Status DiskBitset::flush(block_t& root) {
  if (!loaded_ || !dirty_) return {};
  DMCORE_TRY(words_.set(root, word_index_, word_));
  loaded_ = false;
  dirty_ = false;
  return {};
}

Status DiskBitset::load_word_of(block_t& root, std::uint32_t index) {
  const std::uint32_t wanted = index / bits_per_word;
  if (loaded_) {
    if (word_index_ == wanted) return {};
    DMCORE_TRY(flush(root));
  }
  DMCORE_TRY_ASSIGN(word_, words_.get(root, wanted));
  loaded_ = true;
  dirty_ = false;
  word_index_ = wanted;
  return {};
}

Status DiskBitset::set(block_t& root, std::uint32_t index) {
  DMCORE_TRY(load_word_of(root, index));
  word_ |= mask(index);
  dirty_ = true;
  return {};
}

Status DiskBitset::clear(block_t& root, std::uint32_t index) {
  DMCORE_TRY(load_word_of(root, index));
  word_ &= ~mask(index);
  dirty_ = true;
  return {};
}

Result<bool> DiskBitset::test(block_t& root, std::uint32_t index) {
  DMCORE_TRY(load_word_of(root, index));
  return (word_ & mask(index)) != 0;
}

}  // namespace dmcore
