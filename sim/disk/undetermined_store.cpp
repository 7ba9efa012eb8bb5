// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/disk/undetermined_store.h"

namespace sim {

using dmcore::Status;

Status UndeterminedStore::determine(std::uint64_t offset, std::uint64_t length) const {
  const std::uint64_t first = offset / block_bytes_ * block_bytes_;
  for (auto block = blocks_.lower_bound(first); block != blocks_.end() && block->first < offset + length;
       block = blocks_.erase(block)) {
    const auto& [place, candidates] = *block;
    const Durability::Content& kept = candidates.contents.at(choose_(place, candidates));
    DMCORE_TRY(kept.zero() ? beneath_->discard(place, block_bytes_) : beneath_->write(place, kept.bytes()));
  }
  return {};
}

// Of the blocks at the ends only a part may be written.
Status UndeterminedStore::overwrite(std::uint64_t offset, std::uint64_t length) {
  if (length == 0) return {};
  const std::uint64_t end = offset + length;
  if (offset % block_bytes_ != 0) DMCORE_TRY(determine(offset, 1));
  if (end % block_bytes_ != 0) DMCORE_TRY(determine(end - 1, 1));
  blocks_.erase(blocks_.lower_bound(offset), blocks_.lower_bound(end));
  return {};
}

Status UndeterminedStore::read(std::uint64_t offset, std::span<std::byte> out) const {
  DMCORE_TRY(determine(offset, out.size()));
  return beneath_->read(offset, out);
}

Status UndeterminedStore::write(std::uint64_t offset, std::span<const std::byte> data) {
  DMCORE_TRY(overwrite(offset, data.size()));
  return beneath_->write(offset, data);
}

Status UndeterminedStore::discard(std::uint64_t offset, std::uint64_t length) {
  DMCORE_TRY(overwrite(offset, length));
  return beneath_->discard(offset, length);
}

dmcore::Result<std::optional<Store::Extent>> UndeterminedStore::next_extent(std::uint64_t offset) const {
  DMCORE_TRY(determine(0, size()));
  return beneath_->next_extent(offset);
}

}  // namespace sim
