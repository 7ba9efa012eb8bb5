// SPDX-License-Identifier: GPL-2.0-or-later
// The checksum that each metadata block begins with (dm_bm_checksum of dm-block-manager.c).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace dmcore {

// CRC-32C over the block without its first four bytes, in which the result is stored; started with all ones,
// not inverted at the end, and xored with a number that differs between kinds of blocks, so that one kind is
// not taken for another.
std::uint32_t block_checksum(std::span<const std::byte> block, std::uint32_t xor_with);

}  // namespace dmcore
