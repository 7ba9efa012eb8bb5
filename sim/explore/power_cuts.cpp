// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/power_cuts.h"

#include <array>
#include <fmt/format.h>

#include "sim/explore/cut_token.h"
#include "sim/explore/shrink.h"

namespace sim::explore {

namespace {

using Verdict = PowerCutResult::Verdict;

// What is wrong with a scenario, if it can be explored and something is.
std::optional<Violation> violation_of(const std::string& text, const PowerCutOptions& options) {
  Contents contents;
  const Workload workload = run_workload(contents, text, options.workload);
  if (workload.run == nullptr) return std::nullopt;
  return CrashExplorer(contents, options.workload.machine, options.settings).explore(*workload.run).violation;
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
  result.token = to_string({.scenario = scenario_hash(result.scenario),
                            .schedule = options.workload.schedule,
                            .tear = options.settings.tear,
                            .defects = options.workload.machine.defects,
                            .cuts = violation.cuts,
                            .oracle = violation.oracle,
                            .device = violation.device,
                            .sector = violation.sector});
  const ReplayedCuts again = replay_power_cuts(result.scenario, result.token, options.workload);
  result.retraced = again.text + again.complaint;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  constexpr std::array<std::string_view, PowerCutResult::verdicts> names = {"holds", "ended", "found",
                                                                            "mistake", "not_run"};
  return names[static_cast<std::size_t>(verdict)];
}

std::string PowerCutResult::text() const {
  std::string all = fmt::format("{}\n{}{}", name_of(verdict), complaint, retraced);
  if (!token.empty()) all += fmt::format("token {}\n{}", token, scenario);
  return all;
}

PowerCutResult explore_power_cuts(std::string_view scenario, const PowerCutOptions& options) {
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
  Contents contents;
  const Workload workload = run_workload(contents, scenario, same);
  result.complaint = workload.complaint;
  if (workload.run == nullptr) return result;
  const Retraced retraced = CrashExplorer(contents, same.machine, {}).retrace(*workload.run, *parsed);
  result.text = retraced.text;
  if (!retraced.complaint.empty())
    result.complaint += fmt::format("{}: {}\n", options.name, retraced.complaint);
  result.followed = retraced.complaint.empty();
  result.reproduced = retraced.violation.has_value();
  return result;
}

}  // namespace sim::explore
