// SPDX-License-Identifier: GPL-2.0-or-later
// The on-disk format of B-tree nodes (drivers/md/persistent-data/dm-btree-internal.h).
//
// The header is followed by `max_entries` keys of 64 bits and as many values of `value_size` bytes. A value
// of an internal node is the location of a child, and its key is the lowest key in that child.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dmcore/persistent/endian.h"

namespace dmcore {

inline constexpr std::uint32_t btree_csum_xor = 121107;

// Bits of BtreeNodeHeaderDisk::flags.
inline constexpr std::uint32_t btree_internal_node = 1;
inline constexpr std::uint32_t btree_leaf_node = 2;

struct BtreeNodeHeaderDisk {
  le32 csum;
  le32 flags;
  le64 blocknr;
  le32 nr_entries;
  le32 max_entries;
  le32 value_size;
  le32 padding;
};
static_assert(sizeof(BtreeNodeHeaderDisk) == 32);
static_assert(offsetof(BtreeNodeHeaderDisk, csum) == 0);
static_assert(offsetof(BtreeNodeHeaderDisk, flags) == 4);
static_assert(offsetof(BtreeNodeHeaderDisk, blocknr) == 8);
static_assert(offsetof(BtreeNodeHeaderDisk, nr_entries) == 16);
static_assert(offsetof(BtreeNodeHeaderDisk, max_entries) == 20);
static_assert(offsetof(BtreeNodeHeaderDisk, value_size) == 24);
static_assert(offsetof(BtreeNodeHeaderDisk, padding) == 28);

}  // namespace dmcore
