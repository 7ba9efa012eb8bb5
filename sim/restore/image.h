// SPDX-License-Identifier: GPL-2.0-or-later
// The metadata of a clone, written anew by the clone's own code on a machine of its own: the bytes are those
// that a kernel writes which formats a device and then marks the same regions.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/machine/machine.h"
#include "sim/metadata/contents.h"
#include "sim/store/store.h"

namespace sim::restore {

// What each commit marks, in the order of the commits.
using Commits = std::vector<std::vector<metadata::RegionRange>>;

class Image {
 public:
  // A device of zeroes, in memory. At least a block.
  explicit Image(dmcore::sector_t size);

  // Once. Errno::nospc if the device is too small; what it holds then is of no use. `committed` is called
  // after each commit.
  dmcore::Status write(dmcore::sector_t target, dmcore::sector_t region_size, const Commits& commits,
                       const std::function<void()>& committed = {});

  [[nodiscard]] const Store& store() const { return disk_.store(); }
  // Into a file, sparse, which appears when it is complete.
  dmcore::Status save(const std::string& path);

 private:
  std::unique_ptr<Machine> machine_;
  VirtualDisk& disk_;
};

}  // namespace sim::restore
