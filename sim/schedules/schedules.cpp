// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/schedules.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "sim/explore/cut_token.h"
#include "sim/explore/shrink.h"
#include "sim/language/parser.h"
#include "sim/schedules/few_deviations.h"
#include "sim/schedules/samplers.h"
#include "sim/schedules/schedule_token.h"
#include "sim/schedules/source_dpor.h"
#include "sim/text/printable.h"

namespace sim::schedules {

namespace {

using explore::Verdict;

constexpr std::array<std::string_view, engine_count> engine_names = {"dpor", "few", "random",
                                                                     "pos",  "pct", "portfolio"};

// A failure, and the schedule that shows it.
struct Found {
  Failure failure;
  std::vector<Deviation> deviations;
  Wants wants;
};

class Search {
 public:
  Search(std::string_view scenario, const ScheduleOptions& options, ScheduleReport& report)
      : options_(options), report_(report), run_(scenario, options.run) {}

  // Of the scenario, or what a run came to: then the search has ended.
  [[nodiscard]] std::string complaint() const { return complaint_.empty() ? run_.complaint() : complaint_; }

  std::optional<Found> search() {
    std::optional<Found> found = search_with_engines();
    if (options_.run.crash) report_.cuts = run_.cut_counts();
    return found;
  }

  // The schedule again, without what does not apply.
  std::optional<Found> repeat(const std::vector<Deviation>& deviations, Wants wants) {
    Deviating engine(deviations, wants);
    return run_once(engine);
  }

 private:
  std::optional<Found> search_with_engines() {
    if (options_.engine != EngineKind::portfolio) return take_turns({options_.engine});
    return take_turns(
        {EngineKind::dpor, EngineKind::few, EngineKind::pos, EngineKind::random, EngineKind::pct});
  }

  [[nodiscard]] bool gives_up() {
    report_.interrupted = report_.interrupted || (options_.give_up && options_.give_up());
    return report_.interrupted;
  }
  [[nodiscard]] std::uint64_t runs() const { return report_.runs + report_.blocked + report_.cut_off; }

  std::optional<Found> take_turns(const std::vector<EngineKind>& kinds) {
    std::vector<std::unique_ptr<Engine>> engines;
    engines.reserve(kinds.size());
    for (const EngineKind kind : kinds) engines.push_back(make(kind));
    for (std::size_t turn = 0; !engines.empty(); ++turn) {
      if (gives_up() || (options_.runs_max != 0 && runs() >= options_.runs_max)) return std::nullopt;
      const auto place = engines.begin() + static_cast<std::ptrdiff_t>(turn % engines.size());
      Engine& engine = **place;
      auto* few = dynamic_cast<FewDeviations*>(&engine);
      if (!engine.begin()) {
        report_.complete = dynamic_cast<SourceDpor*>(&engine) != nullptr && report_.cut_off == 0;
        if (report_.complete) return std::nullopt;
        report_.few = few != nullptr && few->all() && report_.cut_off == 0;
        engines.erase(place);
        continue;
      }
      if (few != nullptr && few->is_of_another_part()) {
        run_.run(engine);
      } else if (auto found = run_once(engine)) {
        return found;
      }
      engine.end();
      if (!complaint_.empty()) return std::nullopt;
      if (few != nullptr && report_.divided.empty()) report_.divided = few->divided();
    }
    return std::nullopt;
  }

  [[nodiscard]] std::unique_ptr<Engine> make(EngineKind kind) const {
    if (kind == EngineKind::dpor) return std::make_unique<SourceDpor>();
    if (kind == EngineKind::few) return std::make_unique<FewDeviations>(options_.deviations, options_.part);
    if (kind == EngineKind::pos) return std::make_unique<PartialOrderSampling>(options_.seed);
    if (kind == EngineKind::pct)
      return std::make_unique<PriorityChanges>(options_.seed, options_.priority_changes);
    return std::make_unique<RandomWalk>(options_.seed);
  }

  std::optional<Found> run_once(Engine& engine) {
    RunResult result = run_.run(engine);
    complaint_ = std::move(result.complaint);
    report_.steps += result.steps;
    report_.copies_over_discards += result.copies_over_discards;
    report_.not_judged.merge(result.not_judged);
    switch (result.end) {
      case RunResult::End::waits:
        ++report_.waiting;
        [[fallthrough]];
      case RunResult::End::whole:
        ++report_.runs;
        break;
      case RunResult::End::cut_off:
        ++report_.cut_off;
        break;
      case RunResult::End::abandoned:
        ++report_.blocked;
        break;
    }
    if (!result.failure) return std::nullopt;
    return Found{*std::move(result.failure), std::move(result.deviations), engine.wants()};
  }

