// SPDX-License-Identifier: GPL-2.0-or-later
// The checksum at the beginning of each metadata block (dm_bm_checksum of dm-block-manager.c).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace dmcore {

// CRC-32C of the block without its first four bytes, where the result is stored. It starts with all ones, is
// not inverted at the end, and is xored with a number that depends on the kind of block, so that one kind is
// not mistaken for another.
std::uint32_t block_checksum(std::span<const std::byte> block, std::uint32_t xor_with);

}  // namespace dmcore
