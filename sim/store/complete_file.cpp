// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/store/complete_file.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "sim/store/last_error.h"

namespace sim {

using dmcore::Errno;
using dmcore::Result;
using dmcore::Status;

namespace {

std::string behind_links(const std::string& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  return error ? path : real.string();
}

// A new file beside another one. Its name is taken from the process: others may write the same file.
Result<std::pair<std::string, int>> make_beside(const std::string& path) {
  for (int n = 0;; n++) {
    std::string name = fmt::format("{}.{}.{}.tmp", path, ::getpid(), n);
    const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0) return std::pair(std::move(name), descriptor);
    if (errno != EEXIST) return last_host_error();
  }
}

}  // namespace

Result<CompleteFile> CompleteFile::begin(const std::string& path) {
  CompleteFile file;
  file.path_ = behind_links(path);
  struct stat status {};
  const int old = ::open(file.path_.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK);
  if (old >= 0) {
    file.old_.reset(::fdopen(old, "wb"));
    if (::fstat(old, &status) != 0) return last_host_error();
    if (!S_ISREG(status.st_mode)) {
      file.stream_ = std::move(file.old_);
      return file;
    }
    if (::flock(old, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return Errno::busy;
  } else if (errno != ENOENT) {
    return last_host_error();
  }
  auto made = make_beside(file.path_);
  if (!made.ok()) return made.error();
  file.temporary_ = made->first;
  file.stream_.reset(::fdopen(made->second, "wb"));
  if (file.old_ != nullptr && ::fchmod(made->second, status.st_mode & 07777) != 0) return last_host_error();
  return file;
}

CompleteFile::~CompleteFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Status CompleteFile::finish() {
  // A write that failed before has left nothing to flush.
  const bool failed = std::ferror(stream_.get()) != 0;
  // Network file systems report some errors only here.
  if (std::fclose(stream_.release()) != 0) return last_host_error();
  if (failed) return Errno::io;
  if (temporary_.empty()) return {};
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return last_host_error();
  temporary_.clear();
  return {};
}

}  // namespace sim
