// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/power_cuts.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/explore/crash_states.h"
#include "sim/explore/cut_token.h"
#include "sim/explore/shrink.h"

namespace sim::explore {

namespace {

// What is wrong with a scenario, if it can be explored and something is.
std::optional<Violation> violation_of(const std::string& text, const PowerCutOptions& options) {
  Contents contents;
  const Workload workload = run_workload(contents, text, options.workload);
  if (workload.run == nullptr) return std::nullopt;
  return CrashExplorer(contents, options.workload.machine, options.settings).explore(*workload.run).violation;
}

// `token` says what is wrong; the rest is added here.
void set_token(CutToken token, const PowerCutOptions& options, PowerCutResult& result) {
  token.scenario = scenario_hash(result.scenario);
  token.schedule = options.workload.schedule;
  token.tear = options.settings.tear;
  token.defects = options.workload.machine.defects;
  token.fixes = options.workload.machine.fixes;
  token.finds_known_bugs = options.workload.machine.finds_known_bugs;
  result.token = to_string(token);
  const ReplayedCuts again = replay_power_cuts(result.scenario, result.token, options.workload);
  result.retraced = again.text + again.complaint;
}

void explain(std::string_view text, const PowerCutOptions& options, PowerCutResult& result) {
  const Violation found = *result.report.violation;
  result.scenario = text;
  if (options.shrink) {
    result.scenario = shrink_scenario(text, [&](const std::string& shorter) {
      const auto violation = violation_of(shorter, options);
      return violation && violation->oracle == found.oracle && violation->device == found.device;
    });
  }
  const Violation violation = violation_of(result.scenario, options).value_or(found);
  set_token(token_of(violation), options, result);
}

bool is_newest(const std::vector<std::uint32_t>& chosen) {
  return std::all_of(chosen.begin(), chosen.end(), [](std::uint32_t number) { return number == 0; });
}

// A scenario that fails in the same way, if something is lost. It must hold if nothing is, or its
// expectations are about nothing.
std::string shrink_states(std::string_view text, const PowerCutOptions& options, const StatesReport& found) {
  constexpr std::uint64_t spare_runs = 1000;
  return shrink_scenario(text, [&](const std::string& shorter) {
    if (!says_crash(shorter)) return false;
    const StatesReport report =
        explore_states(shorter, options.workload, found.runs + spare_runs, options.settings.give_up);
    return report.last.outcome == found.last.outcome && report.last.reason == found.last.reason &&
           !is_newest(report.chosen);
  });
}

// The scenario says itself where the power is cut, and what it expects then.
PowerCutResult explore_its_crashes(std::string_view scenario, const PowerCutOptions& options) {
  PowerCutResult result;
  StatesReport report =
      explore_states(scenario, options.workload, options.settings.cuts_max, options.settings.give_up);
  result.report.runs = report.runs;
  result.report.samples = report.samples;
  result.report.branches = report.branches;
  result.report.complete = report.complete;
  result.report.interrupted = report.interrupted;
  if (report.last.outcome == scenario::ReplayOutcome::mistake) {
    result.complaint = report.last.complaint;
    result.verdict = Verdict::mistake;
    return result;
  }
  if (report.last.outcome == scenario::ReplayOutcome::ok) {
    result.verdict = report.complete ? Verdict::holds : Verdict::ended;
    return result;
  }
  result.verdict = Verdict::found;
  result.report.violation.emplace().oracle = Oracle::expect;
  result.report.violation->what = report.last.reason;
  result.scenario = scenario;
  if (options.shrink && !is_newest(report.chosen)) {
    const std::string shorter = shrink_states(scenario, options, report);
    StatesReport again = explore_states(shorter, options.workload, 0, options.settings.give_up);
    // Not if it was interrupted.
    if (again.last.reason == report.last.reason) {
      result.scenario = shorter;
      report = std::move(again);
    }
  }
  while (!report.chosen.empty() && report.chosen.back() == 0) report.chosen.pop_back();
  CutToken token;
  token.kept = report.chosen;
  token.oracle = Oracle::expect;
  set_token(std::move(token), options, result);
  return result;
}

ReplayedCuts replay_its_crashes(std::string_view scenario, const CutToken& token,
                                const WorkloadOptions& options) {
  ReplayedCuts result;
  std::vector<KeptBlock> blocks;
  const scenario::ReplayResult run = run_with_state(scenario, options, token.kept, blocks);
  result.followed = blocks.size() >= token.kept.size() &&
                    std::all_of(blocks.begin(), blocks.end(),
                                [](const KeptBlock& block) { return block.chosen < block.contents; });
  if (!result.followed) {
    result.complaint = fmt::format("{}: the token is of another run: it has other blocks\n", options.name);
    return result;
  }
  for (const KeptBlock& block : blocks) {
    if (block.chosen == 0) continue;
    result.text +=
        fmt::format("  sector {} of {} holds {}\n", block.offset / dmcore::sector_size, block.disk,
                    block.candidate == 0 ? std::string("what was durable")
                                         : fmt::format("an earlier write, the {} of {} that it may hold",
                                                       block.candidate + 1, block.contents));
  }
  result.reproduced =
      run.outcome == scenario::ReplayOutcome::mismatch || run.outcome == scenario::ReplayOutcome::stopped;
  result.text += result.reproduced ? run.complaint : fmt::format("{}: all holds\n", name_of(Oracle::expect));
  return result;
}

}  // namespace

std::string PowerCutResult::text() const {
  std::string all = fmt::format("{}\n{}{}", name_of(verdict), complaint, retraced);
  if (!token.empty()) all += fmt::format("token {}\n{}", token, scenario);
  return all;
}

PowerCutResult explore_power_cuts(std::string_view scenario, const PowerCutOptions& options) {
  if (options.settings.wants(Oracle::expect) && says_crash(scenario))
    return explore_its_crashes(scenario, options);
  PowerCutResult result;
  Contents contents;
  const Workload workload = run_workload(contents, scenario, options.workload);
  result.complaint = workload.complaint;
  if (workload.run == nullptr) {
    result.verdict = Verdict::mistake;
    return result;
  }
  result.report = CrashExplorer(contents, options.workload.machine, options.settings).explore(*workload.run);
  if (result.report.violation) {
    result.verdict = Verdict::found;
    explain(scenario, options, result);
  } else {
    result.verdict = result.report.complete ? Verdict::holds : Verdict::ended;
  }
  return result;
}

PowerCutResult explore_power_cuts(std::string_view scenario) {
  return explore_power_cuts(scenario, PowerCutOptions());
}

ReplayedCuts replay_power_cuts(std::string_view scenario, const std::string& token) {
  return replay_power_cuts(scenario, token, WorkloadOptions());
}

ReplayedCuts replay_power_cuts(std::string_view scenario, const std::string& token,
                               const WorkloadOptions& options) {
  ReplayedCuts result;
  const std::optional<CutToken> parsed = parse_cut_token(token);
  if (!parsed) {
    result.complaint = fmt::format("{}: this is no token of a power cut, or one of another version\n", token);
    return result;
  }
  if (parsed->scenario != scenario_hash(scenario)) {
    result.complaint = fmt::format("{}: the token is of another scenario\n", options.name);
    return result;
  }
  WorkloadOptions same = options;
  same.schedule = parsed->schedule;
  same.machine.defects = parsed->defects;
  same.machine.fixes = parsed->fixes;
  same.machine.finds_known_bugs = parsed->finds_known_bugs;
  if (parsed->oracle == Oracle::expect) return replay_its_crashes(scenario, *parsed, same);
  Contents contents;
  const Workload workload = run_workload(contents, scenario, same);
  result.complaint = workload.complaint;
  if (workload.run == nullptr) return result;
  const Retraced retraced = CrashExplorer(contents, same.machine, {}).retrace(*workload.run, *parsed);
  result.text = retraced.text;
  if (!retraced.wrong.empty()) result.text += retraced.wrong + '\n';
  if (!retraced.complaint.empty())
    result.complaint += fmt::format("{}: {}\n", options.name, retraced.complaint);
  result.followed = retraced.complaint.empty();
  result.reproduced = retraced.violation.has_value();
  return result;
}

}  // namespace sim::explore
