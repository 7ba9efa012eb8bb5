// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim explore crash|schedules FILE...: every power cut, or every schedule, of scenarios.
#include <cstdint>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/cli/defect_option.h"
#include "sim/cli/dialect_option.h"
#include "sim/cli/explore/exploration.h"
#include "sim/cli/explore/merge.h"
#include "sim/cli/explore/part.h"
#include "sim/cli/failure.h"
#include "sim/cli/options.h"
#include "sim/cli/quantity_options.h"

namespace sim::cli {

namespace {

struct ExploreArguments {
  std::string what;
  ExploreCases::Request cases;
  explore::PowerCutOptions crash;
  schedules::ScheduleOptions schedules;
  bool shrink = true;
  std::uint64_t split = 0;  // into so many parts, instead of exploring
  std::optional<std::string> part;
  bool merge = false;
  explore::MachineKind machine;
  Exploration::Options run;
  bool cuts_power = false;  // of schedules as well
  // Those that are only for one of the two, and those for power cuts, of schedules too.
  std::vector<CLI::Option*> crash_options;
  std::vector<CLI::Option*> cut_options;
  CLI::Option* depth = nullptr;  // one of these
  std::vector<CLI::Option*> schedule_options;
};

const Page explore_page = {
    .name = "explore",
    .summary = "look for what is wrong after any power cut, or under any schedule",
    .arguments = "crash|schedules FILE...",
    .description =
        "With `crash` each scenario is run once. Then the power is cut after each of its events: when a "
        "write is submitted, "
        "executed or ends, a flush ends, a program submits a request or sees it complete. What the disks "
        "may hold then is all that the block layer allows, sector by sector. The devices are set up again, "
        "by "
        "the same code, from every state of the metadata that makes a difference; and while that runs, the "
        "power is cut again. What happens side by side could have happened in another order: those cuts are "
        "looked at, too. "
        "Whatever is found must be what the device has promised: what was acknowledged and flushed, or "
        "something newer. See docs/crash-exploration.md.\n\n"
        "With `schedules` each scenario is run again and again, each time with its tasks in another order. "
        "Commands in the background (`&`) run at once, and what they make the kernel do. Each read must "
        "return what some order of the reads and writes explains, and the machine must not stop. With "
        "`--crash` each of these runs is cut as well. See docs/schedule-exploration.md.\n\n"
        "If something is wrong, the shortest scenario that shows it is printed, with a token: `dmsim replay "
        "FILE --token TOKEN` repeats it. If nothing is, a certificate says what was looked at.",
    .examples = {{"every power cut of a scenario", "dmsim explore crash first.dms"},
                 {"a thousand random workloads", "dmsim explore crash --generate 1000 --seed 7"},
                 {"all workloads of up to three operations", "dmsim explore crash --every 3"},
                 {"an hour, which another hour may follow",
                  "dmsim explore crash --generate 1000000 --for 1h --checkpoint state.json"},
                 {"in eight parts, on as many machines as there are",
                  "dmsim explore schedules --every 3 --budget 0 --split 8"},
                 {"every schedule of a scenario", "dmsim explore schedules concurrent.dms --budget 0"},
                 {"every schedule, and every power cut of each",
                  "dmsim explore schedules concurrent.dms --budget 0 --crash"},
                 {"a hundred random workloads, each under 1000 schedules",
                  "dmsim explore schedules --generate 100 --budget 1000"}},
    .exits = {{ExitStatus::ok, "all was looked at, and all holds"},
              {ExitStatus::failed, "something is wrong, or output could not be written"},
              {ExitStatus::mistake, "the command line, a scenario or a checkpoint is wrong"},
              {ExitStatus::stopped, "the budget has ended; what was looked at holds"},
              {ExitStatus::interrupted, ""},
              {ExitStatus::terminated, ""}},
};

void refuse(const std::vector<CLI::Option*>& options, std::string_view kind) {
  for (const CLI::Option* option : options) {
    if (option->count() != 0)
      throw Mistake(fmt::format("{}: this is an option of `dmsim explore {}`", option->get_name(), kind));
  }
}

std::unique_ptr<ExploreKind> kind_of(ExploreArguments& arguments) {
  if (arguments.what == "crash") {
    refuse(arguments.schedule_options, "schedules");
    arguments.crash.shrink = arguments.shrink;
    arguments.crash.workload.machine = arguments.machine;
    return make_power_cut_kind(arguments.crash);
  }
  if (arguments.what == "schedules") {
    refuse(arguments.crash_options, "crash");
    if (!arguments.cuts_power)
      refuse(arguments.cut_options, "crash` and of `dmsim explore schedules --crash");
    arguments.cases.concurrent = true;
    if (arguments.cuts_power) {
      explore::CrashSettings& settings = arguments.schedules.run.crash.emplace(arguments.crash.settings);
      settings.cuts_max = 0;  // the budget is one of schedules
      if (arguments.depth->count() == 0) settings.depth = 1;
      arguments.schedules.run.metadata = arguments.crash.workload.metadata;
    }
    arguments.schedules.shrink = arguments.shrink;
    arguments.schedules.run.machine = arguments.machine;
    return make_schedule_kind(arguments.schedules);
  }
  throw Mistake(fmt::format("\"{}\" cannot be explored: say `crash` or `schedules`", arguments.what));
}

// Parts, one on a line.
ExitStatus print_parts(const ExploreArguments& arguments, const ExploreKind& kind, Console& console) {
  ExplorePart part = whole_exploration(arguments.cases, kind);
  part.shard.count = arguments.split;
  for (part.shard.index = 1; part.shard.index <= part.shard.count; ++part.shard.index)
    console.out.print("{}\n", to_string(part));
  return ExitStatus::ok;
}

// Of what is explored only that part.
void take_part(ExploreArguments& arguments, ExploreKind& kind) {
  const std::optional<ExplorePart> part = parse_explore_part(*arguments.part);
  if (!part) throw Mistake(fmt::format("--part: \"{}\" is no line of `--split`", *arguments.part));
  const ExplorePart whole = whole_exploration(arguments.cases, kind);
  if (part->of != whole.of || part->divided != whole.divided) {
    throw Mistake(
        "--part: this is a part of another exploration: the program, the scenarios or the options differ");
  }
  if (part->divided.empty()) {
    arguments.cases.shard = part->shard;
  } else {
    kind.take_part(part->shard);
  }
  arguments.run.part = part;
  kind.note_part(part->shard);
}

ExitStatus run_explore(ExploreArguments& arguments, Console& console) {
  const std::unique_ptr<ExploreKind> kind = kind_of(arguments);
  if (arguments.merge) {
    return merge_explorations(arguments.cases.files,
                              {.json = arguments.run.json, .junit = arguments.run.junit}, console);
  }
  const int sources = static_cast<int>(!arguments.cases.files.empty()) +
                      static_cast<int>(arguments.cases.generate != 0) +
                      static_cast<int>(arguments.cases.every != 0);
  if (sources != 1) throw Mistake("give scenarios, or one of --generate and --every");
  constexpr std::uint64_t operations = 50;
  constexpr std::uint64_t operations_at_once = 6;
  if (arguments.cases.operations == 0)
    arguments.cases.operations = arguments.cases.concurrent ? operations_at_once : operations;
  if (arguments.split != 0) return print_parts(arguments, *kind, console);
  kind->note_part(arguments.cases.shard);
  if (arguments.part) take_part(arguments, *kind);
  return Exploration(arguments.cases, *kind, arguments.run, console).run();
}

void add_case_options(CLI::App& app, ExploreCases::Request& cases) {
  add_number_option(app, "--generate", cases.generate,
                    "explore so many random workloads instead of scenarios");
  add_number_option(app, "--seed", cases.seed,
                    "seed of the first of them; each has the next one; and of random schedules");
  const auto set_operations = [&cases](const std::string& text) {
    constexpr std::uint64_t operations_max = 100'000;
    cases.operations = whole_number("--operations", text, 1, operations_max);
  };
  app.add_option_function<std::string>("--operations", set_operations,
                                       "how many operations each of them has; 50 with `crash`, 6 with "
                                       "`schedules`")
      ->option_text("N");
  constexpr unsigned every_max = 6;
  add_number_option(app, "--every", cases.every,
                    "explore all workloads of up to so many operations on a clone of four regions; with "
                    "`schedules`, of so many at once on a clone of two",
                    0U, every_max);
  const auto set_shard = [&cases](const std::string& text) { cases.shard = parse_shard("--shard", text); };
  app.add_option_function<std::string>("--shard", set_shard, "only this part of the scenarios, such as `2/5`")
      ->option_text("PART");
}

void add_part_options(CLI::App& app, ExploreArguments& arguments) {
  constexpr std::uint64_t parts_max = 1'000'000;
  CLI::Option* shard = app.get_option("--shard");
  CLI::Option* split = add_number_option(
      app, "--split", arguments.split,
      "print so many lines, each of which is a part of this exploration: of its scenarios, or, of one "
      "scenario with the engine `few`, of its schedules",
      std::uint64_t{1}, parts_max);
  split->default_str("")->excludes(shard);
  CLI::Option* part =
      app.add_option("--part", arguments.part,
                     "explore only this part, a line of `--split` with the same scenarios and options")
          ->option_text("LINE")
          ->excludes(shard)
          ->excludes(split);
  app.add_option("--result", arguments.run.result, "write what came of the part to FILE, for `--merge`")
      ->option_text("FILE")
      ->needs(part);
  app.add_flag("--merge", arguments.merge,
               "FILE... are results of parts: prints what they come to, with the certificate if there is one "
               "of each part")
      ->excludes(part)
      ->excludes(split);
}

void add_crash_options(CLI::App& app, ExploreArguments& arguments) {
  explore::CrashSettings& settings = arguments.crash.settings;
  std::vector<CLI::Option*>& options = arguments.cut_options;
  constexpr unsigned depth_max = 8;
  arguments.depth = add_number_option(
      app, "--depth", settings.depth,
      "how many power cuts follow each other at most; with `schedules --crash` 1 by default", 1U, depth_max);
  options.push_back(arguments.depth);
  options.push_back(add_choice_option<explore::Tear>(
      app, "--tear", settings.tear,
      {{"halves", explore::Tear::halves},
       {"sectors", explore::Tear::sectors},
       {"bytes", explore::Tear::bytes}},
      "a block of metadata that is being written is torn after its first logical "
      "block; between any; or after the first and inside any, which has to be refused"));
  options.push_back(app.add_option("--metadata", arguments.crash.workload.metadata,
                                   "a disk whose bytes targets look at, beside the metadata of clones; may "
                                   "be given several times")
                        ->option_text("DISK")
                        ->allow_extra_args(false));
  for (std::size_t i = 0; i < explore::oracle_count; ++i) {
    const std::string name(explore::name_of(static_cast<explore::Oracle>(i)));
    options.push_back(app.add_flag_callback(
        "--no-" + name, [&settings, i] { settings.oracles[i] = false; },
        fmt::format("do not ask whether \"{}\" holds", name)));
  }
  options.push_back(add_number_option(
      app, "--orders", settings.orders_max,
      "of the events of each command that could have happened in another order, look at so many "
      "cuts that only another order has; 0: none"));
  options.push_back(add_number_option(app, "--recoveries", settings.recoveries_max,
                                      "end when so many different starts after a power cut were run; 0: "
                                      "never"));
  arguments.crash_options.push_back(add_choice_option<Schedule::Kind>(
      app, "--schedule", arguments.crash.workload.schedule.kind,
      {{"fifo", Schedule::Kind::fifo}, {"random", Schedule::Kind::random}},
      "which of the tasks that can run runs next while the scenario runs: first in, first out, or a random "
      "one, "
      "with the seed of `--seed` for a scenario and its own for a random workload"));
}

void add_schedule_options(CLI::App& app, ExploreArguments& arguments) {
  schedules::ScheduleOptions& settings = arguments.schedules;
  std::vector<CLI::Option*>& options = arguments.schedule_options;
  std::vector<std::pair<std::string, schedules::EngineKind>> engines;
  for (std::size_t i = 0; i < schedules::engine_count; ++i) {
    const auto kind = static_cast<schedules::EngineKind>(i);
    engines.emplace_back(name_of(kind), kind);
  }
  options.push_back(add_choice_option(
      app, "--engine", settings.engine, engines,
      "how schedules are chosen: all that differ in what can be seen; all with few differences from first "
      "in, first out; at random by steps, by orders of steps that conflict, or by priorities that change; "
      "or all of these, within the budget"));
  constexpr unsigned deviations_max = 20;
  options.push_back(add_number_option(app, "--deviations", settings.deviations,
                                      "how many differences from first in, first out a schedule has, with "
                                      "the engine `few`",
                                      0U, deviations_max));
  constexpr unsigned changes_max = 20;
  options.push_back(add_number_option(app, "--changes", settings.priority_changes,
                                      "how often a priority changes in a run, with the engine `pct`", 0U,
                                      changes_max));
  options.push_back(add_number_option(app, "--steps", settings.run.steps_max,
                                      "cut a run off after so many steps", std::uint64_t{1}));
  options.push_back(app.add_flag("--crash", arguments.cuts_power,
                                 "cut the power as well: of each schedule, after each of its events, as "
                                 "`crash` does"));
  options.push_back(app.add_flag("--all-steps", settings.all_steps,
                                 "print every step of a schedule that fails, not only those that matter"));
}

void add_search_options(CLI::App& app, ExploreArguments& arguments) {
  const auto set_budget = [&arguments](const std::string& text) {
    const std::uint64_t budget = whole_number("--budget", text, 0, std::numeric_limits<std::uint64_t>::max());
    arguments.crash.settings.cuts_max = budget;
    arguments.schedules.runs_max = budget;
  };
  app.add_option_function<std::string>(
         "--budget", set_budget,
         "of each scenario, look at so many different cuts, and at samples of the rest; or run so many "
         "schedules. 0: all, which is what `crash` does by default; `schedules` runs 10000")
      ->option_text("N");
  add_time_option(app, "--for", "end after this time of the host, such as `60s`",
                  [&arguments](dmcore::Duration time) { arguments.run.time = time; });
  constexpr unsigned jobs_max = 1024;
  add_number_option(app, "--jobs", arguments.run.jobs,
                    "how many scenarios at a time; 0: as many as there are processors", 0U, jobs_max);
  app.add_option("--checkpoint", arguments.run.checkpoint,
                 "write to FILE how far it came, and resume from there if it is there already")
      ->option_text("FILE");
  app.add_flag_callback(
      "--no-shrink", [&arguments] { arguments.shrink = false; }, "do not make a scenario that fails shorter");
  add_dialect_option(app, arguments.machine.dialect);
  app.add_flag("--known-bugs", arguments.machine.finds_known_bugs,
               "find the known bugs of dm-clone as well, which are excepted otherwise: see docs/findings.md");
  add_defect_option(app, arguments.machine.defects);
  add_fix_option(app, arguments.machine.fixes);
}

}  // namespace

void add_explore(Program& program, std::function<void(Machine&)> prepare) {
  auto arguments = std::make_shared<ExploreArguments>();
  arguments->machine.prepare = std::move(prepare);
  CLI::App& app =
      program.add(explore_page, [arguments](Console& console) { return run_explore(*arguments, console); });
  app.add_option("WHAT", arguments->what, "what to look for: `crash` or `schedules`")->required();
  app.add_option("FILE", arguments->cases.files, "scenarios; `-` is standard input");
  add_case_options(app, arguments->cases);
  add_part_options(app, *arguments);
  add_search_options(app, *arguments);
  add_crash_options(app, *arguments);
  add_schedule_options(app, *arguments);
  app.add_flag("-q,--quiet", arguments->run.quiet, "print only what is wrong, and the summary");
  app.add_flag("--json", arguments->run.json,
               "print results as JSON: an object on a line for each scenario, and one for the summary");
  app.add_option("--junit", arguments->run.junit, "write results to FILE, in the XML of JUnit")
      ->option_text("FILE");
}

}  // namespace sim::cli
