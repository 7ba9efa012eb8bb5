// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/store/store_image.h"

#include <algorithm>
#include <unistd.h>
#include <vector>

#include "sim/store/file_store.h"

namespace sim {

using dmcore::Status;

namespace {

bool all_zero(std::span<const std::byte> data) {
  return std::all_of(data.begin(), data.end(), [](std::byte byte) { return byte == std::byte{0}; });
}

}  // namespace

Status load_image(Store& store, std::span<const std::byte> data) {
  constexpr std::size_t piece_bytes = 4096;
  data = data.first(std::min<std::uint64_t>(data.size(), store.size()));
  for (std::size_t at = 0; at < data.size(); at += piece_bytes) {
    const std::span<const std::byte> piece = data.subspan(at, std::min(piece_bytes, data.size() - at));
    DMCORE_TRY(all_zero(piece) ? store.discard(at, piece.size()) : store.write(at, piece));
  }
  return {};
}

Status copy_store(const Store& from, Store& to) {
  std::vector<std::byte> buffer(std::size_t{1} << 20);
  for (std::uint64_t at = 0;;) {
    const auto extent = from.next_extent(at);
    DMCORE_TRY(extent.status());
    if (!extent->has_value()) return {};
    const std::uint64_t bytes = std::min<std::uint64_t>((*extent)->length, buffer.size());
    const std::span<std::byte> piece = std::span(buffer).first(bytes);
    DMCORE_TRY(from.read((*extent)->offset, piece));
    if (!all_zero(piece)) DMCORE_TRY(to.write((*extent)->offset, piece));
    at = (*extent)->offset + bytes;
  }
}

Status save_image(const Store& store, const std::string& path) {
  ::unlink(path.c_str());
  auto file = FileStore::create(path, store.size());
  DMCORE_TRY(file.status());
  return copy_store(store, **file);
}

}  // namespace sim
