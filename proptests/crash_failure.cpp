// SPDX-License-Identifier: GPL-2.0-or-later
#include "proptests/crash_failure.h"

#include <fmt/format.h>

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
  bool shorter = true;
  while (shorter) {
    shorter = false;
    // From the end: what comes late often does nothing.
    for (std::size_t left = script.size(); left > 0; --left) {
      Script fewer = script;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(left - 1));
      if (!same_failure(failure, power_cuts(fewer, plan, defects))) continue;
      script = std::move(fewer);
      shorter = true;
    }
  }
  return script;
}

std::string describe(const PowerCutResult& failure) {
  if (failure.token.empty()) return failure.text();
  return fmt::format("{}Repeat it with `dmsim replay FILE --token {}`; FILE:\n{}", failure.retraced,
                     failure.token, failure.scenario);
}

}  // namespace proptests
