// SPDX-License-Identifier: GPL-2.0-or-later
// The store of a disk that has lost power: what some of its blocks hold is chosen when they are read.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "sim/disk/durability.h"

namespace sim {

class UndeterminedStore final : public Store {
 public:
  // The number of the candidate that the block at this offset holds. Called at most once for each block.
  using Choose = std::function<std::size_t(std::uint64_t offset, const Durability::Candidates& candidates)>;

  // `blocks`: those that are not determined, by their offsets in bytes. They are aligned to `block_bytes`.
  UndeterminedStore(std::unique_ptr<Store> beneath, std::uint32_t block_bytes,
                    std::map<std::uint64_t, Durability::Candidates> blocks, Choose choose)
      : beneath_(std::move(beneath)),
        block_bytes_(block_bytes),
        blocks_(std::move(blocks)),
        choose_(std::move(choose)) {}

  [[nodiscard]] std::uint64_t size() const override { return beneath_->size(); }
  [[nodiscard]] std::string_view name() const override { return beneath_->name(); }
  dmcore::Status read(std::uint64_t offset, std::span<std::byte> out) const override;
  // A block that is written as a whole is determined without a choice.
  dmcore::Status write(std::uint64_t offset, std::span<const std::byte> data) override;
  dmcore::Status discard(std::uint64_t offset, std::uint64_t length) override;
  dmcore::Status sync() override { return beneath_->sync(); }
  // Determines all, because where bytes are depends on it.
  [[nodiscard]] dmcore::Result<std::optional<Extent>> next_extent(std::uint64_t offset) const override;

 private:
  dmcore::Status determine(std::uint64_t offset, std::uint64_t length) const;
  dmcore::Status overwrite(std::uint64_t offset, std::uint64_t length);

  std::unique_ptr<Store> beneath_;
  std::uint32_t block_bytes_;
  mutable std::map<std::uint64_t, Durability::Candidates> blocks_;
  Choose choose_;
};

}  // namespace sim
