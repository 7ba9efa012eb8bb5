// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a scenario once and records what a power cut could fall into.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/explore/crash_explorer.h"
#include "sim/runtime/schedule.h"
#include "sim/scenario/replay.h"

namespace sim::explore {

struct WorkloadOptions {
  Schedule schedule;
  MachineKind machine;
  std::string name = "-";  // for messages
  std::string directory;   // as in scenario::ReplayOptions
  // Disks whose bytes targets look at, beside the metadata of clones.
  std::vector<std::string> metadata;
};

// A replay of that kind, that nothing watches yet.
scenario::ReplayOptions replay_options(const WorkloadOptions& options);

struct Workload {
  std::unique_ptr<Run> run;  // null if there is a complaint that says why
  std::string complaint;     // lines with "NAME:LINE: "
};

// Does not throw, whatever the scenario does.
Workload run_workload(Contents& contents, std::string_view text, const WorkloadOptions& options);

}  // namespace sim::explore
