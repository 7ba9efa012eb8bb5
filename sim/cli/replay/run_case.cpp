// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/replay/run_case.h"

#include <fmt/format.h>
#include <utility>
#include <vector>

#include "sim/cli/failure.h"
#include "sim/cli/replay/recording.h"
#include "sim/cli/text_file.h"
#include "sim/scenario/replay.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

using HostClock = std::chrono::steady_clock;
using scenario::ReplayOutcome;

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

// One run of a scenario, and the verdict on it.
class CaseRun {
 public:
  CaseRun(const Case& one, const RunOptions& options, const RunHooks& hooks)
      : one_(one), options_(options), hooks_(hooks), began_(HostClock::now()) {}

  CaseResult run() {
    try {
      replay(one_.text ? *one_.text : read_text_file(one_.file));
    } catch (const Failure& failure) {
      // Its file, or its recording, cannot be read.
      fail(Verdict::mistake, failure.what());
      result_.report = fmt::format("dmsim: {}\n", failure.what());
    }
    result_.seconds = std::chrono::duration<double>(HostClock::now() - began_).count();
    return std::move(result_);
  }

 private:
  void replay(const std::string& text) {
    const scenario::ReplayResult replayed = scenario::replay(text, replay_options());
    result_.report = replayed.complaint;
    if (replayed.outcome != ReplayOutcome::ok) result_.line = replayed.where.line;
    switch (replayed.outcome) {
      case ReplayOutcome::ok:
        result_.verdict = Verdict::passed;
        if (!one_.recording.empty() && !options_.check) compare_with_recording();
        break;
      case ReplayOutcome::mismatch:
        fail(Verdict::failed, replayed.reason);
        break;
      case ReplayOutcome::mistake:
        fail(Verdict::mistake, replayed.reason);
        break;
      case ReplayOutcome::stopped:
        fail(Verdict::stopped, replayed.reason);
        if (given_up_) {
          // What the tasks were waiting for does not matter.
          fail(Verdict::not_run, "interrupted");
          result_.report = fmt::format("{}: interrupted\n", place(one_, result_));
        }
        break;
    }
  }

  scenario::ReplayOptions replay_options() {
    scenario::ReplayOptions options;
    options.schedule = options_.schedule;
    if (one_.seed) options.schedule = {Schedule::Kind::random, *one_.seed};
    options.busy_limits = options_.busy_limits;
    options.dialect = options_.dialect;
    options.defects = options_.defects;
    options.fixes = options_.fixes;
    options.prepare = options_.prepare;
    options.name = one_.file;
    options.directory = directory_of(one_.file);
    options.strict = options_.strict;
    options.check_only = options_.check;
    options.transcript_shown = hooks_.on_line != nullptr;
    options.on_line = [this](std::string_view line) { take_line(line); };
    options.on_error_line = hooks_.on_error_line;
    if (!options.on_error_line && options_.keep_errors) {
      options.on_error_line = [this](std::string_view line) { result_.errors.append(line).push_back('\n'); };
    }
    options.on_command = [this](language::SourcePosition where) { begin_command(where.line); };
    options.stop_request = [this] { return stop_request(); };
    return options;
  }

  void begin_command(int line) {
    if (!one_.recording.empty()) commands_.emplace_back(lines_, line);
    if (hooks_.on_command) hooks_.on_command(line);
  }

  void take_line(std::string_view line) {
    ++lines_;
    if (hooks_.on_line) hooks_.on_line(line);
    if (!hooks_.on_line || !one_.recording.empty()) result_.transcript.append(line).push_back('\n');
  }

  std::optional<std::string> stop_request() {
    if (hooks_.give_up && hooks_.give_up()) {
      given_up_ = true;
      return "interrupted";
    }
    if (options_.timeout && HostClock::now() - began_ > *options_.timeout) {
      return fmt::format("it ran for longer than {:g} s (--timeout)",
                         std::chrono::duration<double>(*options_.timeout).count());
    }
    return std::nullopt;
  }

  void fail(Verdict verdict, std::string reason) {
    result_.verdict = verdict;
    result_.reason = std::move(reason);
  }

  void compare_with_recording() {
    const auto found = difference(read_text_file(one_.recording), result_.transcript);
    if (!found) return;
    result_.line = scenario_line(found->line);
    fail(Verdict::failed, fmt::format("the transcript differs from {}:{}", one_.recording, found->line));
    result_.report += fmt::format("{}: {}\n  recorded: {}\n  printed:  {}\n", place(one_, result_),
                                  result_.reason, shown(found->recorded), shown(found->printed));
  }

  static std::string shown(const std::optional<std::string>& line) {
    if (!line) return "(nothing more)";
    return printable(line->ends_with('\n') ? line->substr(0, line->size() - 1) : *line);
  }

  // Of the command that printed a line of the transcript.
  [[nodiscard]] int scenario_line(std::size_t transcript_line) const {
    int line = 0;
    for (const auto& [lines_before, command_line] : commands_) {
      if (lines_before < transcript_line) line = command_line;
    }
    return line;
  }

  const Case& one_;
  const RunOptions& options_;
  const RunHooks& hooks_;
  HostClock::time_point began_;
  CaseResult result_;
  bool given_up_ = false;
  std::size_t lines_ = 0;  // of the transcript
  // For each command, how many lines were before it, and its own line in the scenario.
  std::vector<std::pair<std::size_t, int>> commands_;
};

}  // namespace

CaseResult run_case(const Case& one, const RunOptions& options, const RunHooks& hooks) {
  return CaseRun(one, options, hooks).run();
}

}  // namespace sim::cli
