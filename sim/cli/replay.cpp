// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim replay FILE|DIRECTORY...: runs scenarios, and prints their transcripts or what came of them.
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/cli/busy_option.h"
#include "sim/cli/commands.h"
#include "sim/cli/defect_option.h"
#include "sim/cli/dialect_option.h"
#include "sim/cli/failure.h"
#include "sim/cli/interleaving_json.h"
#include "sim/cli/interrupt.h"
#include "sim/cli/quantity_options.h"
#include "sim/cli/replay/batch.h"
#include "sim/cli/replay/batch_progress.h"
#include "sim/cli/replay/reporter.h"
#include "sim/cli/replay/run_case.h"
#include "sim/cli/replay/seeds.h"
#include "sim/cli/schedule_options.h"
#include "sim/cli/text_file.h"
#include "sim/explore/power_cuts.h"
#include "sim/schedules/schedule_token.h"
#include "sim/schedules/schedules.h"
#include "sim/text/words.h"

namespace sim::cli {

namespace {

struct ReplayArguments {
  std::vector<std::string> paths;
  RunOptions run;
  std::vector<std::uint64_t> seeds;
  bool errors = false;
  bool quiet = false;
  bool verbose = false;
  bool json = false;
  std::string junit;
  std::string token;
  bool all_steps = false;
  const CLI::App* command = nullptr;  // the subcommand, after its options were read
};

const Page replay_page = {
    .name = "replay",
    .summary = "run scenarios and print their transcripts",
    .arguments = "FILE|DIRECTORY...",
    .description =
        "Runs scenarios, each on a machine of its own. The whole scenario is checked before anything "
        "runs.\n\n"
        "The transcript of a single FILE is printed while it runs. Several files run side by side; their "
        "transcripts are printed in the order of the files, each after `== FILE`, and a summary follows on "
        "standard error.\n\n"
        "Of a DIRECTORY all `*.dms` files below it run, in the order of their paths. What is wrong with "
        "those "
        "that do not pass is printed, and a summary: `178 passed, 1 failed (FILE:LINE)`. So it is for files "
        "with `-q`, `--junit`, `--check` or `--seeds`.\n\n"
        "Whenever there is a summary, a scenario NAME.dms that has a file NAME.expected beside it passes "
        "only "
        "if its transcript is equal to that file. Random schedules are not compared.",
    .examples = {{"run a scenario", "dmsim replay first.dms"},
                 {"with another order of tasks", "dmsim replay --seed 7 first.dms"},
                 {"all scenarios of a folder, for a CI system",
                  "dmsim replay --junit results.xml scenarios/"},
                 {"search for an order of tasks in which it fails",
                  "dmsim replay --strict --seeds 1-1000 first.dms"}},
    .exits =
        {{ExitStatus::ok, "all ran to their ends; without `--strict`, commands may have failed"},
         {ExitStatus::failed,
          "an `expect` was not met, a transcript is not the recorded one, with `--strict` a command failed "
          "without an `expect` that says so, the host could not read or write the file of a disk, or "
          "output could not be written"},
         {ExitStatus::mistake,
          "the command line is wrong, or a file that was named cannot be read, and nothing has run; or a "
          "scenario has mistakes, and has not run"},
         {ExitStatus::stopped, "a simulated machine stopped, or `--timeout` stopped it; a report says why"},
         {ExitStatus::interrupted, ""},
         {ExitStatus::terminated, ""}},
};

bool is_interrupted() {
  return interrupting_signal() != 0;
}

// One scenario: its lines appear as they come.
ExitStatus replay_live(const ReplayArguments& arguments, CaseList& cases, Console& console) {
  cases.load();
  const Case one = cases.at(0);
  // The lines themselves show how far it is.
  BatchProgress progress(console, cases, console.err.is_terminal() && !console.out.is_terminal());
  RunHooks hooks;
  hooks.give_up = is_interrupted;
  hooks.on_line = [&](std::string_view line) {
    console.out.write_transcript(fmt::format("{}\n", line));
    console.out.flush();
  };
  if (arguments.errors) {
    hooks.on_error_line = [&](std::string_view line) {
      progress.print([&] {
        console.err.print("{}\n", line);
        console.err.flush();
      });
    };
  }
  hooks.on_command = [&](int line) { progress.at(one, line); };
  const InterruptGuard guard;
  const CaseResult result = run_case(one, arguments.run, hooks);
  progress.finish();
  console.err.write(result.report);
  return result.verdict == Verdict::not_run ? interrupted_status() : exit_status(result.verdict);
}

using Reporters = std::vector<std::unique_ptr<Reporter>>;

bool is_file(const std::string& path) {
  std::error_code ignored;
  return !std::filesystem::is_directory(path, ignored);
}

// Results instead of transcripts.
bool asks_for_results(const ReplayArguments& arguments) {
  return arguments.quiet || arguments.json || !arguments.junit.empty() || arguments.run.check ||
         !arguments.seeds.empty() || !std::all_of(arguments.paths.begin(), arguments.paths.end(), is_file);
}

// What repeats a run when its seed and file are added: the options that say what happens in it.
std::string repeating_command(const CLI::App& app) {
  std::string command = fmt::format("{} {}", app.get_parent()->get_name(), app.get_name());
  if (!app.get_option("--strict")->empty()) command += " --strict";
  for (const char* name : {"--busy-limit", "--defect", "--dialect", "--timeout"}) {
    const CLI::Option* option = app.get_option(name);
    if (!option->empty()) command += fmt::format(" {} {}", name, shlex_quote(option->results().back()));
  }
  return command;
}

Reporters make_reporters(const ReplayArguments& arguments, Console& console) {
  Reporters reporters;
  const bool transcripts = arguments.verbose || !asks_for_results(arguments);
  if (arguments.json) {
    reporters.push_back(make_json_reporter(console, transcripts));
  } else {
    reporters.push_back(make_text_reporter(
        console, {.transcripts = transcripts, .replay_command = repeating_command(*arguments.command)}));
  }
  if (!arguments.junit.empty()) reporters.push_back(make_junit_reporter(arguments.junit));
  return reporters;
}

// All of them, side by side, with a summary.
ExitStatus replay_all(const ReplayArguments& arguments, CaseList& cases, Console& console) {
  if (cases.size() == 1) cases.load();
  const Reporters reporters = make_reporters(arguments, console);
  BatchProgress progress(console, cases, !arguments.quiet);
  Tally tally;
  const auto run = [&](const Case& one, const Batch::GiveUp& give_up) {
    RunHooks hooks;
    hooks.give_up = give_up;
    hooks.on_command = [&](int line) { progress.at(one, line); };
    CaseResult result = run_case(one, arguments.run, hooks);
    if (result.verdict != Verdict::not_run) progress.end_case(one);
    return result;
  };
  const auto report = [&](const Case& one, const CaseResult& result) {
    tally.add(one, result);
    progress.print([&] {
      for (const auto& reporter : reporters) reporter->report(one, result);
    });
  };
  const InterruptGuard guard;
  Batch(cases, {.stop_at_failure = !arguments.seeds.empty()}, run, report).run(is_interrupted);
  progress.finish();
  tally.add_not_run(cases.size() - tally.total());
  for (const auto& reporter : reporters) reporter->end(tally);
  return tally.count(Verdict::not_run) != 0 && is_interrupted() ? interrupted_status() : tally.exit_status();
}

explore::MachineKind machine_of(const RunOptions& run) {
  return {.dialect = run.dialect, .defects = run.defects, .fixes = run.fixes, .prepare = run.prepare};
}

// The schedule that an exploration has found, once more.
ExitStatus replay_schedule(const ReplayArguments& arguments, const std::string& path, Console& console) {
  schedules::ScheduleOptions options;
  options.name = path;
  options.run.machine = machine_of(arguments.run);
  options.all_steps = arguments.all_steps;
  const schedules::ReplayedSchedule result =
      schedules::replay_schedule(read_text_file(path), arguments.token, options);
  console.err.write(result.complaint);
  if (!result.followed) return ExitStatus::mistake;
  if (arguments.json) {
    const Json line = {{"scenario", path},
                       {"reproduced", result.reproduced},
                       {"report", result.text},
                       {"interleaving", interleaving_json(result.interleaving)}};
    console.out.write(json_line(line));
  } else {
    console.out.write(result.text + interleaving_text(result.interleaving, arguments.all_steps));
  }
  return result.reproduced ? ExitStatus::failed : ExitStatus::ok;
}

// The power cuts that an exploration has found, once more.
ExitStatus replay_cuts(const ReplayArguments& arguments, const std::string& path, Console& console) {
  explore::WorkloadOptions options;
  options.name = path;
  options.machine = machine_of(arguments.run);
  const explore::ReplayedCuts result =
      explore::replay_power_cuts(read_text_file(path), arguments.token, options);
  console.out.write(result.text);
  console.err.write(result.complaint);
  if (!result.followed) return ExitStatus::mistake;
  return result.reproduced ? ExitStatus::failed : ExitStatus::ok;
}

ExitStatus run_replay(ReplayArguments& arguments, Console& console) {
  if (!arguments.token.empty()) {
    if (arguments.paths.size() != 1 || !is_file(arguments.paths.front()))
      throw Mistake("--token: a token is of one scenario");
    const bool of_schedule = arguments.token.starts_with(schedules::token_version);
    return (of_schedule ? replay_schedule : replay_cuts)(arguments, arguments.paths.front(), console);
  }
  arguments.errors = arguments.errors || console.out.is_terminal();
  arguments.run.keep_errors = arguments.errors;
  CaseList cases(arguments.paths);
  if (arguments.paths.size() == 1 && !asks_for_results(arguments))
    return replay_live(arguments, cases, console);
  if (!arguments.seeds.empty()) {
    cases.set_seeds(arguments.seeds);
  } else if (arguments.run.schedule.kind == Schedule::Kind::fifo) {
    cases.compare();
  }
  return replay_all(arguments, cases, console);
}

void add_run_options(CLI::App& app, RunOptions& run) {
  add_schedule_options(app, run.schedule);
  add_busy_option(app, run.busy_limits);
  add_dialect_option(app, run.dialect);
  add_defect_option(app, run.defects);
  add_fix_option(app, run.fixes);
  app.add_flag("--strict", run.strict,
               "fail the run if a command fails, unless an `expect` right after it matches its output");
  add_time_option(app, "--timeout",
                  "stop each run that takes longer than this time of the host, such as `10s`",
                  [&run](dmcore::Duration time) { run.timeout = time; });
  app.add_flag("--check", run.check, "only check the scenarios for mistakes; nothing runs");
}

void add_output_options(CLI::App& app, ReplayArguments& arguments) {
  CLI::Option* quiet = app.add_flag("-q,--quiet", arguments.quiet,
                                    "print what is wrong and the summary, no transcripts and no progress");
  app.add_flag("-v,--verbose", arguments.verbose, "print transcripts and the summary")->excludes(quiet);
  app.add_flag("--json", arguments.json,
               "print results as JSON: an object on a line for each run, and one for the summary");
  app.add_option("--junit", arguments.junit, "write results to FILE, in the XML of JUnit")
      ->option_text("FILE");
  app.add_flag("--stderr", arguments.errors,
               "show what dmsetup writes to its standard error; the default on a terminal");
}

}  // namespace

void add_replay(Program& program, std::function<void(Machine&)> prepare) {
  auto arguments = std::make_shared<ReplayArguments>();
  arguments->run.prepare = std::move(prepare);
  CLI::App& app =
      program.add(replay_page, [arguments](Console& console) { return run_replay(*arguments, console); });
  app.add_option("FILE", arguments->paths,
                 "scenarios; `-` is standard input, and a directory means all `*.dms` files below it")
      ->required();
  arguments->command = &app;
  add_run_options(app, arguments->run);
  const auto set_seeds = [arguments = arguments.get()](const std::string& text) {
    arguments->seeds = parse_seeds("--seeds", text);
  };
  app.add_option_function<std::string>(
         "--seeds", set_seeds,
         "run with each of these seeds of a random schedule, such as `1-100` or "
         "`3,7-9`, until one does not pass; print the command that repeats it")
      ->option_text("LIST")
      ->excludes("--seed")
      ->excludes("--schedule");
  app.add_option("--token", arguments->token,
                 "repeat the power cuts or the schedule that `dmsim explore` has found for this scenario")
      ->option_text("TOKEN");
  app.add_flag("--all-steps", arguments->all_steps,
               "with `--token` of a schedule: print every step, not only those that matter")
      ->needs("--token");
  add_output_options(app, *arguments);
}

}  // namespace sim::cli
