// SPDX-License-Identifier: GPL-2.0-or-later
// Bytes as schedules.
#include "tests/fuzz/schedule_input.h"

#include <gtest/gtest.h>

#include "sim/schedules/schedules.h"

#include "tests/fuzz/fuzz_target.h"

namespace {

using fuzz::Input;
using fuzz::run_schedule;
using fuzz::ScheduleRun;

// The first byte of an input for the workload that has these two commands.
std::uint8_t workload_with(std::string_view first, std::string_view second) {
  const std::vector<std::string>& all = fuzz::schedule_workloads();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::size_t place = all[i].find(first);
    if (place != std::string::npos && all[i].find(second, place + 1) != std::string::npos)
      return static_cast<std::uint8_t>(i);
  }
  ADD_FAILURE() << "there is no such workload";
  return 0;
}

TEST(ScheduleInputs, WithoutChoicesAllIsFirstInFirstOut) {
  const ScheduleRun run = run_schedule(Input{workload_with("write c 0 8", "read c")}, {});
  EXPECT_EQ(run.result.end, sim::schedules::RunResult::End::whole);
  EXPECT_TRUE(run.result.deviations.empty());
  EXPECT_FALSE(run.result.failure.has_value());
}

TEST(ScheduleInputs, TwoBytesAreAChoiceAndThePlacesBeforeIt) {
  const std::uint8_t workload = workload_with("write c 0 8", "read c");
  const ScheduleRun early = run_schedule(Input{workload, 3, 1}, {});
  const ScheduleRun late = run_schedule(Input{workload, 9, 1}, {});
  ASSERT_EQ(early.result.deviations.size(), 1U);
  ASSERT_EQ(late.result.deviations.size(), 1U);
  EXPECT_EQ(late.result.deviations[0].step, early.result.deviations[0].step + 6);
}

TEST(ScheduleInputs, NoneOfTheOthersIsAChoiceAsWell) {
  const std::uint8_t workload = workload_with("write c 0 8", "read c");
  const ScheduleRun together = run_schedule(Input{workload, 5, 0, 3, 1}, {});
  EXPECT_EQ(together.result.deviations, run_schedule(Input{workload, 9, 1}, {}).result.deviations);
}

TEST(ScheduleInputs, AnotherOrderCoversOtherPairs) {
  const std::uint8_t workload = workload_with("write c 0 8", "read c");
  const ScheduleRun in_turn = run_schedule(Input{workload}, {});
  EXPECT_FALSE(in_turn.access_pairs.empty());
  EXPECT_NE(in_turn.access_pairs, run_schedule(Input{workload, 20, 1}, {}).access_pairs);
  EXPECT_EQ(in_turn.access_pairs, run_schedule(Input{workload}, {}).access_pairs);
}

// With a defect put in: of random inputs one fails, and its token repeats what is wrong.
TEST(ScheduleInputs, OneThatFailsIsATokenAsWell) {
  dmcore::Defects defects;
  defects.put_in(dmcore::Defect::write_past_copy);
  sim::generate::Random random(1);
  Input input{workload_with("write c 2 3", "write c 1 4")};
  const fuzz::Target target = fuzz::schedule_target();
  ScheduleRun run;
  constexpr int attempts = 5000;
  for (int i = 0; i < attempts && !run.result.failure; ++i) {
    const std::uint8_t workload = input.front();
    target.mutate(input, random);
    input.front() = workload;
    run = run_schedule(input, defects);
  }
  ASSERT_TRUE(run.result.failure.has_value());
  const auto again = sim::schedules::replay_schedule(run.scenario, run.token);
  EXPECT_TRUE(again.reproduced) << again.complaint << again.text;
  EXPECT_FALSE(run_schedule(input, {}).result.failure.has_value());
}

}  // namespace
