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

// The number of commands that are in memory at the same time.
constexpr std::size_t commands_at_once = 1000;

// One run of a text that has no mistakes.
class Run {
 public:
  Run(const ReplayOptions& options, ReplayResult& result)
      : options_(options),
        result_(result),
        machine_(options.strategy ? options.strategy() : make_strategy(options.schedule), *options.dialect),
        interpreter_(machine_, interpreter_options(options),
                     [this](std::string_view line) { take_line(line); }) {
    machine_.runtime().set_busy_limits(options.busy_limits);
    machine_.runtime().set_stop_request(options.stop_request);
    if (options.prepare) options.prepare(machine_);
    if (options.on_error_line) interpreter_.set_error_sink(options.on_error_line);
    interpreter_.set_host_error_sink([this](std::string_view what) { complain(interpreter_.at(), what); });
  }

  void run(std::string_view text) {
    try {
      run_to_the_end(text);
    } catch (const MachineStopped& stopped) {
      stop(stopped.what());
    } catch (const std::bad_alloc&) {
      stop("out of memory");
    }
  }

 private:
  static Interpreter::Options interpreter_options(const ReplayOptions& options) {
    return {.directory = options.directory,
            .save_directory = options.save_directory,
            .strict = options.strict,
            .on_command = options.on_command};
  }

  void run_to_the_end(std::string_view text) {
    language::CommandStream stream(text);
    for (auto commands = stream.next(commands_at_once); !commands.empty();
         commands = stream.next(commands_at_once)) {
      interpreter_.run(commands);
    }
    for (const language::SourcePosition where : interpreter_.finish())
      complain(where, Interpreter::still_running);
    if (interpreter_.unexpected()) take_mismatch(*interpreter_.unexpected());
  }

  void take_mismatch(const Interpreter::Unexpected& unexpected) {
    using Cause = Interpreter::Unexpected::Cause;
    result_.outcome = ReplayOutcome::mismatch;
    result_.where = unexpected.where;
    result_.reason = unexpected.what;
    const bool said =
        unexpected.cause == Cause::host || (unexpected.cause == Cause::expect && options_.transcript_shown);
    if (!said) complain(unexpected.where, unexpected.what);
  }

  void take_line(std::string_view line) {
    if (options_.on_line) return options_.on_line(line);
    result_.transcript.append(line).push_back('\n');
  }
  void complain(language::SourcePosition where, std::string_view what) {
    result_.complaint += fmt::format("{}:{}: {}\n", printable(options_.name), where.line, what);
  }
  void stop(std::string_view why) {
    interpreter_.report_host_errors();
    result_.outcome = ReplayOutcome::stopped;
    result_.where = interpreter_.at();
    result_.reason = fmt::format("the machine stopped: {}", why.substr(0, why.find('\n')));
    complain(result_.where, fmt::format("the machine stopped: {}", why));
  }

  const ReplayOptions& options_;
  ReplayResult& result_;
  Machine machine_;
  Interpreter interpreter_;
};

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
    result.reason = first->message;
    return result;
  }
  if (options.check_only) return result;
  Run(options, result).run(text);
  return result;
}

}  // namespace sim::scenario
