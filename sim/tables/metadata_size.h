// SPDX-License-Identifier: GPL-2.0-or-later
// How large the metadata device of a clone has to be.
//
// Two answers: what it takes to format it, and what it takes so that no commit ever runs out of space.
// Metadata is written copy on write: a transaction that changes everything needs a second place for each
// block that can change, while the blocks of the last transaction still stand. Such a transaction is no
// rarity: a discard of the whole device is one, and so is a second in which writes fall everywhere.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "dmcore/kernel/types.h"

namespace sim::tables {

// In metadata blocks (dmclone::metadata_block_sectors), unless it says otherwise.
struct MetadataSize {
  std::uint64_t regions = 0;
  std::uint64_t array_blocks = 0;       // the bitmap of hydrated regions
  std::uint64_t formatted_nodes = 0;    // of the B-tree that finds the array blocks, when it is new
  std::uint64_t nodes = 0;              // of the same tree, at most: changing full nodes splits them
  std::uint64_t formatted_bitmaps = 0;  // of the space map, on a device of `to_format` blocks
  std::uint64_t bitmaps = 0;            // the same on a device of `to_commit` blocks
  std::uint64_t to_format = 0;          // the smallest device that a clone can format
  std::uint64_t to_commit = 0;          // the smallest device on which no commit runs out of space
  // In sectors.
  [[nodiscard]] dmcore::sector_t sectors_to_format() const;
  [[nodiscard]] dmcore::sector_t sectors_to_commit() const;
};

// For a clone of `target` sectors with regions of `region_size` sectors; or why there can be no such clone,
// in the words that its constructor uses.
std::variant<MetadataSize, std::string> metadata_size(dmcore::sector_t target, dmcore::sector_t region_size);

// A clone on a metadata device of `blocks` blocks runs out of space sooner or later.
inline bool runs_out(const MetadataSize& size, std::uint64_t blocks) {
  return blocks < size.to_commit;
}

}  // namespace sim::tables
