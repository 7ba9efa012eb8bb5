// SPDX-License-Identifier: GPL-2.0-or-later
// A git repository with a history of releases, and what `git clone` and `git checkout` do to the disk: a pack
// that is read here and there, an index, and a work tree of many small files.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/suite/file_system.h"

namespace suite {

class GitRepository {
 public:
  // A history of so many tags. Each changes a part of the files, adds some and removes some.
  explicit GitRepository(unsigned tags);

  [[nodiscard]] unsigned tags() const { return static_cast<unsigned>(trees_.size()); }

  // git clone: the pack, and the last tag's work tree.
  void clone_to(FileSystem& fs);
  // git checkout: makes the work tree that of a tag, from that of the tag that was there.
  void checkout(FileSystem& fs, unsigned tag);
  // Reads the work tree back. Throws test::Failure unless it is the tag's.
  void verify(FileSystem& fs, unsigned tag) const;

 private:
  // A version of a file, which is also an object in the pack.
  struct Blob {
    std::uint64_t number = 0;  // decides the content
    std::uint64_t bytes = 0;
    std::uint64_t pack_offset = 0;
    std::uint64_t pack_bytes = 0;  // compressed
    friend bool operator==(const Blob& a, const Blob& b) { return a.number == b.number; }
  };
  using Tree = std::map<std::string, Blob>;  // by path

  Blob new_blob(std::uint64_t bytes);
  void write_index(FileSystem& fs) const;

  std::vector<Tree> trees_;
  std::uint64_t blobs_ = 0;
  std::uint64_t pack_bytes_ = 0;
  Tree checked_out_;
};

}  // namespace suite
