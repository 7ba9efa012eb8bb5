// SPDX-License-Identifier: GPL-2.0-or-later
// What is explored of each case: power cuts, or schedules.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/explore/cases.h"
#include "sim/cli/json_line.h"
#include "sim/explore/power_cuts.h"
#include "sim/explore/verdict.h"
#include "sim/schedules/schedules.h"

namespace sim::cli {

// What came of one case.
struct ExploredCase {
  explore::Verdict verdict = explore::Verdict::not_run;
  bool interrupted = false;  // by give_up()
  std::string complaint;     // mistakes and warnings: lines
  std::string summary;       // the counts, in one line
  std::vector<std::string> notes;
  // If something was found.
  std::string story;                  // what is wrong: lines
  std::string scenario;               // that shows it
  std::string token;                  // of that scenario
  std::string divided = {};           // see ExploreKind::divided(); empty: nothing was
  std::string interleaving = {};      // of a schedule, for people: lines
  Json details;                       // for `--json`, beside the name and the verdict
  std::vector<std::uint64_t> counts;  // in the order of ExploreKind::counts()
};

// All cases together.
struct ExploreTally {
  std::array<std::uint64_t, explore::verdict_count> cases{};  // by verdict
  std::vector<std::uint64_t> counts;                          // as in ExploredCase

  void add(const ExploredCase& explored);
  [[nodiscard]] std::uint64_t total() const {
    return std::accumulate(cases.begin(), cases.end(), std::uint64_t{0});
  }
  [[nodiscard]] std::uint64_t count(explore::Verdict verdict) const {
    return cases[static_cast<std::size_t>(verdict)];
  }
};

class ExploreKind {
 public:
  struct Case {
    std::string name;  // for messages
    std::string text;
    std::uint64_t seed = 0;
  };

  ExploreKind() = default;
  ExploreKind(const ExploreKind&) = delete;
  ExploreKind& operator=(const ExploreKind&) = delete;
  virtual ~ExploreKind() = default;

  // The word of the command line.
  [[nodiscard]] virtual std::string_view name() const = 0;
  // What a certificate is about besides the scenarios: all that decides what is looked at.
  [[nodiscard]] virtual std::string bounds() const = 0;
  // The names of what is counted, for checkpoints and the summary of `--json`.
  [[nodiscard]] virtual std::vector<std::string> counts() const = 0;
  // The sums, for people: lines.
  [[nodiscard]] virtual std::string totals(const ExploreTally& tally) const = 0;
  // What `--progress` shows of them.
  [[nodiscard]] virtual std::string progress(const ExploreTally& tally) const = 0;
  // What is divided if machines share one scenario: says what its parts are parts of. Throws Mistake if it
  // cannot be divided.
  [[nodiscard]] virtual std::string divided(const Case& one) const = 0;
  // From here on only that part of each scenario is explored. Only if divided() has returned.
  virtual void take_part(const Shard& shard) { (void)shard; }
  // Only that part of the scenarios, or of the one scenario, is explored: a certificate has to say so.
  void note_part(const Shard& shard) { part_ = shard; }
  // bounds(), with that, for people.
  [[nodiscard]] std::string bounds_of_part() const;
  // Any thread. What came of it says in ExploredCase::divided what was divided.
  [[nodiscard]] virtual ExploredCase explore(const Case& one, std::function<bool()> give_up) const = 0;

 private:
  Shard part_;
};

// For ExploreKind::bounds(): which cuts of a run are looked at, and what is asked.
std::string bounds_of_cuts(const explore::CrashSettings& settings, const std::vector<std::string>& metadata);
// The same: how the machines are not as by default.
std::string special_machine(const explore::MachineKind& machine);

std::unique_ptr<ExploreKind> make_power_cut_kind(explore::PowerCutOptions options);
std::unique_ptr<ExploreKind> make_schedule_kind(schedules::ScheduleOptions options);

}  // namespace sim::cli
