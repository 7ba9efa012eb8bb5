// SPDX-License-Identifier: GPL-2.0-or-later
// The space map: how many references each block has.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "dmcore/persistent/space_map_format.h"

#include "sim/metadata/blocks.h"
#include "sim/metadata/count_bitmap.h"

namespace sim::metadata {

class SpaceMapCheck {
 public:
  SpaceMapCheck(Blocks& blocks, const dmcore::SpaceMapRootDisk& root) : blocks_(blocks), root_(root) {}

  // Reads the map's own blocks.
  void read(const Path& superblock);
  // Compares it with what the blocks are used for, once all that can be reached has been read.
  void compare(const Path& superblock);

 private:
  struct Bitmap {
    dmcore::block_t location;
    std::optional<CountBitmap> counts;  // none if it is damaged
  };
  // Neighbours with the same count that is wrong in the same way.
  struct WrongCounts {
    Kind kind;
    std::uint32_t count;
    dmcore::block_t first;
    dmcore::block_t blocks;
  };

  void check_size(const Path& superblock);
  void read_bitmaps(const Path& index_path, const dmcore::MetadataIndexDisk& index);
  void read_bitmap(const Path& path, const dmcore::IndexEntryDisk& entry);
  void check_index_entry(const Path& path, const dmcore::IndexEntryDisk& entry, std::uint32_t free,
                         std::uint32_t first_free);
  void read_count_tree(const Path& root);
  void take_tree_count(const Path& leaf, dmcore::block_t block, std::uint32_t count);
  void check_count_tree(const Path& root);

  // How many entries of that bitmap are for blocks that there are.
  [[nodiscard]] std::uint32_t entries_of(std::size_t bitmap) const;
  [[nodiscard]] std::vector<WrongCounts> wrong_counts_of(std::size_t bitmap) const;
  // None if what is damaged hides whether the entry is wrong.
  [[nodiscard]] std::optional<WrongCounts> wrong_count(dmcore::block_t block, std::uint32_t entry) const;
  void check_allocated(const Path& superblock);

  Blocks& blocks_;
  dmcore::SpaceMapRootDisk root_;
  dmcore::block_t nr_blocks_ = 0;  // that are checked
  std::vector<Bitmap> bitmaps_;
  std::vector<dmcore::block_t> in_tree_;  // blocks whose entry says that their count is in the tree
  std::map<dmcore::block_t, std::uint32_t> tree_counts_;
  std::uint64_t allocated_ = 0;  // in the bitmaps that could be read
  bool size_is_right_ = true;
  bool bitmaps_whole_ = false;
  bool tree_whole_ = false;
};

}  // namespace sim::metadata
