// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/image.h"

#include <algorithm>

#include "sim/store/file_store.h"

#include "tests/suite/io_queue.h"

namespace suite {

namespace {

constexpr std::uint64_t piece_bytes = 1U << 20U;
constexpr unsigned queue_depth = 32;

bool all_zero(std::span<const std::byte> data) {
  return std::all_of(data.begin(), data.end(), [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

Image read_image(const std::string& file) {
  auto store = sim::FileStore::open(file, true);
  test::check(store.status(), "open " + file);
  Image image;
  image.size = dmcore::to_sectors((*store)->size());
  for (std::uint64_t at = 0;;) {
    const auto extent = (*store)->next_extent(at);
    test::check(extent.status(), "read " + file);
    if (!*extent) return image;
    const std::uint64_t length = std::min((*extent)->length, piece_bytes);
    Image::Piece piece{dmcore::to_sectors((*extent)->offset), std::vector<std::byte>(length)};
    test::check((*store)->read((*extent)->offset, piece.data), "read " + file);
    at = (*extent)->offset + length;
    if (!all_zero(piece.data)) image.pieces.push_back(std::move(piece));
  }
}

void write_image(Rig& rig, const std::string& path, const Image& image) {
  if (rig.device(path).limits.max_discard_sectors != 0) rig.discard(path, 0, image.size);
  rig.with_file(path, [&](sim::host::DeviceFile&) {
    IoQueue queue(rig, path, queue_depth);
    for (const Image::Piece& piece : image.pieces) queue.write(piece.sector, piece.data);
    queue.drain();
  });
  rig.flush(path);
}

void save_device(Rig& rig, const std::string& path, const std::string& file) {
  const sector_t size = rig.sectors_of(path);
  auto store = sim::FileStore::create(file, dmcore::to_bytes(size));
  test::check(store.status(), "create " + file);
  rig.with_file(path, [&](sim::host::DeviceFile&) {
    IoQueue queue(rig, path, queue_depth);
    const auto keep = [&](sector_t sector, std::span<const std::byte> data) {
      if (!all_zero(data)) test::check((*store)->write(dmcore::to_bytes(sector), data), "write " + file);
    };
    constexpr sector_t piece = dmcore::to_sectors(piece_bytes);
    for (sector_t at = 0; at < size; at += piece) queue.read(at, std::min(piece, size - at), keep);
    queue.drain();
  });
}

}  // namespace suite
