// SPDX-License-Identifier: GPL-2.0-or-later
// A mistake in the code is found by random plans, which are made small together with the choice of the power
// cut: what is printed then has nothing that could be left out, and its token repeats it to the byte.
#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "sim/defects/catalogue.h"

#include "proptests/crash_failure.h"
#include "proptests/crash_plan_gen.h"

namespace {

using dmcore::Defects;
using proptests::CrashPlan;
using proptests::Script;
using sim::explore::PowerCutResult;
using sim::explore::Verdict;

class CrashDefect : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { defects.put_in(sim::defect_named(GetParam()).value()); }

  [[nodiscard]] static bool fails(const CrashPlan& plan, const Defects& with) {
    return power_cuts(script_of(plan), plan, with).verdict == Verdict::found;
  }
  // The smallest plan that rapidcheck makes of the first one that fails.
  std::optional<CrashPlan> smallest_plan() const;
  [[nodiscard]] CrashPlan smallest(rc::Shrinkable<CrashPlan> plan) const;

  Defects defects;
};

CrashPlan CrashDefect::smallest(rc::Shrinkable<CrashPlan> plan) const {
  for (auto smaller = plan.shrinks();;) {
    const auto next = smaller.next();
    if (!next) return plan.value();
    if (!fails(next->value(), defects)) continue;
    plan = *next;
    smaller = plan.shrinks();
  }
}

std::optional<CrashPlan> CrashDefect::smallest_plan() const {
  const auto& params = rc::detail::configuration().testParams;
  const rc::Gen<CrashPlan> plans = proptests::crash_plans(proptests::DiskFaults::none);
  constexpr int tries_max = 3000;
  constexpr int size_max = 40;  // small plans suffice, and are explored fast
  rc::Random random(params.seed);
  for (int tries = 0; tries < tries_max; ++tries) {
    const rc::Random one = random.split();
    const auto drawn = plans(one, tries % size_max);
    if (!fails(drawn.value(), defects)) continue;
    RecordProperty("plans", tries + 1);
    EXPECT_FALSE(fails(drawn.value(), {})) << drawn.value();
    return smallest(drawn);
  }
  return std::nullopt;
}

TEST_P(CrashDefect, IsFoundAndMadeMinimal) {
  const std::optional<CrashPlan> plan = smallest_plan();
  ASSERT_TRUE(plan);
  const PowerCutResult failure = power_cuts(script_of(*plan), *plan, defects);
  const Script script = shortest(script_of(*plan), failure, *plan, defects);
  const PowerCutResult minimal = power_cuts(script, *plan, defects);
  SCOPED_TRACE(proptests::describe(minimal));

  ASSERT_EQ(minimal.verdict, Verdict::found);
  EXPECT_TRUE(power_cuts(script, *plan).holds()) << "the defect is not what is wrong";
  for (std::size_t i = 0; i < script.size(); ++i) {
    Script fewer = script;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(proptests::same_failure(minimal, power_cuts(fewer, *plan, defects)))
        << "can be left out:\n"
        << proptests::scenario_text(script[i]);
  }
  for (int times = 0; times < 2; ++times) {
    const auto again = sim::explore::replay_power_cuts(minimal.scenario, minimal.token);
    EXPECT_TRUE(again.reproduced);
    EXPECT_EQ(again.text + again.complaint, minimal.retraced);
  }
}

// Those that few plans show are in tests/sim/explore/defects_test.cpp.
INSTANTIATE_TEST_SUITE_P(Gallery, CrashDefect,
                         testing::Values("commit-before-flush", "flush-uncommitted", "flush-not-passed",
                                         "suspend-uncommitted", "copy-marked-early", "partial-overwrite",
                                         "discard-outward", "bitset-unflushed", "early-space-map-root",
                                         "superblock-with-blocks", "metadata-unflushed", "freed-block-reused",
                                         "copy-ends-early"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
