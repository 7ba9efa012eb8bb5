// SPDX-License-Identifier: GPL-2.0-or-later
// Explores the schedules of one scenario: all that a test needs.
//
//   const auto result = sim::schedules::explore_schedules(scenario);
//   EXPECT_TRUE(result.holds()) << result.text();
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "sim/explore/verdict.h"
#include "sim/schedules/few_deviations.h"
#include "sim/schedules/interleaving.h"
#include "sim/schedules/scenario_run.h"

namespace sim::schedules {

enum class EngineKind : std::uint8_t {
  dpor,       // every schedule; ends with a certificate (source_dpor.h)
  few,        // FewDeviations
  random,     // RandomWalk
  pos,        // PartialOrderSampling
  pct,        // PriorityChanges
  portfolio,  // all of these in turn, until dpor ends
};
constexpr std::size_t engine_count = 6;
std::string_view name_of(EngineKind kind);

struct ScheduleOptions {
  EngineKind engine = EngineKind::portfolio;
  std::uint64_t seed = 1;
  std::uint64_t runs_max = 10'000;  // 0: no limit
  unsigned deviations = 3;          // of `few`, at most
  PartOfFew part;                   // of the schedules of `few`; not with another engine
  unsigned priority_changes = 2;    // of `pct`, in a run
  RunSettings run;
  std::string name = "-";  // of the scenario, for messages
  bool shrink = true;      // make a scenario that fails shorter, and its schedule
  bool all_steps = false;  // an interleaving has every step, not only those that matter
  // Asked before each run: true ends the search. May be empty.
  std::function<bool()> give_up = {};
};

struct ScheduleReport {
  std::uint64_t runs = 0;     // to their ends
  std::uint64_t blocked = 0;  // abandoned: see SourceDpor
  std::uint64_t cut_off = 0;  // after RunSettings::steps_max
  std::uint64_t steps = 0;    // in explored parts, of all runs
  std::uint64_t waiting = 0;  // a program waited for ever for a suspended device or a silent disk
  std::uint64_t copies_over_discards = 0;  // known bugs that were excepted: see History
  std::set<std::string> not_judged;        // devices whose reads are not, with the reason
  bool complete = false;  // all schedules were run, but for those that differ in nothing that can be seen
  bool few = false;       // all schedules of the engine `few` were run, or of its part
  std::string divided;    // FewDeviations::divided(), if that was the engine
  bool interrupted = false;
  std::optional<CutCounts> cuts = {};  // if power is cut
};

// The counts, in one line.
std::string summary_of(const ScheduleReport& report);

struct ScheduleResult {
  explore::Verdict verdict = explore::Verdict::not_run;
  ScheduleReport report;
  std::string complaint;  // mistakes and warnings of the scenario: lines
  // If something was found: the shortest scenario that fails in the same way, the token that repeats it
  // (replay_schedule()), what is wrong then, and how it came to that.
  std::string scenario;
  std::string token;
  Failure failure;
  Interleaving interleaving;

  [[nodiscard]] bool holds() const { return verdict == explore::Verdict::holds; }
  // All of that, to be read.
  [[nodiscard]] std::string text() const;
};

// Does not throw, whatever the scenario does. Any thread. The same scenario gives the same result.
ScheduleResult explore_schedules(std::string_view scenario, const ScheduleOptions& options);
ScheduleResult explore_schedules(std::string_view scenario);

struct ReplayedSchedule {
  bool followed = false;    // the token fits
  bool reproduced = false;  // and what was wrong is wrong again
  std::string text;         // what happens: lines
  Interleaving interleaving;
  std::string complaint;  // why the token does not fit: lines
};
// Repeats the schedule of a token of that scenario. The defects are the token's.
ReplayedSchedule replay_schedule(std::string_view scenario, const std::string& token,
                                 const ScheduleOptions& options);
ReplayedSchedule replay_schedule(std::string_view scenario, const std::string& token);

}  // namespace sim::schedules
