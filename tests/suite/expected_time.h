// SPDX-License-Identifier: GPL-2.0-or-later
// How long I/O must take, from a disk's timing alone: what measurements are held against.
#pragma once

#include <gtest/gtest.h>

#include "sim/disk/virtual_disk.h"

#include "tests/suite/disk_units.h"

namespace suite {

// So many sectors through the disk's pipe.
inline dmcore::Duration transfer_time(const sim::DiskTiming& disk, sector_t sectors) {
  if (disk.bytes_per_second == 0) return {};
  constexpr std::uint64_t ns_per_s = 1'000'000'000;
  return dmcore::Duration(
      static_cast<std::int64_t>(dmcore::to_bytes(sectors) * ns_per_s / disk.bytes_per_second));
}

// One request that has the disk to itself.
inline dmcore::Duration write_time(const sim::DiskTiming& disk, sector_t sectors) {
  return transfer_time(disk, sectors) + disk.write_latency;
}
inline dmcore::Duration read_time(const sim::DiskTiming& disk, sector_t sectors) {
  return transfer_time(disk, sectors) + disk.read_latency;
}

// Sectors that are read from one disk and then, all at once, written to the other.
inline dmcore::Duration copy_time(const sim::DiskTiming& from, const sim::DiskTiming& to, sector_t sectors) {
  return read_time(from, sectors) + write_time(to, sectors);
}

}  // namespace suite

// For two durations.
#define EXPECT_NEAR_PERCENT(measured, expected, percent)       \
  EXPECT_NEAR(std::chrono::duration<double>(measured).count(), \
              std::chrono::duration<double>(expected).count(), \
              std::chrono::duration<double>(expected).count() * (percent) / 100.0)
