// SPDX-License-Identifier: GPL-2.0-or-later
// A store seen with another size.
#pragma once

#include <memory>

#include "sim/store/store.h"

namespace sim {

// Shorter than what is beneath, it hides its end. Longer, the rest reads as zero and takes no bytes: they are
// dropped.
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
  // How many of `length` bytes from `offset` on are there.
  [[nodiscard]] std::uint64_t beneath(std::uint64_t offset, std::uint64_t length) const;

  Store& beneath_;
  std::uint64_t size_;
};

}  // namespace sim
