// SPDX-License-Identifier: GPL-2.0-or-later
// What file systems have in common: where a file's blocks are decides which pages of the device a read needs.
#pragma once

#include <map>
#include <vector>

#include "tests/suite/file_system.h"
#include "tests/suite/page_cache.h"

namespace suite {

class CachedFileSystem : public FileSystem {
 public:
  static constexpr std::uint64_t block_bytes = PageCache::page_bytes;

  void read(const std::string& path, std::uint64_t offset, std::span<std::byte> out) override;
  void read_direct(const std::string& path, std::uint64_t offset, std::span<std::byte> out) override;
  void drop_caches() override { cache_.drop(); }

 protected:
  using Runs = std::vector<PageCache::Run>;

  CachedFileSystem(Rig& rig, const std::string& path) : rig_(rig), path_(path), cache_(rig, path) {}

  // Where these blocks of a file are on the device. Throws test::Failure for a hole: no workload leaves one.
  virtual Runs map(const std::string& path, std::uint64_t first_block, std::uint64_t blocks) = 0;
  void forget_reader(const std::string& path) { readers_.erase(path); }

  Rig& rig() { return rig_; }
  PageCache& cache() { return cache_; }

 private:
  // A reader of a file.
  struct Reader {
    std::uint64_t next_offset = 0;       // of the next read, if it is sequential
    std::uint64_t read_ahead_until = 0;  // block
  };

  Rig& rig_;
  std::string path_;
  PageCache cache_;
  std::map<std::string, Reader> readers_;
};

}  // namespace suite
