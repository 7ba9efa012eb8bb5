// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/scenario/replay.h"

#include "sim/language/parser.h"
#include "sim/scenario/interpreter.h"

namespace sim::scenario {

namespace {

// Runs what has been found to be right.
void run(const language::Scenario& scenario, const ReplayOptions& options, ReplayResult& result) {
  Machine machine(options.schedule, *options.dialect);
  machine.runtime().set_busy_limits(options.busy_limits);
  if (options.prepare) options.prepare(machine);
  const auto out = [&](std::string_view line) {
    result.transcript.append(line).push_back('\n');
    if (options.on_line) options.on_line(line);
  };
  Interpreter interpreter(machine, {.directory = options.directory, .save_directory = options.save_directory},
                          out);
  if (options.on_error_line) interpreter.set_error_sink(options.on_error_line);
  try {
    if (!interpreter.run(scenario.commands)) result.outcome = ReplayOutcome::mismatch;
  } catch (const MachineStopped& stopped) {
    result.outcome = ReplayOutcome::stopped;
    result.complaint = std::string(stopped.what()) + "\n";
  }
}

}  // namespace

ReplayResult replay(std::string_view text, const ReplayOptions& options) {
  ReplayResult result;
  const language::ParseResult parsed = language::parse_scenario(text);
  for (const language::Diagnostic& diagnostic : parsed.diagnostics) {
    result.complaint += language::format_diagnostic(options.name, text, diagnostic);
  }
  if (!parsed.ok()) {
    result.outcome = ReplayOutcome::mistake;
    return result;
  }
  run(parsed.scenario, options, result);
  return result;
}

}  // namespace sim::scenario
