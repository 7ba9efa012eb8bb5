// SPDX-License-Identifier: GPL-2.0-or-later
// A store in a file of the host.
#pragma once

#include <memory>
#include <string>

#include "sim/store/store.h"

namespace sim {

// The file stays sparse: a discard punches a hole, if the file system supports it. The file is locked with
// flock(2): a store that may write excludes all other stores on the file, also those of other processes.
// Other programs may read the file, but must not change its size.
class FileStore final : public Store {
 public:
  // Opens an existing file. EINVAL if it is not a regular file, EBUSY if it is locked.
  static dmcore::Result<std::unique_ptr<FileStore>> open(const std::string& path, bool read_only = false);
  // For reading only, a file or a block device. EINVAL if it is neither; EBUSY if it is locked, or if a file
  // system or a device-mapper device holds the block device.
  static dmcore::Result<std::unique_ptr<FileStore>> open_to_inspect(const std::string& path);
  // Creates a file of zeroes. EEXIST if there is one.
  static dmcore::Result<std::unique_ptr<FileStore>> create(const std::string& path, std::uint64_t size_bytes);
  ~FileStore() override;

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::string_view name() const override { return path_; }
  // Truncates the file, or extends it with zeroes.
  dmcore::Status resize(std::uint64_t size_bytes);
  dmcore::Status read(std::uint64_t offset, std::span<std::byte> out) const override;
  dmcore::Status write(std::uint64_t offset, std::span<const std::byte> data) override;
  dmcore::Status discard(std::uint64_t offset, std::uint64_t length) override;
  dmcore::Status sync() override;
  [[nodiscard]] dmcore::Result<std::optional<Extent>> next_extent(std::uint64_t offset) const override;

 private:
  FileStore(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  [[nodiscard]] dmcore::Status lock(bool exclusive);
  dmcore::Status write_zeroes(std::uint64_t offset, std::uint64_t length);

  int descriptor_;
  std::string path_;
  std::uint64_t size_ = 0;
};

}  // namespace sim
