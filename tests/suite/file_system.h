// SPDX-License-Identifier: GPL-2.0-or-later
// A file system that is mounted on a device of the simulated machine: what the workloads need of one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "tests/suite/rig.h"

namespace suite {

// Files are named by paths from the root, without a leading slash. For processes of the machine; what goes
// wrong throws test::Failure.
class FileSystem {
 public:
  FileSystem() = default;
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;
  virtual ~FileSystem() = default;

  // An empty file, and the folders that lead to it.
  virtual void create(const std::string& path) = 0;
  virtual void remove(const std::string& path) = 0;
  // Through the page cache.
  virtual void write(const std::string& path, std::uint64_t offset, std::span<const std::byte> data) = 0;
  virtual void read(const std::string& path, std::uint64_t offset, std::span<std::byte> out) = 0;
  // Past the page cache, one request at a time, as O_DIRECT does.
  virtual void read_direct(const std::string& path, std::uint64_t offset, std::span<std::byte> out) = 0;
  [[nodiscard]] virtual std::uint64_t size_of(const std::string& path) = 0;

  // sync(2).
  virtual void sync() = 0;
  // echo 3 > /proc/sys/vm/drop_caches
  virtual void drop_caches() = 0;
  // fstrim: discards all free space.
  virtual void trim() = 0;
};

// What can be on a device.
class FileSystemType {
 public:
  FileSystemType() = default;
  FileSystemType(const FileSystemType&) = delete;
  FileSystemType& operator=(const FileSystemType&) = delete;
  virtual ~FileSystemType() = default;

  virtual void format(Rig& rig, const std::string& path) = 0;
  // Mounts it while `body` runs; then it is synced and checked by the host's fsck.
  virtual void with_mount(Rig& rig, const std::string& path,
                          const std::function<void(FileSystem&)>& body) = 0;
};

}  // namespace suite
