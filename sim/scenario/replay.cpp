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
  // `may_crash`: the disks record from the beginning what a power cut may leave.
  Run(const ReplayOptions& options, ReplayResult& result, bool may_crash)
      : options_(options),
        result_(result),
        may_crash_(may_crash),
        machine_(make_machine()),
        interpreter_(*machine_, interpreter_options(), [this](std::string_view line) { take_line(line); }) {
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
  Interpreter::Options interpreter_options() {
    Interpreter::Options options = {.directory = options_.directory,
                                    .save_directory = options_.save_directory,
                                    .strict = options_.strict,
                                    .witness = options_.witness,
                                    .on_command = options_.on_command,
                                    .after_command = options_.after_command};
    if (options_.may_crash)
      options.crash = [this](const auto& command, CommandOutput& output) -> Machine& {
        return crash(command, output);
      };
    return options;
  }

  std::unique_ptr<Machine> make_machine() {
    auto machine = std::make_unique<Machine>(
        options_.strategy ? options_.strategy() : make_strategy(options_.schedule), *options_.dialect);
    machine->kernel().put_in(options_.defects);
    machine->kernel().put_in(options_.fixes);
    machine->runtime().set_busy_limits(options_.busy_limits);
    machine->runtime().set_stop_request(options_.stop_request);
    if (may_crash_) machine->on_disk_added([](VirtualDisk& disk) { disk.record_durability(); });
    if (options_.prepare) options_.prepare(*machine);
    return machine;
  }

  Machine& crash(const language::CrashCommand& command, CommandOutput& output) {
    std::unique_ptr<Machine> started = make_machine();
    output = restart(*machine_, *started, command, options_.choose_kept);
    machine_ = std::move(started);
    return *machine_;
  }

  void run_to_the_end(std::string_view text) {
    language::CommandStream stream(text);
    for (auto commands = stream.next(commands_at_once); !commands.empty();
         commands = stream.next(commands_at_once)) {
      interpreter_.run(commands);
    }
    for (const language::SourcePosition where : interpreter_.finish()) {
      const std::string silent = machine_->describe_silent_disks();
      complain(where, fmt::format("{}{}{}", Interpreter::still_running, silent.empty() ? "" : "; ", silent));
    }
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
  bool may_crash_;
  std::unique_ptr<Machine> machine_;
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
  // A text without the word has no such command; one that has it elsewhere only costs time.
  Run(options, result, options.may_crash && text.find("crash") != std::string_view::npos).run(text);
  return result;
}

}  // namespace sim::scenario
