// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/store/file_store.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/store/last_error.h"

namespace sim {

using dmcore::Errno;
using dmcore::Result;
using dmcore::Status;

Result<std::unique_ptr<FileStore>> FileStore::open(const std::string& path, bool read_only) {
  // O_NONBLOCK: opening a FIFO would block.
  const int descriptor = ::open(path.c_str(), (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return last_host_error();
  std::unique_ptr<FileStore> store(new FileStore(descriptor, path));
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return last_host_error();
  if (!S_ISREG(status.st_mode)) return Errno::inval;
  DMCORE_TRY(store->lock(!read_only));
  store->size_ = static_cast<std::uint64_t>(status.st_size);
  return store;
}

Result<std::unique_ptr<FileStore>> FileStore::open_to_inspect(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return last_host_error();
  if (!S_ISBLK(status.st_mode)) return open(path, true);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_EXCL);
  if (descriptor < 0) return last_host_error();
  std::unique_ptr<FileStore> store(new FileStore(descriptor, path));
  const off_t end = ::lseek(descriptor, 0, SEEK_END);
  if (end < 0) return last_host_error();
  store->size_ = static_cast<std::uint64_t>(end);
  return store;
}

Result<std::unique_ptr<FileStore>> FileStore::create(const std::string& path, std::uint64_t size_bytes) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) return last_host_error();
  std::unique_ptr<FileStore> store(new FileStore(descriptor, path));
  Status made = store->lock(true);
  if (made.ok()) made = store->resize(size_bytes);
  if (made.ok()) return store;
  ::unlink(path.c_str());
  return made.error();
}

// File systems without locks are used without.
Status FileStore::lock(bool exclusive) {
  const int failed = ::flock(descriptor_, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB);
  return failed != 0 && errno == EWOULDBLOCK ? Status(Errno::busy) : Status();
}

Status FileStore::resize(std::uint64_t size_bytes) {
  if (::ftruncate(descriptor_, static_cast<off_t>(size_bytes)) != 0) return last_host_error();
  size_ = size_bytes;
  return {};
}

FileStore::~FileStore() {
  ::close(descriptor_);
}

Status FileStore::read(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t got = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return last_host_error();
    if (got == 0) return Errno::io;  // the file was made shorter
    offset += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

Status FileStore::write(std::uint64_t offset, std::span<const std::byte> data) {
  while (!data.empty()) {
    const ssize_t put = ::pwrite(descriptor_, data.data(), data.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return last_host_error();
    offset += static_cast<std::uint64_t>(put);
    data = data.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

Status FileStore::write_zeroes(std::uint64_t offset, std::uint64_t length) {
  static constexpr std::array<std::byte, 65536> zeroes{};
  while (length != 0) {
    const std::uint64_t bytes = std::min<std::uint64_t>(length, zeroes.size());
    DMCORE_TRY(write(offset, std::span(zeroes).first(bytes)));
    offset += bytes;
    length -= bytes;
  }
  return {};
}

Status FileStore::discard(std::uint64_t offset, std::uint64_t length) {
  if (length == 0) return {};
  const int failed = ::fallocate(descriptor_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                 static_cast<off_t>(offset), static_cast<off_t>(length));
  if (failed == 0) return {};
  if (errno == EOPNOTSUPP) return write_zeroes(offset, length);
  return last_host_error();
}

Status FileStore::sync() {
  return ::fdatasync(descriptor_) == 0 ? Status() : Status(last_host_error());
}

Result<std::optional<Store::Extent>> FileStore::next_extent(std::uint64_t offset) const {
  if (offset >= size_) return std::optional<Extent>();
  const off_t begin = ::lseek(descriptor_, static_cast<off_t>(offset), SEEK_DATA);
  if (begin < 0 && errno == ENXIO) return std::optional<Extent>();
  if (begin < 0) return last_host_error();
  const off_t end = ::lseek(descriptor_, begin, SEEK_HOLE);
  if (end < 0) return last_host_error();
  return std::optional(Extent{static_cast<std::uint64_t>(begin),
                              static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(begin)});
}

}  // namespace sim
