// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/metadata/bitset_check.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

#include "dmcore/kernel/types.h"
#include "dmcore/persistent/array_format.h"
#include "dmcore/persistent/bitset.h"

#include "sim/metadata/tree_walk.h"

namespace sim::metadata {

namespace {

using dmcore::ArrayBlockDisk;
using dmcore::block_t;
using dmcore::le64;

constexpr std::uint64_t word_bits = dmcore::DiskBitset::bits_per_word;
constexpr std::uint32_t words_max = dmcore::array_max_entries(sizeof(le64), block_bytes);

// Most words are all zeroes or all ones, and counting is slow without an instruction for it, which not every
// processor has.
unsigned ones_in(std::uint64_t word) {
  if (word == 0) return 0;
  return word == ~std::uint64_t{0} ? word_bits : static_cast<unsigned>(std::popcount(word));
}

class BitsetCheck {
 public:
  BitsetCheck(Blocks& blocks, Summary& summary)
      : blocks_(blocks), summary_(summary), words_(dmcore::div_round_up(summary.regions, word_bits)) {}

  void run(const Path& root);

 private:
  [[nodiscard]] bool length_known() const { return words_ != 0; }
  [[nodiscard]] std::uint64_t array_blocks() const { return dmcore::div_round_up(words_, words_max); }
  // How many words array block `index` should have.
  [[nodiscard]] std::uint64_t words_of(std::uint64_t index) const {
    return std::min<std::uint64_t>(words_ - index * words_max, words_max);
  }
  void visit(const Path& leaf, std::uint64_t index, block_t block);
  [[nodiscard]] bool header_is_right(const Path& path, const ArrayBlockDisk& header, std::uint64_t index);
  void count(const Path& path, const Block& block, std::uint64_t index);
  void look_for_gaps(const Path& root);

  struct Gap {
    std::uint64_t from;
    std::uint64_t to;  // the index after the gap
  };

  Blocks& blocks_;
  Summary& summary_;
  std::uint64_t words_;
  std::uint64_t next_index_ = 0;
  std::vector<Gap> gaps_;
};

void BitsetCheck::run(const Path& root) {
  TreeWalk walk(blocks_, {Use::bitset_node, sizeof(le64)},
                [this](const Path& leaf, std::uint64_t index, const std::byte* value) {
                  visit(leaf, index, *reinterpret_cast<const le64*>(value));
                });
  // What a damaged node hides is no gap.
  if (walk.run(root)) look_for_gaps(root);
}

void BitsetCheck::visit(const Path& leaf, std::uint64_t index, block_t block) {
  const Path path{&leaf, "array block", block};
  const bool beyond = length_known() && index >= array_blocks();
  if (beyond) {
    blocks_.report(Kind::bitset_length, path,
                   fmt::format("is array block {} of a bitset with {}", index, array_blocks()));
  } else {
    if (index != next_index_) gaps_.push_back({next_index_, index});
    next_index_ = index + 1;
  }
  Block bytes;
  if (!blocks_.read(path, Use::array_block, bytes) || beyond) return;
  if (header_is_right(path, structure<ArrayBlockDisk>(bytes), index)) count(path, bytes, index);
}

bool BitsetCheck::header_is_right(const Path& path, const ArrayBlockDisk& header, std::uint64_t index) {
  if (header.value_size != sizeof(le64)) {
    blocks_.report(Kind::array_block, path,
                   fmt::format("values of {} bytes, expected {}", header.value_size.value(), sizeof(le64)));
    return false;
  }
  if (header.max_entries != words_max) {
    blocks_.report(Kind::array_block, path,
                   fmt::format("room for {} values, expected {}", header.max_entries.value(), words_max));
    return false;
  }
  if (header.nr_entries > words_max) {
    blocks_.report(Kind::array_block, path,
                   fmt::format("{} values, with room for {}", header.nr_entries.value(), words_max));
    return false;
  }
  if (length_known() && header.nr_entries != words_of(index)) {
    blocks_.report(Kind::bitset_length, path,
                   fmt::format("{} words, expected {}", header.nr_entries.value(), words_of(index)));
    return false;
  }
  return true;
}

void BitsetCheck::count(const Path& path, const Block& block, std::uint64_t index) {
  if (!length_known()) return;
  const std::uint64_t first = index * words_max * word_bits;
  const std::uint64_t regions = std::min(summary_.regions - first, words_of(index) * word_bits);
  std::uint64_t set = 0;
  for (std::uint64_t word = 0; word < words_of(index); ++word)
    set += ones_in(structure<le64>(block, sizeof(ArrayBlockDisk) + word * sizeof(le64)));
  if (const std::uint64_t used = regions % word_bits; used != 0) {
    const std::uint64_t last =
        structure<le64>(block, sizeof(ArrayBlockDisk) + (words_of(index) - 1) * sizeof(le64));
    if (const unsigned spare = ones_in(last >> used); spare != 0) {
      blocks_.report(Kind::spare_bits, path, fmt::format("{} bits are set beyond the last region", spare));
      set -= spare;
    }
  }
  summary_.regions_read += regions;
  summary_.hydrated += set;
}

void BitsetCheck::look_for_gaps(const Path& root) {
  if (next_index_ < array_blocks()) gaps_.push_back({next_index_, array_blocks()});
  for (const Gap& gap : gaps_)
    blocks_.report(Kind::bitset_length, root,
                   fmt::format("leads to no array blocks {} to {}", gap.from, gap.to - 1));
}

}  // namespace

void check_bitset(Blocks& blocks, const Path& root, Summary& summary) {
  BitsetCheck(blocks, summary).run(root);
}

}  // namespace sim::metadata
