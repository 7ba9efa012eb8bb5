// SPDX-License-Identifier: GPL-2.0-or-later
// Does what a plan says on a machine of its own, and holds what comes of it against the model.
#pragma once

#include <string>
#include <vector>

#include "sim/runtime/schedule.h"

#include "proptests/clone_plan.h"

namespace proptests {

struct RunResult {
  std::string complaint;  // what is wrong first; empty if nothing is
  // What a scenario of the same actions prints, without its commands.
  std::vector<std::string> transcript;
  dmcore::Time ended_at{0};      // the machine's time after the last action
  std::string destination_hash;  // of the destination's content then
};

// Runs as the scenario does that `plan` prints: the same decisions of the schedule come in the same places.
RunResult run_plan(const Plan& plan, const sim::Schedule& schedule);

// Runs that scenario, and complains of nothing.
RunResult run_scenario(const Plan& plan, const sim::Schedule& schedule);

}  // namespace proptests
