// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim explore crash FILE...: every power cut of scenarios.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_pipeline.h>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/cli/defect_option.h"
#include "sim/cli/dialect_option.h"
#include "sim/cli/explore/cases.h"
#include "sim/cli/explore/checkpoint.h"
#include "sim/cli/explore/explore_output.h"
#include "sim/cli/failure.h"
#include "sim/cli/interrupt.h"
#include "sim/cli/options.h"
#include "sim/cli/progress.h"
#include "sim/cli/quantity_options.h"

namespace sim::cli {

namespace {

using Verdict = explore::PowerCutResult::Verdict;

struct ExploreArguments {
  std::string what;
  ExploreCases::Request cases;
  explore::PowerCutOptions explore;
  std::optional<dmcore::Duration> time;
  unsigned jobs = 0;  // 0: as many as there are processors
  bool quiet = false;
  bool json = false;
  std::string junit;
  std::string checkpoint;
};

const Page explore_page = {
    .name = "explore",
    .summary = "cut the power at every moment of a scenario, and look at every state that this may leave",
    .arguments = "crash FILE...",
    .description =
        "Runs each scenario once. Then the power is cut after each of its events: when a write is submitted, "
        "executed or ends, a flush ends, a program submits a request or sees it complete. What the disks "
        "may hold then is all that the block layer allows, sector by sector. The devices are set up again, "
        "by "
        "the same code, from every state of the metadata that makes a difference; and while that runs, the "
        "power is cut again. What happens side by side could have happened in another order: those cuts are "
        "looked at, too.\n\n"
        "Whatever is found must be what the device has promised: what was acknowledged and flushed, or "
        "something newer. See docs/crash-exploration.md.\n\n"
        "If something is wrong, the shortest scenario that shows it is printed, with a token: `dmsim replay "
        "FILE --token TOKEN` repeats it. If nothing is, a certificate says what was looked at.",
    .examples = {{"every power cut of a scenario", "dmsim explore crash first.dms"},
                 {"a thousand random workloads", "dmsim explore crash --generate 1000 --seed 7"},
                 {"all workloads of up to three operations", "dmsim explore crash --every 3"},
                 {"an hour, which another hour may follow",
                  "dmsim explore crash --generate 1000000 --for 1h --checkpoint state.json"}},
    .exits = {{ExitStatus::ok, "all was looked at, and all holds"},
              {ExitStatus::failed, "something is wrong after a power cut, or output could not be written"},
              {ExitStatus::mistake, "the command line, a scenario or a checkpoint is wrong"},
              {ExitStatus::stopped, "the budget has ended; what was looked at holds"},
              {ExitStatus::interrupted, ""},
              {ExitStatus::terminated, ""}},
};

class Exploration {
 public:
  Exploration(const ExploreArguments& arguments, Console& console)
      : arguments_(arguments),
        cases_(arguments.cases),
        checkpoint_(arguments.checkpoint, cases_.identity() + "\n" + bounds_of(arguments.explore)),
        progress_(console.err) {
    const std::string bounds = bounds_of(arguments.explore);
    if (arguments.json) {
      reporters_.push_back(make_explore_json_reporter(console, bounds));
    } else {
      reporters_.push_back(
          make_explore_text_reporter(console, bounds, !arguments.quiet && !cases_.generated()));
    }
    if (!arguments.junit.empty()) reporters_.push_back(make_explore_junit_reporter(arguments.junit));
    if (arguments.time) end_ = std::chrono::steady_clock::now() + *arguments.time;
  }

  ExitStatus run() {
    const InterruptGuard guard;
    done_ = next_ = checkpoint_.load(tally_);
    progress_.start(cases_.size(), "scenarios");
    explore();
    progress_.finish();
    checkpoint_.save(done_, tally_);
    const bool complete = done_ == cases_.size();
    for (const auto& reporter : reporters_) reporter->end(tally_, complete);
    if (tally_.count(Verdict::found) != 0) return ExitStatus::failed;
    if (interrupting_signal() != 0) return interrupted_status();
    if (tally_.count(Verdict::mistake) != 0) return ExitStatus::mistake;
    return complete && tally_.count(Verdict::ended) == 0 ? ExitStatus::ok : ExitStatus::stopped;
  }