  const ScheduleOptions& options_;
  ScheduleReport& report_;
  ScenarioRun run_;
  std::string complaint_;
};

// Makes the scenario and the schedule shorter, in turn, as long as one of the two gets shorter.
class Shrinker {
 public:
  Shrinker(std::string_view scenario, const ScheduleOptions& options, Found found)
      : options_(options), scenario_(scenario), found_(std::move(found)) {
    constexpr std::uint64_t runs_of_an_attempt = 300;
    if (options_.runs_max == 0 || options_.runs_max > runs_of_an_attempt)
      options_.runs_max = runs_of_an_attempt;
    // Of a shorter scenario they would be others.
    options_.part = {};
  }

  void shrink() {
    shrink_schedule();
    for (;;) {
      const std::size_t before = scenario_.size() + found_.deviations.size();
      shrink_commands();
      shrink_schedule();
      if (scenario_.size() + found_.deviations.size() >= before) break;
    }
    look_for_fewer();
  }

  [[nodiscard]] const std::string& scenario() const { return scenario_; }
  [[nodiscard]] const Found& found() const { return found_; }

 private:
  // Another schedule that fails in the same way may have fewer deviations.
  void look_for_fewer() {
    if (found_.deviations.size() < 2) return;
    ScheduleOptions options = options_;
    constexpr std::uint64_t runs = 1000;
    options.runs_max = runs;
    options.engine = EngineKind::few;
    options.deviations = static_cast<unsigned>(found_.deviations.size() - 1);
    ScheduleReport report;
    auto fewer = Search(scenario_, options, report).search();
    if (fewer && fewer->failure.same_as(found_.failure)) found_ = *std::move(fewer);
  }

  void shrink_schedule() {
    ScheduleReport report;
    Search search(scenario_, options_, report);
    std::vector<Deviation> fewer =
        explore::shrink_list(found_.deviations, [&](const std::vector<Deviation>& attempt) {
          const auto again = search.repeat(attempt, found_.wants);
          return again && again->failure.same_as(found_.failure);
        });
    // Those that were not followed are none of this run's.
    if (auto again = search.repeat(fewer, found_.wants)) found_ = *std::move(again);
  }

  void shrink_commands() {
    scenario_ = explore::shrink_scenario(scenario_, [this](const std::string& shorter) {
      if (language::check_scenario(shorter).has_errors()) return false;
      ScheduleReport report;
      Search search(shorter, options_, report);
      if (!search.complaint().empty()) return false;
      // Tasks are named after lines, so the old schedule means nothing here if a line before was taken out.
      auto again = search.repeat(found_.deviations, found_.wants);
      if (!again) again = search.search();
      if (!again || !again->failure.same_as(found_.failure)) return false;
      found_ = *std::move(again);
      return true;
    });
  }

