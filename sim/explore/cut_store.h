// SPDX-License-Identifier: GPL-2.0-or-later
// The content of a disk after a power cut, of which nothing is known until it is read.
#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "sim/explore/contents.h"
#include "sim/explore/disk_state.h"
#include "sim/store/memory_store.h"

namespace sim::explore {

class CutStore final : public Store {
 public:
  // Called for each block that is read before it is written as a whole.
  using Ask = std::function<BlockContent(std::uint32_t block)>;

  CutStore(std::uint64_t size_bytes, const Contents& contents, Ask ask)
      : contents_(contents),
        ask_(std::move(ask)),
        written_(size_bytes / dmcore::sector_size),
        bytes_(size_bytes) {}

  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  dmcore::Status read(std::uint64_t offset, std::span<std::byte> out) const override;
  dmcore::Status write(std::uint64_t offset, std::span<const std::byte> data) override;
  dmcore::Status discard(std::uint64_t offset, std::uint64_t length) override;
  [[nodiscard]] dmcore::Result<std::optional<Extent>> next_extent(std::uint64_t offset) const override;

 private:
  [[nodiscard]] const BlockContent& block_at(std::uint64_t sector) const;
  void keep_rest_of(std::uint64_t byte);
  void written(std::uint64_t offset, std::uint64_t length);

  const Contents& contents_;
  Ask ask_;
  mutable std::unordered_map<std::uint64_t, BlockContent> asked_;  // blocks, as they were at the cut
  std::vector<bool> written_;                                      // sectors since
  MemoryStore bytes_;                                              // of those
};

}  // namespace sim::explore
