// SPDX-License-Identifier: GPL-2.0-or-later
// XFS, as far as it exists outside the kernel: mkfs.xfs lays out whole trees of files, xfs_db tells where it
// put them, and xfs_repair checks them.
//
// Nothing but the kernel can change an XFS file system; so, whenever one is synced after files came or went,
// mkfs.xfs lays the tree out anew, and the blocks of metadata that are different then are what is written.
// What is read and written, and where, is XFS'; its log is not.
#pragma once

#include <map>
#include <vector>

#include "tests/suite/file_system.h"
#include "tests/suite/page_cache.h"

namespace suite {

// Where everything is.
struct XfsLayout {
  struct File {
    std::string path;
    std::uint64_t bytes = 0;
    std::vector<PageCache::Run> runs{};
    std::uint64_t inode_block = 0;
  };
  std::vector<File> files;                                   // in the order of their creation
  std::map<std::uint64_t, std::vector<std::byte>> metadata;  // by block
  std::vector<PageCache::Run> free_space;
};

// Remembers the layout of one file system, which may be on several devices with the same content: a clone and
// its source.
class Xfs final : public FileSystemType {
 public:
  void format(Rig& rig, const std::string& path) override;
  // Reads all metadata and holds it against what it should be, as the kernel does with its checksums.
  void with_mount(Rig& rig, const std::string& path, const std::function<void(FileSystem&)>& body) override;

 private:
  XfsLayout layout_;
};

}  // namespace suite
