// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/cached_file_system.h"

#include <algorithm>

namespace suite {

namespace {

// What Linux reads ahead of a file that is read from front to back.
constexpr std::uint64_t readahead_blocks = (128U << 10U) / CachedFileSystem::block_bytes;

}  // namespace

void CachedFileSystem::read(const std::string& path, std::uint64_t offset, std::span<std::byte> out) {
  const std::uint64_t size = size_of(path);
  if (out.empty() || offset + out.size() > size) throw test::Failure("read beyond the end of " + path);
  const std::uint64_t first = offset / block_bytes;
  const std::uint64_t end = (offset + out.size() + block_bytes - 1) / block_bytes;
  const Runs wanted = map(path, first, end - first);

  Reader& reader = readers_[path];
  const bool front_to_back = offset == reader.next_offset || offset == 0;
  reader.next_offset = offset + out.size();
  if (front_to_back && (offset == 0 || end > reader.read_ahead_until)) {
    reader.read_ahead_until = std::min(end + readahead_blocks, (size + block_bytes - 1) / block_bytes);
    cache_.load(map(path, first, reader.read_ahead_until - first));
  } else {
    cache_.load(wanted);
  }

  std::uint64_t skip = offset % block_bytes;
  for (const PageCache::Run& run : wanted) {
    const std::uint64_t length = std::min<std::uint64_t>(run.count * block_bytes - skip, out.size());
    cache_.read(run.page * block_bytes + skip, out.first(length));
    out = out.subspan(length);
    skip = 0;
  }
}

void CachedFileSystem::read_direct(const std::string& path, std::uint64_t offset, std::span<std::byte> out) {
  if (offset % block_bytes != 0 || out.size() % block_bytes != 0)
    throw test::Failure("direct I/O to half blocks");
  const Runs runs = map(path, offset / block_bytes, out.size() / block_bytes);
  IoQueue queue(rig_, path_, PageCache::queue_depth);
  for (const PageCache::Run& run : runs) {
    const auto piece = out.first(run.count * block_bytes);
    queue.read(run.page * PageCache::page_sectors, run.count * PageCache::page_sectors,
               [piece](sector_t, std::span<const std::byte> data) {
                 std::copy(data.begin(), data.end(), piece.begin());
               });
    out = out.subspan(piece.size());
  }
  queue.drain();
}

}  // namespace suite