 private:
  struct Done {
    std::uint64_t index = 0;
    explore::PowerCutResult result;
  };

  [[nodiscard]] bool gives_up() const {
    return interrupting_signal() != 0 || (end_ && std::chrono::steady_clock::now() >= *end_);
  }

  // Side by side, and reported in their order.
  void explore() {
    const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
    const unsigned jobs = arguments_.jobs == 0 ? processors : arguments_.jobs;
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, jobs);
    constexpr std::size_t at_once_for_each = 4;
    tbb::parallel_pipeline(
        jobs * at_once_for_each,
        tbb::make_filter<void, std::uint64_t>(tbb::filter_mode::serial_in_order,
                                              [this](tbb::flow_control& control) { return take(control); }) &
            tbb::make_filter<std::uint64_t, Done>(tbb::filter_mode::parallel,
                                                  [this](std::uint64_t index) {
                                                    return Done{index, explore(index)};
                                                  }) &
            tbb::make_filter<Done, void>(tbb::filter_mode::serial_in_order,
                                         [this](const Done& done) { report(done); }));
  }
  std::uint64_t take(tbb::flow_control& control) {
    if (next_ == cases_.size() || stop_ || gives_up()) {
      control.stop();
      return 0;
    }
    return next_++;
  }
  explore::PowerCutResult explore(std::uint64_t index) {
    if (gives_up()) return {};
    explore::PowerCutOptions options = arguments_.explore;
    options.settings.give_up = [this] { return gives_up(); };
    options.workload.schedule.seed = cases_.seed(index);
    options.workload.name = cases_.name(index);
    return explore::explore_power_cuts(cases_.text(index), options);
  }
  // After the first that was not run none is reported: there it is resumed.
  void report(const Done& done) {
    if (stop_ || done.result.verdict == Verdict::not_run || (done.result.report.interrupted && gives_up())) {
      stop_ = true;
      return;
    }
    ++done_;
    tally_.add(done.result);
    progress_.clear();
    for (const auto& reporter : reporters_) reporter->report(cases_.name(done.index), done.result);
    progress_.update(done_, fmt::format("{} cuts", tally_.cuts));
    if (done.result.verdict == Verdict::found && cases_.generated()) stop_ = true;
    constexpr std::uint64_t saved_every = 1000;
    if (done_ % saved_every == 0) checkpoint_.save(done_, tally_);
  }

