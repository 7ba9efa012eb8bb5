// SPDX-License-Identifier: GPL-2.0-or-later
// Checks the metadata of a clone, as thin_check does for a thin pool: from the bytes on its device, without a
// machine. The format is docs/formats.md; what is checked beyond what the kernel needs is what dm-clone
// writes. Nothing is changed.
#pragma once

#include "sim/metadata/finding.h"
#include "sim/store/store.h"

namespace sim::metadata {

// Each depth contains the ones before it.
enum class Depth : std::uint8_t {
  superblock,  // nothing else
  space_map,   // also the space map, but not the bitset: only blocks of the map are known to be in use
  everything,
};

// What is damaged is reported once; what it leads to is not checked, all else is. Counts of blocks that may
// be in use behind damage are not reported. Ends for any bytes.
//
// Fast enough for each state that a power cut may leave: only blocks in use are read, each once; memory and
// time depend on them, not on the size of the device, and nothing is formatted unless there is a finding. Any
// context; the calls of several threads are independent if their stores are.
Report check(const Store& device, Depth depth = Depth::everything);

}  // namespace sim::metadata
