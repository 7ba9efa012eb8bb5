// SPDX-License-Identifier: GPL-2.0-or-later
// Images of metadata devices, damaged at random as disks, controllers and people do it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/generate/random.h"
#include "sim/metadata/regions.h"

namespace test {

struct WholeImage {
  std::string name;
  std::uint64_t target;       // sectors
  std::uint64_t region_size;  // sectors
  sim::metadata::Regions hydrated;
  std::vector<std::byte> bytes;
  std::vector<std::uint64_t> blocks_used;
};

// Clones of one and of several array blocks, with random histories. Made once in a process.
const std::vector<WholeImage>& whole_images();

struct DamagedImage {
  const WholeImage* whole;
  std::string damage;  // what was done to it, in a word
  std::vector<std::byte> bytes;
};

// Fields get values with checksums that fit only where these say nothing of the regions by themselves: a
// block of the bitset with another bit and the right checksum is no damage that anything could see.
DamagedImage damaged_image(sim::generate::Random& random);

}  // namespace test
