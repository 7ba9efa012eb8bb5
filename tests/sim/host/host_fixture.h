// SPDX-License-Identifier: GPL-2.0-or-later
// A machine with its user space, for tests of it.
#pragma once

#include <filesystem>
#include <gtest/gtest.h>
#include <string>

#include "sim/host/host.h"

namespace test {

class HostTest : public testing::Test {
 protected:
  HostTest()
      : directory_(std::filesystem::path(testing::TempDir()) /
                   testing::UnitTest::GetInstance()->current_test_info()->name()),
        host_(machine_, {.directory = directory_.string(), .save_directory = directory_.string()}) {
    std::filesystem::create_directories(directory_);
  }
  ~HostTest() override { std::filesystem::remove_all(directory_); }

  // A disk in memory.
  sim::VirtualDisk& add_disk(const std::string& name, dmcore::sector_t sectors,
                             const sim::DiskOptions& options = {}) {
    const auto disk =
        host_.add_disk({.name = name, .size_bytes = dmcore::to_bytes(sectors), .options = options});
    EXPECT_TRUE(disk.ok());
    return **disk;
  }

  std::filesystem::path directory_;
  sim::Machine machine_;
  sim::host::Host host_;
};

}  // namespace test
