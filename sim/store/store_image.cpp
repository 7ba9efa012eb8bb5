// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/store/store_image.h"

#include <algorithm>
#include <unistd.h>
#include <vector>

#include "sim/store/file_store.h"

namespace sim {

using dmcore::Result;
using dmcore::Status;

namespace {

bool all_zero(std::span<const std::byte> data) {
  return std::all_of(data.begin(), data.end(), [](std::byte byte) { return byte == std::byte{0}; });
}

constexpr std::size_t piece_bytes_max = std::size_t{1} << 20;

struct Piece {
  std::uint64_t offset;
  std::span<std::byte> data;
};

// Reads the next piece from `at` on that is not all zero into `buffer`; none if only zeroes follow.
Result<std::optional<Piece>> next_piece(const Store& store, std::uint64_t at, std::span<std::byte> buffer) {
  for (;;) {
    const auto extent = store.next_extent(at);
    DMCORE_TRY(extent.status());
    if (!extent->has_value()) return std::optional<Piece>();
    const Piece piece{(*extent)->offset,
                      buffer.first(std::min<std::uint64_t>((*extent)->length, buffer.size()))};
    DMCORE_TRY(store.read(piece.offset, piece.data));
    if (!all_zero(piece.data)) return std::optional(piece);
    at = piece.offset + piece.data.size();
  }
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
  std::vector<std::byte> buffer(piece_bytes_max);
  for (std::uint64_t at = 0;;) {
    const auto piece = next_piece(from, at, buffer);
    DMCORE_TRY(piece.status());
    if (!piece->has_value()) return {};
    DMCORE_TRY(to.write((*piece)->offset, (*piece)->data));
    at = (*piece)->offset + (*piece)->data.size();
  }
}

Result<bool> is_blank(const Store& store) {
  std::vector<std::byte> buffer(piece_bytes_max);
  const auto piece = next_piece(store, 0, buffer);
  DMCORE_TRY(piece.status());
  return !piece->has_value();
}

Status save_image(const Store& store, const std::string& path) {
  ::unlink(path.c_str());
  auto file = FileStore::create(path, store.size());
  DMCORE_TRY(file.status());
  return copy_store(store, **file);
}

}  // namespace sim
