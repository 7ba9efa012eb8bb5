// SPDX-License-Identifier: GPL-2.0-or-later
// The on-disk format of reference counts (drivers/md/persistent-data/dm-space-map-common.h).
//
// Bitmap blocks have two bits for each block: 0, 1, 2, or 3 for "in the reference count tree". The index
// block has the locations of the bitmap blocks. The reference count tree is a B-tree from block numbers to
// 32-bit counts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "dmcore/persistent/endian.h"

namespace dmcore {

// Stored in the superblock of the owner.
struct SpaceMapRootDisk {
  le64 nr_blocks;
  le64 nr_allocated;
  le64 bitmap_root;  // the index block
  le64 ref_count_root;
};
static_assert(sizeof(SpaceMapRootDisk) == 32);
static_assert(offsetof(SpaceMapRootDisk, nr_blocks) == 0);
static_assert(offsetof(SpaceMapRootDisk, nr_allocated) == 8);
static_assert(offsetof(SpaceMapRootDisk, bitmap_root) == 16);
static_assert(offsetof(SpaceMapRootDisk, ref_count_root) == 24);

// Describes one bitmap block.
struct IndexEntryDisk {
  le64 blocknr;
  le32 nr_free;
  le32 none_free_before;  // the first entry that may be free
};
static_assert(sizeof(IndexEntryDisk) == 16);
static_assert(offsetof(IndexEntryDisk, blocknr) == 0);
static_assert(offsetof(IndexEntryDisk, nr_free) == 8);
static_assert(offsetof(IndexEntryDisk, none_free_before) == 12);

inline constexpr std::size_t max_metadata_bitmaps = 255;
inline constexpr std::uint32_t index_csum_xor = 160478;

struct MetadataIndexDisk {
  le32 csum;
  le32 padding;
  le64 blocknr;
  std::array<IndexEntryDisk, max_metadata_bitmaps> index;
};
static_assert(sizeof(MetadataIndexDisk) == 4096);
static_assert(offsetof(MetadataIndexDisk, csum) == 0);
static_assert(offsetof(MetadataIndexDisk, padding) == 4);
static_assert(offsetof(MetadataIndexDisk, blocknr) == 8);
static_assert(offsetof(MetadataIndexDisk, index) == 16);

inline constexpr std::uint32_t bitmap_csum_xor = 240779;

// Followed by the entries, four to a byte. The lower bit of an entry has the value 2, the higher one 1.
struct BitmapHeaderDisk {
  le32 csum;
  le32 not_used;
  le64 blocknr;
};
static_assert(sizeof(BitmapHeaderDisk) == 16);
static_assert(offsetof(BitmapHeaderDisk, csum) == 0);
static_assert(offsetof(BitmapHeaderDisk, not_used) == 4);
static_assert(offsetof(BitmapHeaderDisk, blocknr) == 8);

inline constexpr unsigned bitmap_entries_per_byte = 4;
// The value of an entry whose count is in the reference count tree.
inline constexpr std::uint32_t bitmap_count_in_tree = 3;

}  // namespace dmcore
