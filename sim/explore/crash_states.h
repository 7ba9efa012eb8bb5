// SPDX-License-Identifier: GPL-2.0-or-later
// All that `crash` in a scenario may leave on the disks, and what the scenario then does.
//
// The scenario is run again and again. A block that a power cut left undetermined is chosen when it is read,
// so that only what is read makes a difference.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/explore/workload.h"
#include "sim/scenario/replay.h"

namespace sim::explore {

// Whether a scenario has the command `crash`, and so says itself where the power is cut.
bool says_crash(std::string_view text);

// A block, in the order in which they are read.
struct KeptBlock {
  std::string disk;
  std::uint64_t offset = 0;     // bytes
  std::uint32_t chosen = 0;     // 0: what was written last; then the others, from the durable one on
  std::uint32_t contents = 0;   // of so many
  std::uint32_t candidate = 0;  // the same as chosen: its place among Durability::Candidates
};

// Runs a scenario once. The first blocks hold what `chosen` says, all others what was written last.
scenario::ReplayResult run_with_state(std::string_view text, const WorkloadOptions& options,
                                      const std::vector<std::uint32_t>& chosen,
                                      std::vector<KeptBlock>& blocks);

struct StatesReport {
  std::uint64_t runs = 0;
  std::uint64_t samples = 0;  // of these, after the budget had ended
  std::uint64_t branches = 0;
  bool complete = true;
  bool interrupted = false;           // by `give_up`
  scenario::ReplayResult last;        // what went wrong, unless its outcome is ok; or a mistake
  std::vector<std::uint32_t> chosen;  // of that run
};

// Runs it with every state, up to the first run that does not end as the scenario expects. `runs_max`: after
// so many runs only samples follow, until each block has had each of its contents once; 0: all. `give_up` may
// be empty.
StatesReport explore_states(std::string_view text, const WorkloadOptions& options, std::uint64_t runs_max,
                            const std::function<bool()>& give_up);

}  // namespace sim::explore
