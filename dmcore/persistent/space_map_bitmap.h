// SPDX-License-Identifier: GPL-2.0-or-later
// A bitmap block of a space map: two bits for each block (drivers/md/persistent-data/dm-space-map-common.c).
#pragma once

#include <optional>

#include "dmcore/persistent/block_manager.h"
#include "dmcore/persistent/space_map_format.h"

namespace dmcore {

// DM_MSG_PREFIX of drivers/md/persistent-data/dm-space-map-common.c.
inline constexpr std::string_view space_map_log_prefix = "space map common";

const BlockValidator& space_map_bitmap_validator();
const BlockValidator& space_map_index_validator();

// A view of a locked bitmap block. Entries are identified by their index in the block.
class SpaceMapBitmap {
 public:
  explicit SpaceMapBitmap(const BlockRef& block)
      : words_(reinterpret_cast<le64*>(block.data().data() + sizeof(BitmapHeaderDisk))) {}

  static constexpr std::uint32_t entries_per_block(std::uint32_t block_bytes) {
    return (block_bytes - static_cast<std::uint32_t>(sizeof(BitmapHeaderDisk))) * bitmap_entries_per_byte;
  }

  // 0 to 3.
  [[nodiscard]] std::uint32_t get(std::uint32_t entry) const;
  void set(std::uint32_t entry, std::uint32_t value);

  // The first entry of [begin, end) that is 0.
  [[nodiscard]] std::optional<std::uint32_t> find_free(std::uint32_t begin, std::uint32_t end) const;

 private:
  static constexpr std::uint32_t entries_per_word = 32;
  [[nodiscard]] bool word_used_up(std::uint32_t entry) const;

  le64* words_;
};

}  // namespace dmcore
