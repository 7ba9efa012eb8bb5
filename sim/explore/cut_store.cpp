// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/cut_store.h"

#include <algorithm>
#include <cstring>

namespace sim::explore {

using dmcore::sector_size;

const BlockContent& CutStore::block_at(std::uint64_t sector) const {
  const auto [place, first] = asked_.try_emplace(sector / block_sectors);
  if (first) place->second = ask_(static_cast<std::uint32_t>(sector / block_sectors));
  return place->second;
}

dmcore::Status CutStore::read(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const std::uint64_t sector = offset / sector_size;
    const std::uint64_t in_sector = offset % sector_size;
    const auto piece = out.first(std::min<std::uint64_t>(sector_size - in_sector, out.size()));
    if (written_[sector]) {
      DMCORE_TRY(bytes_.read(offset, piece));
    } else if (piece.size() == sector_size) {
      contents_.copy(block_at(sector)[sector % block_sectors], piece);
    } else {
      Contents::Sector whole;
      contents_.copy(block_at(sector)[sector % block_sectors], whole);
      std::memcpy(piece.data(), whole.data() + in_sector, piece.size());
    }
    offset += piece.size();
    out = out.subspan(piece.size());
  }
  return {};
}

// Of a sector that is written in part the rest stays.
void CutStore::keep_rest_of(std::uint64_t byte) {
  const std::uint64_t sector = byte / sector_size;
  if (byte % sector_size == 0 || written_[sector]) return;
  Contents::Sector whole;
  contents_.copy(block_at(sector)[sector % block_sectors], whole);
  bytes_.write(sector * sector_size, whole).ignore();  // in memory
  written_[sector] = true;
}

void CutStore::written(std::uint64_t offset, std::uint64_t length) {
  keep_rest_of(offset);
  keep_rest_of(offset + length);
  for (std::uint64_t sector = offset / sector_size; sector < (offset + length) / sector_size; ++sector)
    written_[sector] = true;
}

dmcore::Status CutStore::write(std::uint64_t offset, std::span<const std::byte> data) {
  written(offset, data.size());
  return bytes_.write(offset, data);
}

dmcore::Status CutStore::discard(std::uint64_t offset, std::uint64_t length) {
  written(offset, length);
  return bytes_.discard(offset, length);
}

// What is not known may be anything.
dmcore::Result<std::optional<Store::Extent>> CutStore::next_extent(std::uint64_t offset) const {
  if (offset >= size()) return std::optional<Extent>();
  return std::optional(Extent{offset, size() - offset});
}

}  // namespace sim::explore
