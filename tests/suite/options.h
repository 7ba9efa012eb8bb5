// SPDX-License-Identifier: GPL-2.0-or-later
// What a user may say on the command line of dmsim_suite: on which disks the tests run, and how large the
// volumes of the benchmarks are.
#pragma once

#include "sim/disk/virtual_disk.h"
#include "sim/runtime/schedule.h"

#include "tests/suite/disk_units.h"

namespace suite {

struct Options {
  // Something like a SATA SSD.
  sim::DiskTiming fast{.read_latency = std::chrono::microseconds(100),
                       .write_latency = std::chrono::microseconds(40),
                       .flush_latency = std::chrono::microseconds(400),
                       .bytes_per_second = 500ULL << 20U};
  // Something like a disk on the other side of a network.
  sim::DiskTiming slow{.read_latency = std::chrono::milliseconds(2),
                       .write_latency = std::chrono::milliseconds(2),
                       .flush_latency = std::chrono::milliseconds(4),
                       .bytes_per_second = 100ULL << 20U};
  // Of the benchmarks on bare devices, which the original gives 5 GiB; its contents are kept in memory.
  sector_t volume = mib(32);
  sim::Schedule schedule;

  // In no respect is the fast disk the slower one: what compares the two may be expected.
  [[nodiscard]] bool fast_is_faster() const {
    return fast.read_latency <= slow.read_latency && fast.write_latency <= slow.write_latency &&
           fast.flush_latency <= slow.flush_latency &&
           (fast.bytes_per_second == 0 ||
            (slow.bytes_per_second != 0 && slow.bytes_per_second <= fast.bytes_per_second));
  }
};

// Set by main() before the tests run.
Options& options();

}  // namespace suite
