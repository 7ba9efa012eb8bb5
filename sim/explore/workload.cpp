// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/workload.h"

#include <fmt/core.h>

#include "sim/explore/run_recorder.h"
#include "sim/scenario/replay.h"
#include "sim/text/printable.h"

namespace sim::explore {

namespace {

// Keeps what the scenario is recorded with.
class Recording {
 public:
  Recording(Contents& contents, const WorkloadOptions& options)
      : options_(options), recorder_(contents, options.metadata) {}

  Workload record(std::string_view text);

 private:
  void complain(int line, std::string_view what) {
    complaint_ += fmt::format("{}:{}: {}\n", printable(options_.name), line, what);
  }
  void prepare(Machine& machine) {
    if (options_.machine.prepare) options_.machine.prepare(machine);
    machine.runtime().set_observer(recorder_.run().causality);
    recorder_.attach(machine);
  }

  const WorkloadOptions& options_;
  RunRecorder recorder_;
  std::string complaint_;  // why it cannot be explored
};

Workload Recording::record(std::string_view text) {
  scenario::ReplayOptions options = replay_options(options_);
  options.prepare = [this](Machine& machine) { prepare(machine); };
  options.witness = &recorder_.run().trace;
  options.may_crash = false;
  options.on_line = [](std::string_view) {};
  options.on_command = [this](language::SourcePosition where) { recorder_.begin_command(where.line); };
  options.after_command = [this](const language::Command& command) {
    recorder_.end_command(command);
    if (std::holds_alternative<language::CrashCommand>(command.body))
      complain(recorder_.line(),
               "crash: without the oracle `expect` every power cut is explored; here none can be chosen");
  };
  const scenario::ReplayResult result = scenario::replay(text, options);
  recorder_.end();
  for (const RunRecorder::Complaint& complaint : recorder_.complaints())
    complain(complaint.line, complaint.what);
  const bool ran =
      result.outcome == scenario::ReplayOutcome::ok || result.outcome == scenario::ReplayOutcome::mismatch;
  if (ran && complaint_.empty() && recorder_.run().devices.size() == 1) {
    complain(recorder_.line(),
             "the scenario ends, and no device was ever set up that a power cut could take down");
  }
  Workload workload{.run = nullptr, .complaint = result.complaint + complaint_};
  if (ran && complaint_.empty()) workload.run = recorder_.take();
  return workload;
}

}  // namespace

scenario::ReplayOptions replay_options(const WorkloadOptions& options) {
  scenario::ReplayOptions replay;
  replay.schedule = options.schedule;
  replay.dialect = options.machine.dialect;
  replay.defects = options.machine.defects;
  replay.fixes = options.machine.fixes;
  replay.prepare = options.machine.prepare;
  replay.name = options.name;
  replay.directory = replay.save_directory = options.directory;
  return replay;
}

Workload run_workload(Contents& contents, std::string_view text, const WorkloadOptions& options) {
  return Recording(contents, options).record(text);
}

}  // namespace sim::explore
