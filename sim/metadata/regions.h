// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of regions, as a dump lists them.
#pragma once

#include <cstdint>
#include <vector>

namespace sim::metadata {

struct RegionRange {
  std::uint64_t begin;
  std::uint64_t length;
  [[nodiscard]] std::uint64_t end() const { return begin + length; }
  bool operator==(const RegionRange&) const = default;
};

class Regions {
 public:
  // `begin` is behind all regions that there are. Ranges that touch become one.
  void append(std::uint64_t begin, std::uint64_t length) {
    if (length == 0) return;
    count_ += length;
    if (!ranges_.empty() && ranges_.back().end() == begin) {
      ranges_.back().length += length;
    } else {
      ranges_.push_back({begin, length});
    }
  }

  // Ascending; between two of them is a region that belongs to none.
  [[nodiscard]] const std::vector<RegionRange>& ranges() const { return ranges_; }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }

  bool operator==(const Regions&) const = default;

 private:
  std::vector<RegionRange> ranges_;
  std::uint64_t count_ = 0;
};

}  // namespace sim::metadata
