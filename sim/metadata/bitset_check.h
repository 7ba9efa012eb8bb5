// SPDX-License-Identifier: GPL-2.0-or-later
// The bitset: which regions are hydrated.
#pragma once

#include <cstdint>

#include "sim/metadata/blocks.h"

namespace sim::metadata {

// Reads the bitset and its array, and counts the regions in `summary`. If that has no regions, because the
// sizes in the superblock make no sense, the length of the bitset is not checked.
void check_bitset(Blocks& blocks, const Path& root, Summary& summary);

}  // namespace sim::metadata
