// SPDX-License-Identifier: GPL-2.0-or-later
// The explorer finds each defect that is for it with random workloads, which hold without it.
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "sim/defects/catalogue.h"
#include "sim/explore/crash_explorer.h"
#include "sim/explore/cut_token.h"
#include "sim/explore/workload.h"
#include "sim/generate/power_cut.h"

#include "tests/support/test_name.h"

namespace sim::explore {
namespace {

std::optional<Violation> violation_of(std::uint64_t seed, std::uint64_t operations,
                                      const dmcore::Defects& defects) {
  Contents contents;
  WorkloadOptions options;
  options.machine.defects = defects;
  const std::string text = generate::random_power_cut_workload(seed, operations);
  const Workload workload = run_workload(contents, text, options);
  EXPECT_NE(workload.run, nullptr) << workload.complaint;
  if (workload.run == nullptr) return std::nullopt;
  return CrashExplorer(contents, options.machine, {}).explore(*workload.run).violation;
}

class EveryDefect : public testing::TestWithParam<std::string> {};

TEST_P(EveryDefect, IsFoundByRandomWorkloads) {
  dmcore::Defects defects;
  defects.put_in(defect_named(GetParam()).value());
  constexpr std::uint64_t seeds = 200;
  constexpr std::uint64_t operations = 30;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    if (!violation_of(seed, operations, defects)) continue;
    RecordProperty("seed", std::to_string(seed));
    EXPECT_EQ(violation_of(seed, operations, {}), std::nullopt) << "without the defect";
    return;
  }
  FAIL() << "none of the workloads shows it";
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const DefectEntry& entry : defect_catalogue()) {
    if (entry.found_by == Search::power_cuts) all.emplace_back(entry.name);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, EveryDefect, testing::ValuesIn(names()),
                         [](const auto& info) { return test::with_underscores(info.param); });

TEST(CutToken, HasTheDefects) {
  const std::string text =
      "cut1:4f1c09d2a77b:fifo:halves+one-phase-commit+copy-ends-early:118,0.0.2:contract:17:c";
  const std::optional<CutToken> token = parse_cut_token(text);
  ASSERT_TRUE(token);
  EXPECT_TRUE(token->defects.on(dmcore::Defect::one_phase_commit));
  EXPECT_EQ(defect_names(token->defects, ","), "one-phase-commit,copy-ends-early");
  EXPECT_EQ(to_string(*token), text);
  EXPECT_FALSE(parse_cut_token("cut1:4f1c09d2a77b:fifo:halves+one-phase:118:contract:17:c"));
}

}  // namespace
}  // namespace sim::explore
