// SPDX-License-Identifier: GPL-2.0-or-later
// The superblock of clone metadata: block 0 of the metadata device (drivers/md/dm-clone-metadata.c:
// superblock_disk).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "dmcore/persistent/block_manager.h"
#include "dmcore/persistent/endian.h"

namespace dmclone {

inline constexpr dmcore::block_t superblock_location = 0;
inline constexpr std::uint64_t superblock_magic = 0x8af27f64;
inline constexpr std::uint32_t superblock_csum_xor = 257649492;
inline constexpr std::uint32_t metadata_version_min = 1;
inline constexpr std::uint32_t metadata_version_max = 1;
inline constexpr std::size_t uuid_bytes = 16;
inline constexpr std::size_t space_map_root_bytes = 128;

// The rest of the block is zero. Fields after `version` are not aligned.
struct SuperblockDisk {
  dmcore::le32 csum;                          // of everything after it, to the end of the block
  dmcore::le32 flags;                         // always 0
  dmcore::le64 blocknr;                       // always superblock_location
  std::array<std::uint8_t, uuid_bytes> uuid;  // unused, zero
  dmcore::le64 magic;
  dmcore::le32 version;
  std::array<std::byte, space_map_root_bytes> metadata_space_map_root;  // begins with a SpaceMapRootDisk
  dmcore::le64 region_size;                                             // sectors
  dmcore::le64 target_size;                                             // sectors
  dmcore::le64 bitset_root;  // block with the root of the bitset: a bit per region, set if it is hydrated
};
static_assert(offsetof(SuperblockDisk, csum) == 0);
static_assert(offsetof(SuperblockDisk, flags) == 4);
static_assert(offsetof(SuperblockDisk, blocknr) == 8);
static_assert(offsetof(SuperblockDisk, uuid) == 16);
static_assert(offsetof(SuperblockDisk, magic) == 32);
static_assert(offsetof(SuperblockDisk, version) == 40);
static_assert(offsetof(SuperblockDisk, metadata_space_map_root) == 44);
static_assert(offsetof(SuperblockDisk, region_size) == 172);
static_assert(offsetof(SuperblockDisk, target_size) == 180);
static_assert(offsetof(SuperblockDisk, bitset_root) == 188);
static_assert(sizeof(SuperblockDisk) == 196);

// Checks superblocks, and sets their checksum.
const dmcore::BlockValidator& superblock_validator();

}  // namespace dmclone
