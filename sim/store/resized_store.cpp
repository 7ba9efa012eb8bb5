// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/store/resized_store.h"

#include <algorithm>

namespace sim {

using dmcore::Result;
using dmcore::Status;

std::uint64_t ResizedStore::beneath(std::uint64_t offset, std::uint64_t length) const {
  return std::min(length, beneath_.size() - std::min(offset, beneath_.size()));
}

Status ResizedStore::read(std::uint64_t offset, std::span<std::byte> out) const {
  const std::uint64_t there = beneath(offset, out.size());
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(there), out.end(), std::byte{0});
  return there == 0 ? Status() : beneath_.read(offset, out.first(there));
}

Status ResizedStore::write(std::uint64_t offset, std::span<const std::byte> data) {
  const std::uint64_t there = beneath(offset, data.size());
  return there == 0 ? Status() : beneath_.write(offset, data.first(there));
}

Status ResizedStore::discard(std::uint64_t offset, std::uint64_t length) {
  const std::uint64_t there = beneath(offset, length);
  return there == 0 ? Status() : beneath_.discard(offset, there);
}

Result<std::optional<Store::Extent>> ResizedStore::next_extent(std::uint64_t offset) const {
  auto extent = beneath_.next_extent(offset);
  if (!extent.ok() || !extent->has_value()) return extent;
  if ((*extent)->offset >= size_) return std::optional<Extent>();
  (*extent)->length = std::min((*extent)->length, size_ - (*extent)->offset);
  return extent;
}

}  // namespace sim
