// SPDX-License-Identifier: GPL-2.0-or-later
// --schedule and --seed, for every subcommand that runs a machine.
#pragma once

#include "sim/cli/options.h"
#include "sim/runtime/schedule.h"

namespace sim::cli {

inline void add_schedule_options(CLI::App& command, Schedule& schedule) {
  add_choice_option<Schedule::Kind>(
      command, "--schedule", schedule.kind,
      {{"fifo", Schedule::Kind::fifo}, {"random", Schedule::Kind::random}},
      "which of the tasks that can run runs next: first in, first out, or a random one");
  add_number_option(command, "--seed", schedule.seed, "seed of a random schedule");
}

}  // namespace sim::cli
