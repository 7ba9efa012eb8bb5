// SPDX-License-Identifier: GPL-2.0-or-later
// --schedule and --seed, for every subcommand that runs a machine.
#pragma once

#include "sim/cli/options.h"
#include "sim/runtime/schedule.h"

namespace sim::cli {

inline void add_schedule_options(CLI::App& command, Schedule& schedule) {
  const CLI::Option* kind = add_choice_option<Schedule::Kind>(
      command, "--schedule", schedule.kind,
      {{"fifo", Schedule::Kind::fifo}, {"random", Schedule::Kind::random}},
      "which of the tasks that can run runs next: first in, first out, or a random one");
  // CLI11 takes options in the order in which they were added, so the kind is known here.
  const auto set_seed = [&schedule, kind](const std::string& text) {
    schedule.seed = whole_number("--seed", text, 0, std::numeric_limits<std::uint64_t>::max());
    if (kind->empty()) schedule.kind = Schedule::Kind::random;
    if (schedule.kind != Schedule::Kind::random)
      throw CLI::ValidationError("--seed", "only a random schedule has a seed");
  };
  command.add_option_function<std::string>("--seed", set_seed, "seed of a random schedule, which it implies")
      ->option_text("N")
      ->default_str("0");
}

}  // namespace sim::cli
