// SPDX-License-Identifier: GPL-2.0-or-later
// Files to fill a file system with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/suite/file_system.h"

namespace suite {

class Dataset {
 public:
  struct File {
    std::string path;
    std::uint64_t bytes = 0;
  };

  // A tree that looks like the Linux source's compile-bench dataset, a hundredth of its size: many small
  // files, a few large ones, several deep in folders.
  static Dataset source_tree();

  [[nodiscard]] const std::vector<File>& files() const { return files_; }
  // Creates them in that folder of a file system.
  void apply(FileSystem& fs, const std::string& folder) const;

 private:
  std::vector<File> files_;
};

// Bytes that do not repeat, the same for the same seed.
std::vector<std::byte> random_bytes(std::size_t count, std::uint64_t seed);

// dd if=/dev/urandom of=PATH: the SHA-256 of what was written.
std::string write_random_file(FileSystem& fs, const std::string& path, std::uint64_t bytes);

}  // namespace suite
