// SPDX-License-Identifier: GPL-2.0-or-later
// Whatever is done to a clone device, in whatever order and with however much in flight: reads return what
// was written, the source is never written, and the status line agrees with the disks.
#include <fmt/ostream.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "proptests/clone_plan.h"
#include "proptests/clone_run.h"
#include "proptests/step_gen.h"

namespace rc {

template <>
struct Arbitrary<proptests::Step> {
  static Gen<proptests::Step> arbitrary() {
    using proptests::StepKind;
    return proptests::steps_of(gen::weightedElement<StepKind>({{6, StepKind::read},
                                                               {8, StepKind::write},
                                                               {3, StepKind::write_fua},
                                                               {3, StepKind::discard},
                                                               {2, StepKind::flush},
                                                               {2, StepKind::wait},
                                                               {2, StepKind::message},
                                                               {1, StepKind::suspend_resume},
                                                               {1, StepKind::reload},
                                                               {1, StepKind::reopen},
                                                               {2, StepKind::sleep}}));
  }
};

template <>
struct Arbitrary<proptests::Plan> {
  static Gen<proptests::Plan> arbitrary() {
    using proptests::Plan;
    return gen::build<Plan>(
        gen::set(&Plan::region_shift, gen::element(3U, 4U, 6U)),
        gen::set(&Plan::regions, gen::inRange(1U, 25U)), gen::set(&Plan::tail, gen::element(0U, 0U, 1U, 4U)),
        gen::set(&Plan::hydration, gen::arbitrary<bool>()), gen::set(&Plan::passdown, gen::arbitrary<bool>()),
        gen::set(&Plan::read_latency_ms, gen::element(0U, 30U, 250U, 900U)),
        gen::set(&Plan::steps, gen::arbitrary<std::vector<proptests::Step>>()));
  }
};

}  // namespace rc

namespace {

using proptests::Plan;

std::string replay_line(const sim::Schedule& schedule) {
  return fmt::format("dmsim replay {} - <<'END'", fmt::streamed(schedule));
}

void holds(const Plan& plan, const sim::Schedule& schedule) {
  const std::string complaint = proptests::run_plan(plan, schedule).complaint;
  if (complaint.empty()) return;
  RC_FAIL(fmt::format("{}\nReplay it with:\n{}\n{}END\n", complaint, replay_line(schedule),
                      proptests::scenario_text(proptests::actions_of(plan))));
}

RC_GTEST_PROP(CloneDevice, OwesItsUserWhatTheModelSaysFirstInFirstOut, (const Plan& plan)) {
  holds(plan, {});
}

RC_GTEST_PROP(CloneDevice, OwesItsUserWhatTheModelSaysUnderARandomSchedule, (const Plan& plan)) {
  const auto seed = *rc::gen::noShrink(rc::gen::arbitrary<std::uint32_t>()).as("schedule seed");
  holds(plan, {sim::Schedule::Kind::random, seed});
}

// What is printed when a plan fails is of use only if it makes the same run.
RC_GTEST_PROP(CloneDevice, ThePrintedScenarioMakesTheSameRun, (const Plan& plan)) {
  const auto seed = *rc::gen::noShrink(rc::gen::arbitrary<std::uint32_t>()).as("schedule seed");
  const sim::Schedule schedule = {sim::Schedule::Kind::random, seed};
  const proptests::RunResult run = proptests::run_plan(plan, schedule);
  RC_ASSERT(run.complaint.empty());
  const proptests::RunResult printed = proptests::run_scenario(plan, schedule);
  RC_ASSERT(printed.transcript == run.transcript);
  RC_ASSERT(printed.ended_at == run.ended_at);
  RC_ASSERT(printed.destination_hash == run.destination_hash);
}

}  // namespace
