// SPDX-License-Identifier: GPL-2.0-or-later
// Programs of the host that know nothing of the simulator: mke2fs, e2fsck, mkfs.xfs...
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace test {

class HostCommandFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Runs a program and returns what it printed, on both of its outputs. Throws HostCommandFailed, with the
// output, if it is not there or does not exit with 0. /usr/sbin is searched as well. `environment` is
// NAME=VALUE.
std::string run_host_command(const std::vector<std::string>& words,
                             const std::vector<std::string>& environment = {});

// A folder of its own, removed with all that is in it.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] std::string path_of(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace test
