// SPDX-License-Identifier: GPL-2.0-or-later
// Writes random blocks of a device in rounds and knows what each block must hold after any of them.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/suite/rig.h"

namespace suite {

class PatternStomper {
 public:
  // Zeroes the device: that is round 0. `block_size` is in sectors, at most 1 MiB.
  PatternStomper(Rig& rig, std::string path, sector_t block_size, std::uint64_t seed);

  // Another device that holds what this one holds, and from here on goes its own way.
  [[nodiscard]] PatternStomper fork(std::string path) const;

  // A new round: writes so many percent of the blocks, chosen at random, each filled with a byte of its own.
  void stamp(unsigned percent);
  // Reads every block that rounds `first` to `last` wrote, and says how many do not hold what the last of
  // these rounds to write them wrote.
  [[nodiscard]] std::size_t wrong_blocks(std::size_t first, std::size_t last);

 private:
  using Round = std::map<std::uint64_t, std::byte>;  // what the blocks are filled with, by block number

  Rig& rig_;
  std::string path_;
  sector_t block_size_;
  std::uint64_t blocks_;
  std::mt19937_64 random_;
  std::vector<Round> rounds_;
};

}  // namespace suite
