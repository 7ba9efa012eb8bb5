// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the text of a scenario on a machine of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "sim/host/io_witness.h"
#include "sim/language/ast.h"
#include "sim/machine/machine.h"
#include "sim/runtime/schedule.h"
#include "sim/scenario/crash.h"

namespace sim::scenario {

struct ReplayOptions {
  Schedule schedule;
  // Makes the strategy instead, if not empty.
  std::function<std::unique_ptr<Strategy>()> strategy;
  BusyLimits busy_limits;
  const dmclone::Dialect* dialect = &dmclone::linux_dialect;  // of its clone targets; never null
  dmcore::Fixes fixes;                                        // the same
  dmcore::Defects defects;                                    // in the code of its machines
  // Called with the machine before anything runs on it, to register more target types. May be empty.
  std::function<void(Machine&)> prepare;
  std::string name = "-";      // of the scenario, for messages
  std::string directory;       // of the files that it reads; empty: the current one
  std::string save_directory;  // of the files that `save` writes; empty: the current one
  // A command that fails is a mismatch, unless an `expect` right after it is met.
  bool strict = false;
  bool may_crash = true;  // without it, `crash` is a command that fails
  // Chooses what each block holds that `crash` leaves undetermined, when it is read: see restart(). May be
  // empty.
  ChooseKept choose_kept;
  bool check_only = false;  // for mistakes in the text; nothing runs
  // The transcript is shown: an `expect` that was not met is not repeated in the complaint.
  bool transcript_shown = true;
  // Asked now and then: a text stops the machine and is the reason. May be empty.
  DeterministicRuntime::StopRequest stop_request;
  // As in Interpreter::Options.
  std::function<void(language::SourcePosition)> on_command;
  std::function<void(const language::Command&)> after_command;
  host::IoWitness* witness = nullptr;
  // Gets each line of the transcript as soon as it is there, without its end; the result has none then. May
  // be empty.
  std::function<void(std::string_view)> on_line;
  // Gets the lines that dmsetup writes to standard error, which are no part of a transcript. May be empty.
  std::function<void(std::string_view)> on_error_line;
};

// The values are exit statuses.
enum class ReplayOutcome : int {
  ok = 0,
  mismatch = 1,  // see Interpreter::Unexpected
  mistake = 2,   // the text is wrong; nothing has run
  stopped = 3,  // the machine stopped: a deadlock, a loop without end, a broken rule of the kernel, no memory
};

struct ReplayResult {
  ReplayOutcome outcome = ReplayOutcome::ok;
  std::string transcript;
  std::string complaint;  // mistakes and warnings, errors of the host, the report of a machine that stopped
  // Unless the outcome is ok: the first mistake, the first mismatch, or the command that ran when the machine
  // stopped; and what was wrong there, in a line.
  language::SourcePosition where;
  std::string reason;
};

// Does not throw, whatever the scenario does.
ReplayResult replay(std::string_view text, const ReplayOptions& options = {});

}  // namespace sim::scenario