  ScheduleOptions options_;
  std::string scenario_;
  Found found_;
};

// What `run` was, beside the schedule that lets all tasks have their turns.
Interleaving interleaving_of(const Trace& run, ScenarioRun& scenario, Wants wants, bool all) {
  Trace fifo;
  Deviating in_turn({}, wants);
  in_turn.begin();
  scenario.run(in_turn, &fifo);
  return interleaving_of(run, fifo, scenario.programs(), all);
}

void explain(const Found& found, const ScheduleOptions& options, ScheduleResult& result) {
  result.failure = found.failure;
  result.token = to_string(ScheduleToken{.scenario = explore::scenario_hash(result.scenario),
                                         .wants = found.wants,
                                         .defects = options.run.machine.defects,
                                         .fixes = options.run.machine.fixes,
                                         .finds_known_bugs = options.run.machine.finds_known_bugs,
                                         .oracle = found.failure.oracle,
                                         .device = found.failure.device,
                                         .deviations = found.deviations,
                                         .cuts = found.failure.cuts});
  // What is shown is the schedule.
  RunSettings settings = options.run;
  settings.crash.reset();
  ScenarioRun run(result.scenario, settings);
  Deviating engine(found.deviations, found.wants);
  engine.begin();
  Trace trace;
  run.run(engine, &trace);
  result.interleaving = interleaving_of(trace, run, found.wants, options.all_steps);
}

// The text has no mistakes.
void search_and_shrink(std::string_view scenario, const ScheduleOptions& options, ScheduleResult& result) {
  Search search(scenario, options, result.report);
  auto found = search.complaint().empty() ? search.search() : std::nullopt;
  if (const std::string complaint = search.complaint(); !complaint.empty()) {
    result.complaint += fmt::format("{}:{}\n", printable(options.name), complaint);
    result.verdict = Verdict::mistake;
    return;
  }
  if (!found) {
    const bool all_cuts = !result.report.cuts || result.report.cuts->complete;
    const bool is_all =
        all_cuts && (result.report.complete || (result.report.few && options.engine == EngineKind::few));
    result.verdict = is_all ? Verdict::holds : Verdict::ended;
    return;
  }
  result.verdict = Verdict::found;
  result.scenario = scenario;
  if (options.shrink) {
    Shrinker shrinker(scenario, options, *std::move(found));
    shrinker.shrink();
    result.scenario = shrinker.scenario();
    found = shrinker.found();
  }
  explain(*found, options, result);
}

}  // namespace

std::string_view name_of(EngineKind kind) {
  return engine_names[static_cast<std::size_t>(kind)];
}

std::string summary_of(const ScheduleReport& report) {
  std::string text = fmt::format("{} schedules run", report.runs);
  if (report.complete) {
    text += ", which are all that differ in what can be seen";
  } else if (report.few) {
    text += ", among them all with so few differences from first in, first out";
  }
  if (report.blocked != 0) text += fmt::format("; {} abandoned as known", report.blocked);
  if (report.cut_off != 0) text += fmt::format("; {} cut off", report.cut_off);
  if (report.cuts) {
    text += fmt::format("; {} power cuts of them, {} different, after which {} different starts follow{}",
                        report.cuts->cuts, report.cuts->distinct, report.cuts->starts,
                        report.cuts->complete ? "" : "; not all cuts were looked at");
  }
  return text;
}

std::string ScheduleResult::text() const {
  std::string all = fmt::format("{}\n{}", name_of(verdict), complaint);
  if (!token.empty())
    all += fmt::format("{}token {}\n{}{}", describe(failure), token, scenario, to_string(interleaving, 0));
  return all;
}

ScheduleResult explore_schedules(std::string_view scenario, const ScheduleOptions& options) {
  ScheduleResult result;
  const language::Diagnostics diagnostics = language::check_scenario(scenario);
  result.complaint = diagnostics.format(options.name, scenario);
  if (diagnostics.has_errors()) {
    result.verdict = Verdict::mistake;
    return result;
  }
  try {
    search_and_shrink(scenario, options, result);
  } catch (const NotRepeatable& what) {
    result.complaint += fmt::format("{}: {}\n", printable(options.name), what.what());
    result.verdict = Verdict::mistake;
  }
  return result;
}

ScheduleResult explore_schedules(std::string_view scenario) {
  return explore_schedules(scenario, ScheduleOptions());
}

ReplayedSchedule replay_schedule(std::string_view scenario, const std::string& token,
                                 const ScheduleOptions& options) {
  ReplayedSchedule result;
  const std::optional<ScheduleToken> parsed = parse_schedule_token(token);
  if (!parsed) {
    result.complaint = fmt::format("{}: this is no token of a schedule, or one of another version\n", token);
    return result;
  }
  if (parsed->scenario != explore::scenario_hash(scenario)) {
    result.complaint = fmt::format("{}: the token is of another scenario\n", options.name);
    return result;
  }
  RunSettings settings = options.run;
  settings.machine.defects = parsed->defects;
  settings.machine.fixes = parsed->fixes;
  settings.machine.finds_known_bugs = parsed->finds_known_bugs;
  settings.keeps_schedule = true;
  settings.crash.reset();
  settings.cuts = parsed->cuts;
  ScenarioRun run(scenario, settings);
  Deviating engine(parsed->deviations, parsed->wants);
  Trace trace;
  const RunResult again = run.run(engine, &trace);
  result.followed = again.deviations == parsed->deviations;
  if (!result.followed) {
    result.complaint = fmt::format("{}: the run does not offer what the token says: {} of its {} choices\n",
                                   options.name, again.deviations.size(), parsed->deviations.size());
    return result;
  }
  if (!again.complaint.empty()) {
    result.followed = false;
    result.complaint = fmt::format("{}: {}\n", options.name, again.complaint);
    return result;
  }
  result.text =
      again.failure ? describe(*again.failure) : fmt::format("{}: all holds\n", name_of(parsed->oracle));
  result.reproduced =
      again.failure && again.failure->oracle == parsed->oracle && again.failure->device == parsed->device;
  if (!result.reproduced) return result;
  settings.cuts.reset();  // of that run only
  ScenarioRun in_turn(scenario, settings);
  result.interleaving = interleaving_of(trace, in_turn, parsed->wants, options.all_steps);
  return result;
}

ReplayedSchedule replay_schedule(std::string_view scenario, const std::string& token) {
  return replay_schedule(scenario, token, ScheduleOptions());
}

}  // namespace sim::schedules
