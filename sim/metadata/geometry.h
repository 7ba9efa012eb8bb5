// SPDX-License-Identifier: GPL-2.0-or-later
// Which sizes a clone can have, and its blocks.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dmcore/kernel/types.h"
#include "dmcore/persistent/array_format.h"
#include "dmcore/persistent/bitset.h"
#include "dmcore/persistent/endian.h"

namespace sim::metadata {

inline constexpr std::size_t block_bytes = 4096;
// How many regions one array block of the bitset has the bits of.
inline constexpr std::uint64_t array_block_regions =
    std::uint64_t{dmcore::array_max_entries(sizeof(dmcore::le64), block_bytes)} *
    dmcore::DiskBitset::bits_per_word;

// Why there can be no clone of `target` sectors with regions of `region_size` sectors, in the words that its
// constructor uses; none if there can.
std::optional<std::string_view> refusal(dmcore::sector_t target, dmcore::sector_t region_size);

}  // namespace sim::metadata
