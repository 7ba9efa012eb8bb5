// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/scenario/replay.h"

#include <algorithm>
#include <fmt/core.h>
#include <new>

#include "sim/language/parser.h"
#include "sim/scenario/interpreter.h"
#include "sim/text/printable.h"

namespace sim::scenario {

namespace {

// So many commands are in memory at once.
constexpr std::size_t commands_at_once = 1000;

// Runs a text that has no mistakes.
void run(std::string_view text, const ReplayOptions& options, ReplayResult& result) {
  Machine machine(options.schedule, *options.dialect);
  if (options.prepare) options.prepare(machine);
  const auto out = [&](std::string_view line) {
    if (options.on_line) return options.on_line(line);
    result.transcript.append(line).push_back('\n');
  };
  Interpreter interpreter(machine, {.directory = options.directory, .save_directory = options.save_directory},
                          out);
  if (options.on_error_line) interpreter.set_error_sink(options.on_error_line);
  const auto stop = [&](std::string_view why) {
    result.outcome = ReplayOutcome::stopped;
    result.where = interpreter.at();
    result.complaint +=
        fmt::format("{}:{}: the machine stopped: {}\n", printable(options.name), result.where.line, why);
  };
  try {
    language::CommandStream stream(text);
    for (auto commands = stream.next(commands_at_once); !commands.empty();
         commands = stream.next(commands_at_once)) {
      interpreter.run(commands);
    }
    if (const auto where = interpreter.unexpected_at()) {
      result.outcome = ReplayOutcome::mismatch;
      result.where = *where;
    }
  } catch (const MachineStopped& stopped) {
    stop(stopped.what());
  } catch (const std::bad_alloc&) {
    stop("out of memory");
  }
}

}  // namespace

ReplayResult replay(std::string_view text, const ReplayOptions& options) {
  ReplayResult result;
  const language::Diagnostics diagnostics = language::check_scenario(text);
  result.complaint = diagnostics.format(options.name, text);
  if (diagnostics.has_errors()) {
    const auto first = std::find_if(diagnostics.begin(), diagnostics.end(), [](const auto& each) {
      return each.severity == language::Diagnostic::Severity::error;
    });
    result.outcome = ReplayOutcome::mistake;
    result.where = first->where;
    return result;
  }
  run(text, options, result);
  return result;
}

}  // namespace sim::scenario
