// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim replay FILE...: runs scenarios and prints their transcripts.
#include "sim/scenario/replay.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <tbb/parallel_for.h>
#include <vector>

#include "sim/cli/busy_option.h"
#include "sim/cli/commands.h"
#include "sim/cli/dialect_option.h"
#include "sim/cli/schedule_options.h"
#include "sim/cli/text_file.h"

namespace sim::cli {

namespace {

using scenario::ReplayOptions;
using scenario::ReplayResult;

struct Arguments {
  std::vector<std::string> files;
  Schedule schedule;
  BusyLimits busy_limits;
  const dmclone::Dialect* dialect = &dmclone::linux_dialect;
  bool errors = false;
  std::function<void(Machine&)> prepare;
};

const Page page = {
    .name = "replay",
    .summary = "run scenarios and print their transcripts",
    .arguments = "FILE...",
    .description =
        "Runs scenarios, each on a machine of its own. The whole scenario is checked before anything "
        "runs.\n\nSeveral files run side by side; their transcripts are printed in the order of the files, "
        "each behind `== FILE`.",
    .examples = {{"run a scenario", "dmsim replay first.dms"},
                 {"with another order of tasks", "dmsim replay --schedule random --seed 7 first.dms"}},
    .exits = {{ExitStatus::ok, "it ran; commands may have failed, as the transcript says"},
              {ExitStatus::failed, "an `expect` was not met, or standard output could not be written"},
              {ExitStatus::mistake, ""},
              {ExitStatus::stopped, ""}},
};

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

ReplayOptions options_for(const Arguments& arguments, const std::string& file) {
  ReplayOptions options;
  options.schedule = arguments.schedule;
  options.busy_limits = arguments.busy_limits;
  options.dialect = arguments.dialect;
  options.prepare = arguments.prepare;
  options.name = file;
  options.directory = directory_of(file);
  return options;
}

// One scenario: its lines appear as they come.
ExitStatus replay_live(const Arguments& arguments, const std::string& file, Console& console) {
  const std::string text = read_text_file(file);
  ReplayOptions options = options_for(arguments, file);
  options.on_line = [&console](std::string_view line) {
    console.out.print("{}\n", line);
    console.out.flush();
  };
  if (arguments.errors || console.out.is_terminal()) {
    options.on_error_line = [&console](std::string_view line) {
      console.err.print("{}\n", line);
      console.err.flush();
    };
  }
  const ReplayResult result = replay(text, options);
  console.err.write(result.complaint);
  return static_cast<ExitStatus>(result.outcome);
}

// Several: each on a machine of its own, side by side, printed in the order in which they were named. None
// runs if one cannot be read.
ExitStatus replay_many(const Arguments& arguments, Console& console) {
  std::vector<std::string> texts;
  for (const std::string& file : arguments.files) texts.push_back(read_text_file(file));
  std::vector<ReplayResult> results(texts.size());
  std::vector<std::string> errors(texts.size());
  const bool with_errors = arguments.errors || console.out.is_terminal();
  tbb::parallel_for(std::size_t{0}, texts.size(), [&](std::size_t i) {
    ReplayOptions options = options_for(arguments, arguments.files[i]);
    if (with_errors)
      options.on_error_line = [&errors, i](std::string_view line) { errors[i].append(line).push_back('\n'); };
    results[i] = replay(texts[i], options);
  });
  ExitStatus status = ExitStatus::ok;
  for (std::size_t i = 0; i < results.size(); ++i) {
    console.out.print("== {}\n{}", arguments.files[i], results[i].transcript);
    console.out.flush();
    console.err.write(errors[i]);
    console.err.write(results[i].complaint);
    status = std::max(status, static_cast<ExitStatus>(results[i].outcome));
  }
  return status;
}

}  // namespace

void add_replay(Program& program, std::function<void(Machine&)> prepare) {
  auto arguments = std::make_shared<Arguments>();
  arguments->prepare = std::move(prepare);
  CLI::App& app = program.add(page, [arguments](Console& console) {
    return arguments->files.size() == 1 ? replay_live(*arguments, arguments->files[0], console)
                                        : replay_many(*arguments, console);
  });
  app.add_option("FILE", arguments->files, "scenarios; `-` is standard input")->required();
  add_schedule_options(app, arguments->schedule);
  add_busy_option(app, arguments->busy_limits);
  add_dialect_option(app, arguments->dialect);
  app.add_flag("--stderr", arguments->errors,
               "show what dmsetup writes to its standard error; the default on a terminal");
}

}  // namespace sim::cli
