// SPDX-License-Identifier: GPL-2.0-or-later
// The search of schedules finds each defect that is for it with random workloads, which hold without it.
#include <algorithm>
#include <array>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/defects/catalogue.h"
#include "sim/generate/concurrent.h"
#include "sim/rewind/arena.h"
#include "sim/schedules/schedules.h"

#include "tests/support/test_name.h"

namespace sim::schedules {
namespace {

constexpr std::uint64_t operations_of_each = 6;

ScheduleResult explore_seed(std::uint64_t seed, const dmcore::Defects& defects, std::uint64_t runs = 100,
                            EngineKind engine = EngineKind::portfolio) {
  ScheduleOptions options;
  options.engine = engine;
  options.runs_max = runs;
  options.seed = seed;
  options.shrink = false;
  options.run.machine.defects = defects;
  return explore_schedules(generate::random_concurrent_workload(seed, operations_of_each), options);
}

// Where the search begins: near a workload that shows the defect, for here it is to take no time. That it is
// found from anywhere is for the test defects.long, and how soon for docs/defects.md.
std::uint64_t first_seed(std::string_view defect) {
  static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 13> later = {{
      {"discard-unlocked", 497},
      {"table-let-go-early", 111},
      {"hydrated-again", 75},
      {"failed-job-unwoken", 58},
      {"bitmap-unlocked", 21},
      {"hydration-removed-early", 20},
      {"suspend-unsynced", 16},
      {"waiters-let-go-early", 14},
      {"waker-rearmed", 14},
      {"opened-while-removed", 14},
      {"ended-before-freed", 9},
      {"hydration-wakes-early", 6},
      {"commit-unlocked", 6},
  }};
  const auto found =
      std::find_if(later.begin(), later.end(), [&](const auto& each) { return each.first == defect; });
  return found == later.end() ? 1 : found->second;
}

class EveryScheduleDefect : public testing::TestWithParam<std::string> {};

TEST_P(EveryScheduleDefect, IsFoundByRandomWorkloads) {
  dmcore::Defects defects;
  defects.put_in(defect_named(GetParam()).value());
  constexpr std::uint64_t seeds = 1000;
  const std::uint64_t first = first_seed(GetParam());
  if (!rewind::supported()) {
    // Each run takes twenty times as long: here it is only seen that what is wrong stops the machine, if
    // anything, and not the program.
    constexpr std::uint64_t runs = 15;
    EXPECT_NE(explore_seed(first, defects, runs).verdict, explore::Verdict::mistake);
    return;
  }
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const ScheduleResult result = explore_seed(seed, defects);
    if (result.verdict != explore::Verdict::found) continue;
    RecordProperty("seed", std::to_string(seed));
    RecordProperty("what", result.failure.what);
    EXPECT_NE(explore_seed(seed, {}).verdict, explore::Verdict::found) << "without the defect";
    return;
  }
  FAIL() << "none of the workloads shows it";
}

std::vector<std::string> schedule_defects() {
  std::vector<std::string> all;
  for (const DefectEntry& entry : defect_catalogue()) {
    if (entry.found_by == Search::schedules) all.emplace_back(entry.name);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, EveryScheduleDefect, testing::ValuesIn(schedule_defects()),
                         [](const auto& info) { return test::with_underscores(info.param); });

// What leaves schedules out must leave these in: each is an order of two steps that a primitive could say too
// much of. The seed is of a workload whose first hundred runs show it.
using OfOneWorkload = std::pair<std::string, std::uint64_t>;

class DefectForDpor : public testing::TestWithParam<OfOneWorkload> {};

TEST_P(DefectForDpor, IsFoundIn) {
  const auto& [defect, seed] = GetParam();
  dmcore::Defects defects;
  defects.put_in(defect_named(defect).value());
  EXPECT_EQ(explore_seed(seed, defects, 100, EngineKind::dpor).verdict, explore::Verdict::found);
}

INSTANTIATE_TEST_SUITE_P(Some, DefectForDpor,
                         testing::Values(OfOneWorkload{"buffer-wakes-early", 3},
                                         OfOneWorkload{"allocated-under-lock", 1},
                                         OfOneWorkload{"waker-not-cancelled", 3},
                                         OfOneWorkload{"pending-torn", 13}, OfOneWorkload{"irqs-left-on", 21},
                                         OfOneWorkload{"waker-rearmed", 26},
                                         OfOneWorkload{"hydration-wakes-early", 43}),
                         [](const auto& info) { return test::with_underscores(info.param.first); });

}  // namespace
}  // namespace sim::schedules
