// SPDX-License-Identifier: GPL-2.0-or-later
// --schedule and --seed, for every subcommand that runs a machine.
#pragma once

#include <CLI/CLI.hpp>

#include "sim/runtime/schedule.h"

namespace sim::cli {

inline void add_schedule_options(CLI::App& command, Schedule& schedule) {
  const std::map<std::string, Schedule::Kind> kinds = {{"fifo", Schedule::Kind::fifo},
                                                       {"random", Schedule::Kind::random}};
  command.add_option("--schedule", schedule.kind, "who runs next: fifo (first in, first out) or random")
      ->transform(CLI::CheckedTransformer(kinds, CLI::ignore_case))
      ->option_text("fifo|random");
  command.add_option("--seed", schedule.seed, "the seed of a random schedule")->option_text("N");
}

}  // namespace sim::cli
