// SPDX-License-Identifier: GPL-2.0-or-later
// What the benchmarks share: a machine with a clone on disks in memory, and a load on it.
//
// The disks have no latency, so virtual time stands still and what is measured is the work of the simulator
// alone: the block layer, the device-mapper core, the target, the disks, and the scheduler between them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dmcore/block/block_layer.h"
#include "dmcore/kernel/wait.h"

#include "tests/rig/clone.h"

namespace bench {

// A machine with a clone that exists.
struct CloneMachine {
  explicit CloneMachine(const test::CloneShape& shape) : clone(machine, shape) {
    machine.run([this] { clone.create(); });
  }
  // Marks all regions as hydrated by a discard, a few microseconds for all of them; the data are zeroes.
  void hydrate_by_discard();

  test::Machine machine;
  test::Clone clone;
};

// Fills a disk with something else than holes.
void fill(sim::VirtualDisk& disk);

// Keeps `depth` bios in flight on a device, as an application with asynchronous I/O does.
class Load {
 public:
  struct Io {
    dmcore::BioOp op;
    dmcore::sector_t sector;
    std::uint32_t bytes;
    std::uint16_t flags = 0;
  };

  Load(sim::Machine& machine, dmcore::BlockDevice& device, unsigned depth, std::uint32_t bytes_max);
  // Submits `count` bios, as `next` says, and returns when all are completed. Throws test::Failure if one
  // failed.
  void run(std::uint64_t count, const std::function<Io()>& next);

 private:
  struct Slot {
    dmcore::Bio bio;
    std::vector<std::byte> data;
  };
  void submit_all(std::uint64_t count, const std::function<Io()>& next);

  sim::Machine& machine_;
  dmcore::BlockDevice& device_;
  std::vector<Slot> slots_;
  std::vector<Slot*> free_;
  dmcore::WaitQueue ended_;
  unsigned failed_ = 0;
};

// A cheap sequence of numbers below `n` that looks random; the same each time.
class Shuffle {
 public:
  explicit Shuffle(std::uint64_t n) : n_(n) {}
  std::uint64_t operator()() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(state_) * n_) >> 64);
  }

 private:
  std::uint64_t n_;
  std::uint64_t state_ = 42;
};

}  // namespace bench
