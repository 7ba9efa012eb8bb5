// SPDX-License-Identifier: GPL-2.0-or-later
// Explores the power cuts of one scenario: all that a test needs.
//
//   const auto result = sim::explore::explore_power_cuts(scenario);
//   EXPECT_TRUE(result.holds()) << result.text();
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/explore/crash_explorer.h"
#include "sim/explore/verdict.h"
#include "sim/explore/workload.h"

namespace sim::explore {

struct PowerCutOptions {
  CrashSettings settings;
  WorkloadOptions workload;
  bool shrink = true;  // make a scenario that fails shorter
};

struct PowerCutResult {
  Verdict verdict = Verdict::not_run;
  CrashReport report;
  std::string complaint;  // mistakes and warnings of the scenario: lines
  // If something was found: the shortest scenario that fails in the same way, the token that repeats it
  // (replay_power_cuts()), and what happens then: lines.
  std::string scenario;
  std::string token;
  std::string retraced;

  [[nodiscard]] bool holds() const { return verdict == Verdict::holds; }
  // All of that, to be read.
  [[nodiscard]] std::string text() const;
};

// Does not throw, whatever the scenario does. Any thread. The same scenario gives the same result.
PowerCutResult explore_power_cuts(std::string_view scenario, const PowerCutOptions& options);
PowerCutResult explore_power_cuts(std::string_view scenario);

struct ReplayedCuts {
  bool followed = false;    // the token fits
  bool reproduced = false;  // and what was wrong is wrong again
  std::string text;         // what happens: lines
  std::string complaint;    // mistakes and warnings of the scenario, and why the token does not fit: lines
};
// Repeats the power cuts of a token of that scenario. The schedule and the defects are the token's.
ReplayedCuts replay_power_cuts(std::string_view scenario, const std::string& token,
                               const WorkloadOptions& options);
ReplayedCuts replay_power_cuts(std::string_view scenario, const std::string& token);

}  // namespace sim::explore
