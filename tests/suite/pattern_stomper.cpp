// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/pattern_stomper.h"

#include <algorithm>

namespace suite {

PatternStomper::PatternStomper(Rig& rig, std::string path, sector_t block_size, std::uint64_t seed)
    : rig_(rig), path_(std::move(path)), block_size_(block_size), random_(seed) {
  const sector_t size = rig_.sectors_of(path_);
  blocks_ = size / block_size_;
  rig_.zero(path_, size);
  Round& zeroes = rounds_.emplace_back();
  for (std::uint64_t block = 0; block < blocks_; ++block)
    zeroes.emplace_hint(zeroes.end(), block, std::byte{0});
}

PatternStomper PatternStomper::fork(std::string path) const {
  PatternStomper other = *this;
  other.path_ = std::move(path);
  return other;
}

void PatternStomper::stamp(unsigned percent) {
  constexpr unsigned whole = 100;
  const std::uint64_t count = blocks_ * percent / whole;
  Round round;
  while (round.size() < count) {
    const std::uint64_t block = random_() % blocks_;
    round.emplace(block, static_cast<std::byte>(random_() & 0xFFU));
  }
  rig_.with_file(path_, [&](sim::host::DeviceFile& file) {
    std::vector<std::byte> buffer(dmcore::to_bytes(block_size_));
    for (const auto& [block, fill] : round) {
      std::fill(buffer.begin(), buffer.end(), fill);
      const auto done = file.write(buffer, static_cast<std::int64_t>(block * buffer.size()), false);
      test::check(done.status(), "write to " + path_);
    }
  });
  rounds_.push_back(std::move(round));
}

std::size_t PatternStomper::wrong_blocks(std::size_t first, std::size_t last) {
  Round expected;
  for (std::size_t i = first; i <= last; ++i) {
    for (const auto& [block, fill] : rounds_.at(i)) expected[block] = fill;
  }
  std::size_t wrong = 0;
  rig_.with_file(path_, [&](sim::host::DeviceFile& file) {
    std::vector<std::byte> buffer(dmcore::to_bytes(block_size_));
    for (const auto& [block, expected_fill] : expected) {
      const std::byte fill = expected_fill;  // clang 14 captures no structured bindings
      const auto done = file.read(buffer, static_cast<std::int64_t>(block * buffer.size()));
      test::check(done.status(), "read from " + path_);
      const bool good = std::all_of(buffer.begin(), buffer.end(), [&](std::byte b) { return b == fill; });
      if (!good) ++wrong;
    }
  });
  return wrong;
}

}  // namespace suite
