// SPDX-License-Identifier: GPL-2.0-or-later
// A run is repeated from the log of its decisions.
#include "sim/runtime/decisions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rig/guide.h"
#include "tests/rig/scenario.h"

namespace {

using sim::DecisionLog;
using sim::Wants;
using testing::AllOf;
using testing::HasSubstr;

constexpr std::string_view several_writers =
    "disk loop0 4M\ndisk loop1 1M read_latency=1ms\ndisk loop2 1M read_latency=2ms\n"
    "dmsetup create clone --table '0 256 clone /dev/loop0 /dev/loop1 /dev/loop2 8 0'\n"
    "write clone 1 1 A &\nwrite clone 1 1 B &\nwrite clone 9 8 C &\ndmsetup message clone 0 "
    "disable_hydration\n"
    "wait\nread clone 0 24\ndmsetup status clone\n";

constexpr Wants everything = {.every_step = false, .time = true, .disk_order = true, .parallel_work = true};

// All that can be seen of a run: the transcript, and when it ended.
std::vector<std::string> run(std::unique_ptr<sim::Strategy> strategy, std::string_view text) {
  test::Machine machine(std::move(strategy));
  std::vector<std::string> lines = test::run_scenario(machine, text);
  lines.push_back(std::to_string(machine.runtime().now().count()));
  return lines;
}

std::vector<std::string> recorded(std::uint64_t seed, DecisionLog& log) {
  return run(
      std::make_unique<sim::RecordingStrategy>(std::make_unique<test::AnyOrder>(seed, everything), log),
      several_writers);
}

TEST(Decisions, ARunIsRepeatedToTheByte) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    DecisionLog log;
    const std::vector<std::string> first = recorded(seed, log);
    EXPECT_EQ(run(std::make_unique<sim::ReplayingStrategy>(log), several_writers), first);
  }
}

TEST(Decisions, ARepeatedRunDecidesTheSame) {
  DecisionLog log;
  recorded(3, log);
  DecisionLog again;
  run(std::make_unique<sim::RecordingStrategy>(std::make_unique<sim::ReplayingStrategy>(log), again),
      several_writers);
  EXPECT_EQ(again.decisions, log.decisions);
}

// What the replay says of a log that is not of this run.
std::string divergence(const DecisionLog& log, std::string_view text) {
  try {
    run(std::make_unique<sim::ReplayingStrategy>(log), text);
  } catch (const sim::ScheduleDiverged& diverged) {
    return diverged.what();
  }
  return {};
}

TEST(Decisions, TheFirstThatIsNotOfferedIsAnErrorThatNamesIt) {
  DecisionLog log;
  recorded(1, log);
  log.decisions[10].steps += 1000;
  EXPECT_THAT(divergence(log, several_writers),
              AllOf(HasSubstr("decision 11: the log has "), HasSubstr(" at its step 10"),
                    HasSubstr("but the run offers ")));
}

TEST(Decisions, ARunThatGoesOnAfterTheEndOfTheLogIsAnError) {
  DecisionLog log;
  recorded(1, log);
  log.decisions.resize(10);
  EXPECT_THAT(divergence(log, several_writers), HasSubstr("decision 11: the log has ended"));
}

}  // namespace
