// SPDX-License-Identifier: GPL-2.0-or-later
// The on-disk format of array blocks (drivers/md/persistent-data/dm-array.c). An array is a B-tree from 0, 1,
// 2, ... to array blocks, all but the last of which are full.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dmcore/persistent/endian.h"

namespace dmcore {

inline constexpr std::uint32_t array_csum_xor = 595846735;

// Followed by the values.
struct ArrayBlockDisk {
  le32 csum;
  le32 max_entries;
  le32 nr_entries;
  le32 value_size;
  le64 blocknr;
};
// The number of values that fit into a block.
constexpr std::uint32_t array_max_entries(std::size_t value_size, std::size_t block_bytes) {
  return static_cast<std::uint32_t>((block_bytes - sizeof(ArrayBlockDisk)) / value_size);
}

static_assert(sizeof(ArrayBlockDisk) == 24);
static_assert(offsetof(ArrayBlockDisk, csum) == 0);
static_assert(offsetof(ArrayBlockDisk, max_entries) == 4);
static_assert(offsetof(ArrayBlockDisk, nr_entries) == 8);
static_assert(offsetof(ArrayBlockDisk, value_size) == 12);
static_assert(offsetof(ArrayBlockDisk, blocknr) == 16);

}  // namespace dmcore
