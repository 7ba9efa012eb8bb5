// SPDX-License-Identifier: GPL-2.0-or-later
// A view of a store with another size.
#pragma once

#include <memory>

#include "sim/store/store.h"

namespace sim {

// If it is shorter it hides the end of the store below. If it is longer the rest reads as zeroes, and writes
// to it are ignored.
class ResizedStore final : public Store {
 public:
  // `beneath` is not owned, and must outlive this.
  ResizedStore(Store& beneath, std::uint64_t size_bytes) : beneath_(beneath), size_(size_bytes) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::string_view name() const override { return beneath_.name(); }
  dmcore::Status read(std::uint64_t offset, std::span<std::byte> out) const override;
  dmcore::Status write(std::uint64_t offset, std::span<const std::byte> data) override;
  dmcore::Status discard(std::uint64_t offset, std::uint64_t length) override;
  dmcore::Status sync() override { return beneath_.sync(); }
  [[nodiscard]] dmcore::Result<std::optional<Extent>> next_extent(std::uint64_t offset) const override;

 private:
  // How many of `length` bytes from `offset` on exist in the store below.
  [[nodiscard]] std::uint64_t beneath(std::uint64_t offset, std::uint64_t length) const;

  Store& beneath_;
  std::uint64_t size_;
};

}  // namespace sim
