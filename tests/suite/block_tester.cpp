// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/block_tester.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <random>

namespace suite {

namespace {

// A sector holds its number and the seed, again and again.
struct Mark {
  std::uint64_t sector;
  std::uint64_t seed;
  friend bool operator==(const Mark&, const Mark&) = default;
};
constexpr std::size_t marks_per_sector = dmcore::sector_size / sizeof(Mark);

}  // namespace

std::vector<sector_t> BlockTester::blocks_in_random_order() {
  std::vector<sector_t> blocks;
  for (sector_t at = 0; at < rig_.sectors_of(path_); at += block_size_) blocks.push_back(at);
  std::mt19937_64 random(seed_);
  for (std::size_t left = blocks.size(); left > 1; --left)
    std::swap(blocks[left - 1], blocks[random() % left]);
  return blocks;
}

void BlockTester::fill(sector_t begin) {
  std::byte* place = buffer_.data();
  for (sector_t sector = begin; place != buffer_.data() + buffer_.size(); ++sector) {
    const Mark mark{sector, seed_};
    for (std::size_t i = 0; i < marks_per_sector; ++i, place += sizeof mark)
      std::memcpy(place, &mark, sizeof mark);
  }
}

void BlockTester::verify(sector_t begin) {
  const std::byte* place = buffer_.data();
  for (sector_t sector = begin; place != buffer_.data() + buffer_.size(); ++sector) {
    for (std::size_t i = 0; i < marks_per_sector; ++i, place += sizeof(Mark)) {
      Mark found{};
      std::memcpy(&found, place, sizeof found);
      if (found != Mark{sector, seed_}) {
        throw test::Failure(fmt::format("{}: sector {} does not hold what was written", path_, sector));
      }
    }
  }
}

void BlockTester::run() {
  constexpr sector_t largest_io = mib(1);
  const sector_t size = rig_.sectors_of(path_);
  const auto each_piece = [&](const auto& action) {
    for (const sector_t block : blocks_in_random_order()) {
      const sector_t end = std::min(block + block_size_, size);
      for (sector_t at = block; at < end; at += largest_io) {
        buffer_.resize(dmcore::to_bytes(std::min(largest_io, end - at)));
        action(at);
      }
    }
  };
  each_piece([&](sector_t at) {
    fill(at);
    rig_.write(path_, at, buffer_);
  });
  each_piece([&](sector_t at) {
    rig_.read(path_, at, buffer_);
    verify(at);
  });
}

}  // namespace suite
