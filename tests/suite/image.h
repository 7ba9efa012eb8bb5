// SPDX-License-Identifier: GPL-2.0-or-later
// Between a device of the simulated machine and an image file that the host's programs work on.
#pragma once

#include <string>
#include <vector>

#include "tests/suite/rig.h"

namespace suite {

// What an image file holds, without its holes.
struct Image {
  struct Piece {
    sector_t sector;
    std::vector<std::byte> data;  // whole sectors, at most 1 MiB
  };
  sector_t size = 0;
  std::vector<Piece> pieces;
};

// Throws test::Failure if the file cannot be read.
Image read_image(const std::string& file);

// As mkfs does it: the device is discarded first, if it can be.
void write_image(Rig& rig, const std::string& path, const Image& image);

// Makes a sparse file of what is read from the device.
void save_device(Rig& rig, const std::string& path, const std::string& file);

}  // namespace suite
