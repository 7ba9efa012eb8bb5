// SPDX-License-Identifier: GPL-2.0-or-later
// Hashes of states, which are compared instead of them.
#pragma once

#include <cstdint>

namespace sim::explore {

// Of an ordered pair.
constexpr std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  std::uint64_t hash = (a ^ (b + 0x9e3779b97f4a7c15ULL + (a << 6U) + (a >> 2U))) * 0xff51afd7ed558ccdULL;
  hash ^= hash >> 32U;
  return hash;
}

}  // namespace sim::explore
