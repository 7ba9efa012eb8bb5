// SPDX-License-Identifier: GPL-2.0-or-later
// Reads what the metadata of a clone says, also of a damaged device: then what can be proven.
#pragma once

#include <optional>

#include "sim/metadata/contents.h"
#include "sim/metadata/finding.h"
#include "sim/store/store.h"

namespace sim::metadata {

struct Recovery {
  // Of check().
  Report report;
  // None if the superblock is damaged, or says what no clone can be.
  std::optional<Contents> contents;
};

// A region counts as hydrated only if its bit is in an array block that, like each node on the way from the
// superblock to it, is intact and is where it says; that is used once; and that the space map, as far as this
// can be read, does not call free: a free block may have been overwritten with a newer one of another place.
// The same then holds for all regions of the array block. All others are lost, unless nothing is damaged.
//
// What cannot be seen: that a device has lost a write and kept the old block, complete.
Recovery recover(const Store& device);

// A clone of which nothing is known but its sizes, which are some that a clone can have: all is lost.
Contents all_lost(dmcore::sector_t target, dmcore::sector_t region_size);

}  // namespace sim::metadata
