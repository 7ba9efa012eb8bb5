// SPDX-License-Identifier: GPL-2.0-or-later
// What is wrong with the metadata of a clone, and what a check of it says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/persistent/validator.h"

namespace sim::metadata {

enum class Kind : std::uint8_t {
  unreadable,       // the host cannot read the block
  too_small,        // there is no room for a superblock
  not_metadata,     // block 0 is no superblock of a clone
  checksum,         // does not fit the block
  block_number,     // the block says that it is another one
  version,          // of the superblock
  superblock,       // a field of it that dm-clone leaves zero
  geometry,         // no clone has that region size and target size
  beyond_end,       // a pointer leads beyond the device, or beyond the blocks that the space map counts
  double_use,       // a block is used in two places
  node,             // the header of a B-tree node
  empty_node,       // a node without entries where there must be some
  keys,             // of a node: not ascending, or not in the range that its parent gives
  depth,            // more levels than the kernel descends
  array_block,      // the header of an array block
  bitset_length,    // the bitset has too few or too many words
  spare_bits,       // bits beyond the last region
  space_map_size,   // the number of blocks that the space map counts
  index_entry,      // of the index block
  spare_counts,     // of a bitmap: entries beyond the last block
  reference_count,  // the tree of reference counts and the bitmaps disagree
  allocated,        // the number of blocks in use
  undercount,       // a block in use has no reference
  overcount,        // a block in use has too many references
  leak,             // a block that nothing leads to has references
};

// "checksum", "double-use".
std::string_view name_of(Kind kind);

// Whether data could be lost or misread. What is not fatal only wastes space.
constexpr bool is_fatal(Kind kind) {
  return kind != Kind::leak && kind != Kind::overcount;
}

struct Finding {
  Kind kind;
  dmcore::block_t block;
  dmcore::block_t blocks = 1;  // as many from `block` on have it
  std::string what;
  std::string path;  // "superblock > bitset root 5 > array block 7"
};

// "block 7: checksum 0x12, expected 0x34 (superblock > bitset root 5 > array block 7)".
std::string describe(const Finding& finding);

struct Summary {
  std::uint32_t version = 0;
  std::uint64_t region_size = 0;    // sectors
  std::uint64_t target_size = 0;    // sectors
  std::uint64_t regions = 0;        // 0 if the sizes make no sense
  std::uint64_t regions_read = 0;   // those whose bits could be read
  std::uint64_t hydrated = 0;       // of these
  std::uint64_t blocks = 0;         // that the space map counts, as the superblock says
  std::uint64_t blocks_used = 0;    // as the superblock says
  std::uint64_t device_blocks = 0;  //
  std::uint32_t block_size = 0;     // bytes
  // Of the numbers and the checksums of all blocks that were read and are not damaged. Two devices with the
  // same one have the same bytes at the same places, but for blocks that are free.
  std::uint64_t digest = 0;
};

struct Report {
  // Block 0 is all zeroes: dm-clone formats such a device. Then there are no findings and no summary: whether
  // it may be so depends on whether a clone has used the device.
  bool unformatted = false;
  std::optional<Summary> summary;  // none without a valid superblock
  std::vector<Finding> findings;

  [[nodiscard]] bool clean() const { return findings.empty(); }
  [[nodiscard]] bool fatal() const;
};

}  // namespace sim::metadata
