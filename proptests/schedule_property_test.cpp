// SPDX-License-Identifier: GPL-2.0-or-later
// Programs use a clone at once, under many schedules: nothing is lost, and the machine does not stop; also if
// the power is cut.
#include <array>
#include <gtest/gtest.h>
#include <ostream>
#include <rapidcheck/gtest.h>
#include <utility>

#include "sim/schedules/schedules.h"

#include "proptests/crash_plan_gen.h"

namespace {

using proptests::CrashPlan;
using sim::explore::Verdict;
using sim::schedules::EngineKind;
using sim::schedules::ScheduleOptions;
using sim::schedules::ScheduleResult;

// A plan whose steps are done at once.
struct ProgramsAtOnce {
  CrashPlan plan;

  friend std::ostream& operator<<(std::ostream& out, const ProgramsAtOnce& programs) {
    return out << concurrent_scenario_of(programs.plan);
  }
};

ProgramsAtOnce random_programs() {
  return *rc::gen::map(proptests::concurrent_plans(),
                       [](CrashPlan plan) { return ProgramsAtOnce{std::move(plan)}; });
}

// Its own schedules, some of them sampled in each way.
ScheduleOptions schedules_of(const CrashPlan& plan) {
  constexpr std::array engines = {EngineKind::random, EngineKind::pos, EngineKind::pct, EngineKind::few};
  ScheduleOptions options;
  options.engine = engines[plan.schedule % engines.size()];
  options.seed = plan.schedule;
  options.runs_max = 30;
  return options;
}

void nothing_is_lost(const CrashPlan& plan, const ScheduleOptions& options) {
  const std::string scenario = concurrent_scenario_of(plan);
  if (scenario.find(" &\n") == std::string::npos) return;
  const ScheduleResult result = explore_schedules(scenario, options);
  if (result.verdict == Verdict::ended || result.verdict == Verdict::holds) return;
  RC_FAIL(result.complaint + result.text());
}

RC_GTEST_PROP(ManySchedules, OfProgramsAtOnceLoseNothing, ()) {
  const CrashPlan plan = random_programs().plan;
  nothing_is_lost(plan, schedules_of(plan));
}

RC_GTEST_PROP(ManySchedules, WhosePowerIsCutLoseNothing, ()) {
  const CrashPlan plan = random_programs().plan;
  ScheduleOptions options = schedules_of(plan);
  options.run.crash = options_of(plan).settings;
  options.run.crash->depth = 1;
  nothing_is_lost(plan, options);
}

}  // namespace
