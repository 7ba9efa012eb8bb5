// SPDX-License-Identifier: GPL-2.0-or-later
// Random machines with a clone whose power is to be cut, and what is done on them.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "sim/explore/power_cuts.h"

#include "proptests/step.h"

namespace proptests {

struct DiskPlan {
  bool write_cache = true;
  bool large_blocks = false;  // logical blocks of 4096 bytes
  bool discards = true;
  unsigned latency_ms = 0;  // of reads, writes and flushes
};

// What is between the source's disk and the clone.
enum class SourcePath : std::uint8_t { disk, linear, delay };

// What the disks may do wrong, at any time.
enum class DiskFaults : std::uint8_t {
  none,
  harmless,  // for what was acknowledged: reads of data fail, disks are silent for a while
  failures,  // writes, flushes and reads of metadata fail as well
};

struct CrashPlan {
  unsigned region_shift = 3;  // regions of 2^n sectors
  unsigned regions = 4;
  unsigned tail = 0;  // eighths of a region that the last one is short of
  unsigned metadata_sectors = 2048;
  DiskPlan metadata;
  DiskPlan destination;
  DiskPlan source;
  SourcePath source_path = SourcePath::disk;
  bool linear_above = false;
  bool hydration = false;
  bool passdown = true;
  unsigned hydration_threshold = 0;   // regions; 0: not said
  unsigned hydration_batch_size = 0;  // the same
  DiskFaults faults = DiskFaults::none;
  std::vector<Step> steps;
  // How it is run, and how it is cut.
  std::uint32_t schedule = 0;  // the seed of a random one; small: first in, first out
  unsigned depth = 1;
  bool tear_sectors = false;
};

// The device that programs use: "c", or one above it.
[[nodiscard]] std::string device_of(const CrashPlan& plan);
[[nodiscard]] std::uint64_t region_sectors(const CrashPlan& plan);
[[nodiscard]] std::uint64_t device_sectors(const CrashPlan& plan);

// Commands, in groups of those that are left out together when a scenario is made shorter: a table that is
// loaded must not lose the suspend before it (docs/findings.md).
using Script = std::vector<std::vector<Action>>;
[[nodiscard]] Script script_of(const CrashPlan& plan);
std::string scenario_text(const Script& script);

// The steps as programs that run at once, up to four of them, or up to a step that waits.
[[nodiscard]] std::string concurrent_scenario_of(const CrashPlan& plan);

[[nodiscard]] sim::explore::PowerCutOptions options_of(const CrashPlan& plan,
                                                       const dmcore::Defects& defects = {});

// How it is run and cut, and the scenario.
std::ostream& operator<<(std::ostream& out, const CrashPlan& plan);

}  // namespace proptests
