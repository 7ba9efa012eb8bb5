// SPDX-License-Identifier: GPL-2.0-or-later
// The storage of a virtual disk.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dmcore/kernel/errno.h"

namespace sim {

// A sparse array of bytes: what was never written, or was discarded, reads as zero and needs no memory.
// Offsets and lengths are in bytes, and must be within the store. Not a device: it has no blocks, cache or
// time. Any context.
class Store {
 public:
  // A range that may have other bytes than zeroes.
  struct Extent {
    std::uint64_t offset;
    std::uint64_t length;
  };

  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // For messages: the path of a file; empty for a store in memory.
  [[nodiscard]] virtual std::string_view name() const { return {}; }

  // Errors are those of the host, such as of a file; stores in memory have none.
  virtual dmcore::Status read(std::uint64_t offset, std::span<std::byte> out) const = 0;
  virtual dmcore::Status write(std::uint64_t offset, std::span<const std::byte> data) = 0;
  // Zeroes a range, and frees its memory as far as the granularity of the store allows.
  virtual dmcore::Status discard(std::uint64_t offset, std::uint64_t length) = 0;
  // Makes what was written durable on the host.
  virtual dmcore::Status sync() { return {}; }

  // The first extent that ends after `offset`, without what is before `offset`; none if only zeroes follow.
  // All bytes that are not zero are in extents.
  [[nodiscard]] virtual dmcore::Result<std::optional<Extent>> next_extent(std::uint64_t offset) const = 0;
};

}  // namespace sim
