// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

#include "sim/cli/replay/case.h"
#include "sim/machine/machine.h"

namespace sim::cli {

struct RunOptions {
  Schedule schedule;
  BusyLimits busy_limits;
  const dmclone::Dialect* dialect = &dmclone::linux_dialect;
  dmcore::Defects defects;
  dmcore::Fixes fixes;
  std::function<void(Machine&)> prepare;    // see add_replay()
  bool strict = false;                      // see scenario::ReplayOptions
  bool check = false;                       // the text is checked, and nothing runs
  std::optional<dmcore::Duration> timeout;  // of the host's time
  bool keep_errors = false;                 // what dmsetup writes to its standard error is part of the result
};

// What is learnt while a case runs; each may be empty.
struct RunHooks {
  // Whether to give up; asked now and then.
  std::function<bool()> give_up;
  // Get lines without their ends. The result has no transcript, or no errors, then.
  std::function<void(std::string_view)> on_line;
  std::function<void(std::string_view)> on_error_line;
  // Before each command: the line that it is on.
  std::function<void(int)> on_command;
};

// Throws nothing for what a scenario can cause; a file that cannot be read is a mistake in it. Any thread.
CaseResult run_case(const Case& one, const RunOptions& options, const RunHooks& hooks);

}  // namespace sim::cli
