// SPDX-License-Identifier: GPL-2.0-or-later
#include "proptests/crash_failure.h"

#include <fmt/format.h>

#include "sim/explore/shrink.h"

namespace proptests {

using sim::explore::PowerCutResult;

PowerCutResult power_cuts(const Script& script, const CrashPlan& plan, const dmcore::Defects& defects) {
  sim::explore::PowerCutOptions options = options_of(plan, defects);
  options.shrink = false;  // line by line: it would take suspends away from loads
  return sim::explore::explore_power_cuts(scenario_text(script), options);
}

bool same_failure(const PowerCutResult& a, const PowerCutResult& b) {
  if (a.verdict != b.verdict) return false;
  if (!a.report.violation || !b.report.violation) return true;
  return a.report.violation->oracle == b.report.violation->oracle &&
         a.report.violation->device == b.report.violation->device;
}

Script shortest(Script script, const PowerCutResult& failure, const CrashPlan& plan,
                const dmcore::Defects& defects) {
  return sim::explore::shrink_list(std::move(script), [&](const Script& fewer) {
    return same_failure(failure, power_cuts(fewer, plan, defects));
  });
}

std::string describe(const PowerCutResult& failure) {
  if (failure.token.empty()) return failure.text();
  return fmt::format("{}Repeat it with `dmsim replay FILE --token {}`; FILE:\n{}", failure.retraced,
                     failure.token, failure.scenario);
}

}  // namespace proptests