  const ExploreArguments& arguments_;
  ExploreCases cases_;
  ExploreCheckpoint checkpoint_;
  Progress progress_;
  std::vector<std::unique_ptr<ExploreReporter>> reporters_;
  std::optional<std::chrono::steady_clock::time_point> end_;
  ExploreTally tally_;
  std::uint64_t next_ = 0;  // to be taken
  std::uint64_t done_ = 0;  // that were reported
  std::atomic<bool> stop_ = false;
};

ExitStatus run_explore(const ExploreArguments& arguments, Console& console) {
  if (arguments.what != "crash")
    throw Mistake(fmt::format("\"{}\" cannot be explored: say `crash`", arguments.what));
  const int sources = static_cast<int>(!arguments.cases.files.empty()) +
                      static_cast<int>(arguments.cases.generate != 0) +
                      static_cast<int>(arguments.cases.every != 0);
  if (sources != 1) throw Mistake("give scenarios, or one of --generate and --every");
  return Exploration(arguments, console).run();
}

void add_case_options(CLI::App& app, ExploreCases::Request& cases) {
  add_number_option(app, "--generate", cases.generate,
                    "explore so many random workloads instead of scenarios");
  add_number_option(app, "--seed", cases.seed, "seed of the first of them; each has the next one");
  add_number_option(app, "--operations", cases.operations, "how many operations each of them has",
                    std::uint64_t{1}, std::uint64_t{100000});
  constexpr unsigned every_max = 6;
  add_number_option(app, "--every", cases.every,
                    "explore all workloads of up to so many operations on a clone of four regions", 0U,
                    every_max);
  const auto set_shard = [&cases](const std::string& text) { cases.shard = parse_shard("--shard", text); };
  app.add_option_function<std::string>("--shard", set_shard, "only this part of the scenarios, such as `2/5`")
      ->option_text("PART");
}

void add_search_options(CLI::App& app, ExploreArguments& arguments) {
  explore::CrashSettings& settings = arguments.explore.settings;
  constexpr unsigned depth_max = 8;
  add_number_option(app, "--depth", settings.depth, "how many power cuts follow each other at most", 1U,
                    depth_max);
  add_choice_option<explore::Tear>(
      app, "--tear", settings.tear,
      {{"halves", explore::Tear::halves},
       {"sectors", explore::Tear::sectors},
       {"bytes", explore::Tear::bytes}},
      "a block of metadata that is being written is torn after its first logical "
      "block; between any; or after the first and inside any, which has to be refused");
  app.add_option(
         "--metadata", arguments.explore.workload.metadata,
         "a disk whose bytes targets look at, beside the metadata of clones; may be given several times")
      ->option_text("DISK")
      ->allow_extra_args(false);
  for (std::size_t i = 0; i < explore::oracle_count; ++i) {
    const std::string name(explore::name_of(static_cast<explore::Oracle>(i)));
    app.add_flag_callback(
        "--no-" + name, [&settings, i] { settings.oracles[i] = false; },
        fmt::format("do not ask whether \"{}\" holds", name));
  }
  add_number_option(app, "--budget", settings.cuts_max,
                    "look at so many different cuts of each scenario, and at samples of the rest; 0: at all");
  add_number_option(
      app, "--orders", settings.orders_max,
      "of the events of each command that could have happened in another order, look at so many "
      "cuts that only another order has; 0: none");
  add_number_option(app, "--recoveries", settings.recoveries_max,
                    "end when so many different starts after a power cut were run; 0: never");
  add_time_option(app, "--for", "end after this time of the host, such as `60s`",
                  [&arguments](dmcore::Duration time) { arguments.time = time; });
  constexpr unsigned jobs_max = 1024;
  add_number_option(app, "--jobs", arguments.jobs,
                    "how many scenarios at a time; 0: as many as there are processors", 0U, jobs_max);
  app.add_option("--checkpoint", arguments.checkpoint,
                 "write to FILE how far it came, and resume from there if it is there already")
      ->option_text("FILE");
  app.add_flag_callback(
      "--no-shrink", [&arguments] { arguments.explore.shrink = false; },
      "do not make a scenario that fails shorter");
  add_choice_option<Schedule::Kind>(
      app, "--schedule", arguments.explore.workload.schedule.kind,
      {{"fifo", Schedule::Kind::fifo}, {"random", Schedule::Kind::random}},
      "which of the tasks that can run runs next while the scenario runs: first in, first out, or a random "
      "one, "
      "with the seed of `--seed` for a scenario and its own for a random workload");
  add_dialect_option(app, arguments.explore.workload.machine.dialect);
  add_defect_option(app, arguments.explore.workload.machine.defects);
}

}  // namespace

void add_explore(Program& program, std::function<void(Machine&)> prepare) {
  auto arguments = std::make_shared<ExploreArguments>();
  arguments->explore.workload.machine.prepare = std::move(prepare);
  CLI::App& app =
      program.add(explore_page, [arguments](Console& console) { return run_explore(*arguments, console); });
  app.add_option("WHAT", arguments->what, "what to look for: `crash`")->required();
  app.add_option("FILE", arguments->cases.files, "scenarios; `-` is standard input");
  add_case_options(app, arguments->cases);
  add_search_options(app, *arguments);
  app.add_flag("-q,--quiet", arguments->quiet, "print only what is wrong, and the summary");
  app.add_flag("--json", arguments->json,
               "print results as JSON: an object on a line for each scenario, and one for the summary");
  app.add_option("--junit", arguments->junit, "write results to FILE, in the XML of JUnit")
      ->option_text("FILE");
}

}  // namespace sim::cli
