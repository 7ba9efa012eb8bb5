// SPDX-License-Identifier: GPL-2.0-or-later
// --busy-limit, for every subcommand that runs what a user wrote.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>

#include "sim/runtime/busy_limits.h"

namespace sim::cli {

inline void add_busy_option(CLI::App& command, BusyLimits& limits) {
  const auto set = [&limits](double seconds) {
    limits.busy_max = std::chrono::duration_cast<dmcore::Duration>(std::chrono::duration<double>(seconds));
  };
  constexpr double year = 365.0 * 24 * 3600;
  command
      .add_option_function<double>("--busy-limit", set,
                                   "virtual time that the processor may be busy without a pause, while every "
                                   "process waits, before the machine is stopped")
      ->option_text("SECONDS")
      ->check(CLI::Range(0.0, 100 * year))
      ->default_str("3600");
}

}  // namespace sim::cli
