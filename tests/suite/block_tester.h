// SPDX-License-Identifier: GPL-2.0-or-later
// What the program `dt` does by default: writes blocks of a device in random order, each sector saying where
// it belongs, and then reads all of them back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/suite/rig.h"

namespace suite {

class BlockTester {
 public:
  // `block_size` is in sectors.
  BlockTester(Rig& rig, std::string path, sector_t block_size, std::uint64_t seed)
      : rig_(rig), path_(std::move(path)), block_size_(block_size), seed_(seed) {}

  // For a process. Throws test::Failure at the first sector that does not hold what was written.
  void run();

 private:
  [[nodiscard]] std::vector<sector_t> blocks_in_random_order();
  void fill(sector_t begin);
  void verify(sector_t begin);

  Rig& rig_;
  std::string path_;
  sector_t block_size_;
  std::uint64_t seed_;
  std::vector<std::byte> buffer_;
};

}  // namespace suite
