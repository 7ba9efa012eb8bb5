// SPDX-License-Identifier: GPL-2.0-or-later
// A file of the host that is there as a whole or not at all.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "dmcore/kernel/errno.h"

namespace sim {

// What is written goes to a new file beside the one that is named, which replaces it at the end. Until then,
// and for ever if something fails, the old one stays as it is. A device or a pipe is written as it is.
class CompleteFile {
 public:
  // EBUSY if the file is in use as a disk (see FileStore).
  static dmcore::Result<CompleteFile> begin(const std::string& path);
  CompleteFile(CompleteFile&& other) noexcept
      : path_(std::move(other.path_)),
        temporary_(std::exchange(other.temporary_, {})),
        old_(std::move(other.old_)),
        stream_(std::move(other.stream_)) {}
  CompleteFile& operator=(CompleteFile&&) = delete;
  ~CompleteFile();

  [[nodiscard]] std::FILE* stream() { return stream_.get(); }
  // To be called last, and once. After an error the old file is still there.
  dmcore::Status finish();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using Stream = std::unique_ptr<std::FILE, Closer>;
  CompleteFile() = default;

  std::string path_;       // where symbolic links lead
  std::string temporary_;  // empty: there is none, or none any more
  Stream old_;             // open because it holds the lock; null if there is none
  Stream stream_;
};

}  // namespace sim
