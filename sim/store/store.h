// SPDX-License-Identifier: GPL-2.0-or-later
// Where a virtual disk keeps its bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dmcore/kernel/errno.h"

namespace sim {

// A sparse array of bytes: what was never written, or was discarded, reads as zero and costs nothing. Offsets
// and lengths are bytes; a range that leaves the store is the caller's mistake. Not a device: no blocks, no
// cache, no time, and any context may call it.
class Store {
 public:
  // A range that may hold something else than zeroes.
  struct Extent {
    std::uint64_t offset;
    std::uint64_t length;
  };

  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // What messages call it: the path of a file; empty for a store in memory.
  [[nodiscard]] virtual std::string_view name() const { return {}; }

  // Errors come from what is beneath, such as a file of the host; stores in memory have none.
  virtual dmcore::Status read(std::uint64_t offset, std::span<std::byte> out) const = 0;
  virtual dmcore::Status write(std::uint64_t offset, std::span<const std::byte> data) = 0;
  // Makes a range zero and gives back what it cost, as far as the store's grain allows.
  virtual dmcore::Status discard(std::uint64_t offset, std::uint64_t length) = 0;
  // Makes everything written so far survive this process.
  virtual dmcore::Status sync() { return {}; }

  // The first extent that ends behind `offset`, clipped to begin there; none if only zeroes follow. Whoever
  // walks the extents sees every byte that is not zero, in order.
  [[nodiscard]] virtual dmcore::Result<std::optional<Extent>> next_extent(std::uint64_t offset) const = 0;
};

}  // namespace sim
