// SPDX-License-Identifier: GPL-2.0-or-later
// Puts the contents of a clone's metadata onto a new device, and says whether that has the bytes of the one
// that they are from.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sim/metadata/contents.h"
#include "sim/restore/image.h"

namespace sim::restore {

struct Restored {
  std::unique_ptr<Image> image;  // null if there is none
  std::string why_not;           // then
  unsigned commits = 0;          // after formatting
  // Whether all blocks in use have the bytes and the places that they have on the device that was dumped;
  // none if nothing is known of that.
  std::optional<bool> same_bytes;
  std::string why_other_bytes;
};

// `contents.version` is one that can be written, the sizes are some that a clone can have, and regions are
// within them.
//
// A device is formatted, and all regions are marked with one commit. Where blocks are depends on what was
// committed before: if the dumped device has others, and its bitset is a single array block, other numbers of
// commits are tried, since then only that matters, as long as the clone was opened once. A device that is too
// small for one commit gets a commit for each array block.
Restored restore(const metadata::Contents& contents, dmcore::sector_t size);

// The size of the device that was dumped; that which is enough for every commit, if nothing is known of it.
dmcore::sector_t default_size(const metadata::Contents& contents);

}  // namespace sim::restore
