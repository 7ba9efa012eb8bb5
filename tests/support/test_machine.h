// SPDX-License-Identifier: GPL-2.0-or-later
// The smallest machine that can do I/O: a runtime, a block layer, and disks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dmcore/block/block_layer.h"
#include "dmcore/kernel/kernel.h"
#include "dmcore/kernel/wait.h"

#include "sim/disk/virtual_disk.h"
#include "sim/runtime/deterministic.h"
#include "sim/store/memory_store.h"

namespace test {

using dmcore::sector_t;

class TestMachine {
 public:
  explicit TestMachine(std::unique_ptr<sim::Strategy> strategy = std::make_unique<sim::FifoStrategy>());
  ~TestMachine();

  // The next loop device: 7:0, 7:1... of so many sectors. Lives as long as the machine.
  sim::VirtualDisk& add_disk(sector_t sectors, const sim::DiskOptions& options = {});

  void run(std::function<void()> main) { runtime.run(std::move(main)); }
  // What the report says when `main` breaks a rule; empty if it breaks none.
  std::string stopped_by(std::function<void()> main);

  sim::DeterministicRuntime runtime;
  dmcore::Kernel kernel;
  dmcore::BlockLayer layer;

 private:
  std::vector<std::unique_ptr<sim::VirtualDisk>> disks_;
};

// A bio with its data and what became of it. Must outlive the I/O.
class TestBio {
 public:
  TestBio(dmcore::BlockDevice& device, dmcore::BioOp op, sector_t sector, sector_t count, char fill = '\0',
          std::uint16_t flags = 0);
  TestBio(const TestBio&) = delete;
  TestBio& operator=(const TestBio&) = delete;

  TestBio& submit() {
    submit_bio(bio);
    return *this;
  }
  // Process context; sleeps until it has ended.
  dmcore::BlockStatus wait();
  [[nodiscard]] bool ended() const { return done_.done(); }
  [[nodiscard]] dmcore::BlockStatus status() const { return bio.status; }
  [[nodiscard]] dmcore::Time ended_at() const { return ended_at_; }

  dmcore::Bio bio;
  std::vector<std::byte> data;

 private:
  dmcore::Runtime& runtime_;
  dmcore::Completion done_;
  dmcore::Time ended_at_{0};
};

// Whole operations in process context. Text stands for data: one character for each sector, which it fills.
dmcore::BlockStatus write_text(dmcore::BlockDevice& device, sector_t sector, const std::string& text,
                               std::uint16_t flags = 0);
// '?' for a sector that is not one character; '.' for one of zeroes.
std::string read_text(dmcore::BlockDevice& device, sector_t sector, sector_t count);
// The same of a disk at rest.
std::string stored_text(sim::VirtualDisk& disk, sector_t sector, sector_t count);

}  // namespace test
