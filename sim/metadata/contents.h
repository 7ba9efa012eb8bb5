// SPDX-License-Identifier: GPL-2.0-or-later
// What the metadata of a clone says, apart from how it is stored: what a dump has, and a restored device
// gets.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "dmcore/kernel/types.h"
#include "dmcore/persistent/validator.h"

#include "dmclone/superblock.h"

#include "sim/metadata/regions.h"

namespace sim::metadata {

// Where the blocks of a device are. Their places depend on the history of the clone.
struct Layout {
  dmcore::sector_t device_size = 0;
  std::uint64_t blocks = 0;       // that the space map counts, as the superblock says
  std::uint64_t blocks_used = 0;  // as the superblock says
  dmcore::block_t bitset_root = 0;
  dmcore::block_t index_block = 0;
  dmcore::block_t count_root = 0;
  std::uint64_t digest = 0;  // Summary::digest
  bool operator==(const Layout&) const = default;
};

struct Contents {
  std::array<std::uint8_t, dmclone::uuid_bytes> uuid{};
  std::uint32_t version = dmclone::metadata_version_max;
  std::uint32_t flags = 0;
  dmcore::sector_t region_size = 0;
  dmcore::sector_t target_size = 0;
  Regions hydrated;
  // Those of which it cannot be proven whether they are hydrated. They count as not hydrated.
  Regions lost;
  std::optional<Layout> layout;  // none if no device is known

  // The sizes are some that a clone can have.
  [[nodiscard]] std::uint64_t regions() const { return dmcore::div_round_up(target_size, region_size); }
  bool operator==(const Contents&) const = default;
};

}  // namespace sim::metadata
