// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/host/disk_files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <lzma.h>
#include <memory>
#include <optional>
#include <unistd.h>
#include <vector>

#include "sim/store/complete_file.h"
#include "sim/store/last_error.h"

namespace sim::host {
namespace {

using dmcore::Errno;
using dmcore::Status;

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

// liblzma's state; it moves bytes from one buffer to another.
class Packer {
 public:
  Packer() = default;
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;
  ~Packer() { lzma_end(&stream_); }

  bool begin_unpacking() { return lzma_stream_decoder(&stream_, UINT64_MAX, LZMA_CONCATENATED) == LZMA_OK; }
  bool begin_packing() {
    return lzma_easy_encoder(&stream_, LZMA_PRESET_DEFAULT, LZMA_CHECK_CRC64) == LZMA_OK;
  }

  // Feeds `in` through; `take` gets the output in pieces and may fail. With `last` set nothing follows.
  template <class Take>
  Status run(std::span<const std::byte> in, bool last, Take take) {
    std::vector<std::byte> out(piece_bytes);
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream_.avail_in = in.size();
    lzma_ret result = LZMA_OK;
    do {
      stream_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
      stream_.avail_out = out.size();
      result = lzma_code(&stream_, last ? LZMA_FINISH : LZMA_RUN);
      if (result != LZMA_OK && result != LZMA_STREAM_END) return Errno::inval;
      DMCORE_TRY(take(std::span<const std::byte>(out).first(out.size() - stream_.avail_out)));
    } while (result == LZMA_OK && (stream_.avail_in != 0 || stream_.avail_out == 0 || last));
    return {};
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

// Writes to a store from its beginning on, as far as it reaches.
class StoreWriter {
 public:
  explicit StoreWriter(VirtualDisk& disk) : disk_(disk) {}
  Status operator()(std::span<const std::byte> data) {
    const std::uint64_t left = disk_.store().size() - offset_;
    const auto taken = data.first(std::min<std::uint64_t>(data.size(), left));
    if (!taken.empty()) DMCORE_TRY(disk_.poke(offset_, taken));
    offset_ += taken.size();
    return {};
  }

 private:
  VirtualDisk& disk_;
  std::uint64_t offset_ = 0;
};

// Calls `take(offset, data)` for all that may not be zero, in order.
template <class Take>
Status for_each_piece(Store& store, Take take) {
  std::vector<std::byte> buffer;
  for (std::uint64_t offset = 0;;) {
    const auto extent = store.next_extent(offset);
    if (!extent.ok()) return extent.error();
    if (!extent->has_value()) return {};
    const Store::Extent& found = **extent;
    buffer.resize(std::min<std::uint64_t>(found.length, piece_bytes));
    DMCORE_TRY(store.read(found.offset, buffer));
    DMCORE_TRY(take(found.offset, std::span<const std::byte>(buffer)));
    offset = found.offset + buffer.size();
    if (offset >= store.size()) return {};
  }
}

Status write_all(std::FILE* file, std::span<const std::byte> data) {
  if (std::fwrite(data.data(), 1, data.size(), file) != data.size()) return last_host_error();
  return {};
}

Status save_plain(Store& store, std::FILE* file) {
  DMCORE_TRY(for_each_piece(store, [file](std::uint64_t offset, std::span<const std::byte> data) -> Status {
    if (fseeko(file, static_cast<off_t>(offset), SEEK_SET) != 0) return last_host_error();
    return write_all(file, data);
  }));
  if (std::fflush(file) != 0 || ftruncate(fileno(file), static_cast<off_t>(store.size())) != 0)
    return last_host_error();
  return {};
}

Status save_packed(Store& store, std::FILE* file) {
  Packer packer;
  if (!packer.begin_packing()) return Errno::nomem;
  const auto take = [file](std::span<const std::byte> data) { return write_all(file, data); };
  const std::vector<std::byte> zeroes(piece_bytes);
  std::uint64_t packed = 0;
  const auto pack_zeroes = [&](std::uint64_t up_to) -> Status {
    while (packed < up_to) {
      const std::size_t size = std::min<std::uint64_t>(up_to - packed, zeroes.size());
      DMCORE_TRY(packer.run(std::span(zeroes).first(size), false, take));
      packed += size;
    }
    return {};
  };
  DMCORE_TRY(for_each_piece(store, [&](std::uint64_t offset, std::span<const std::byte> data) -> Status {
    DMCORE_TRY(pack_zeroes(offset));
    packed += data.size();
    return packer.run(data, false, take);
  }));
  DMCORE_TRY(pack_zeroes(store.size()));
  return packer.run({}, true, take);
}

}  // namespace

namespace {

// How every xz file begins.
constexpr std::array<unsigned char, 6> xz_magic{0xfd, '7', 'z', 'X', 'Z', 0};

bool is_packed(std::span<const std::byte> head) {
  return head.size() >= xz_magic.size() && std::memcmp(head.data(), xz_magic.data(), xz_magic.size()) == 0;
}

}  // namespace

Status load_disk(VirtualDisk& disk, const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return last_host_error();
  std::optional<Packer> packer;
  StoreWriter writer(disk);
  std::vector<std::byte> buffer(piece_bytes);
  bool first = true;
  for (bool last = false; !last; first = false) {
    const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), file.get());
    if (std::ferror(file.get()) != 0) return last_host_error();
    last = size < buffer.size();
    const auto data = std::span<const std::byte>(buffer).first(size);
    if (first && is_packed(data) && !packer.emplace().begin_unpacking()) return Errno::nomem;
    DMCORE_TRY(packer ? packer->run(data, last, std::ref(writer)) : writer(data));
  }
  return {};
}

Status save_disk(VirtualDisk& disk, const std::string& path) {
  auto file = CompleteFile::begin(path);
  if (!file.ok()) return file.error();
  DMCORE_TRY(path.ends_with(".xz") ? save_packed(disk.store(), file->stream())
                                   : save_plain(disk.store(), file->stream()));
  return file->finish();
}

}  // namespace sim::host
