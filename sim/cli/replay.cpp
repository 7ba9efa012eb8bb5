// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim replay FILE...: runs scenarios and prints their transcripts.
#include "sim/scenario/replay.h"

#include <algorithm>
#include <fmt/core.h>
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
using scenario::ReplayOutcome;
using scenario::ReplayResult;

struct Arguments {
  std::vector<std::string> files;
  Schedule schedule;
  BusyLimits busy_limits;
  const dmclone::Dialect* dialect = &dmclone::linux_dialect;
  bool errors = false;
  std::function<void(Machine&)> prepare;
};

constexpr int cannot_read = 2;

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
int replay_live(const Arguments& arguments, const std::string& file) {
  const std::optional<std::string> text = read_text_file(file);
  if (!text) return cannot_read;
  ReplayOptions options = options_for(arguments, file);
  options.on_line = [](std::string_view line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
  };
  if (arguments.errors)
    options.on_error_line = [](std::string_view line) { fmt::print(stderr, "{}\n", line); };
  const ReplayResult result = replay(*text, options);
  fmt::print(stderr, "{}", result.complaint);
  return static_cast<int>(result.outcome);
}

// Several: each on a machine of its own, side by side, printed in the order in which they were named. None
// runs if the text of one is wrong.
int replay_many(const Arguments& arguments) {
  std::vector<std::string> texts;
  for (const std::string& file : arguments.files) {
    const std::optional<std::string> text = read_text_file(file);
    if (!text) return cannot_read;
    texts.push_back(*text);
  }
  std::vector<ReplayResult> results(texts.size());
  tbb::parallel_for(std::size_t{0}, texts.size(), [&](std::size_t i) {
    results[i] = replay(texts[i], options_for(arguments, arguments.files[i]));
  });
  int status = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    fmt::print("== {}\n{}", arguments.files[i], results[i].transcript);
    std::fflush(stdout);
    fmt::print(stderr, "{}", results[i].complaint);
    status = std::max(status, static_cast<int>(results[i].outcome));
  }
  return status;
}

}  // namespace

void add_replay(CLI::App& app, Action& action, std::function<void(Machine&)> prepare) {
  CLI::App* command = app.add_subcommand("replay", "run scenarios and print their transcripts");
  auto arguments = std::make_shared<Arguments>();
  arguments->prepare = std::move(prepare);
  command->add_option("file", arguments->files, "scenario files; - is standard input")->required();
  add_schedule_options(*command, arguments->schedule);
  add_busy_option(*command, arguments->busy_limits);
  add_dialect_option(*command, arguments->dialect);
  command->add_flag("--stderr", arguments->errors, "show what dmsetup says on its standard error");
  command->callback([arguments, &action] {
    action = [arguments] {
      return arguments->files.size() == 1 ? replay_live(*arguments, arguments->files[0])
                                          : replay_many(*arguments);
    };
  });
}

}  // namespace sim::cli
