// SPDX-License-Identifier: GPL-2.0-or-later
// A scenario that is run many times, each time under another schedule.
//
// Commands in the background run at once: those that follow each other, and the next one that is not in the
// background. From the first of them on, until all have ended, the engine chooses; the rest is first in,
// first out. At its end the scenario waits for them, however long that takes. Before and after such a part,
// when nothing is in flight, all mapped devices are read. On request the power is cut as well: each run is
// one of those of sim/explore/crash_explorer.h.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/explore/contents.h"
#include "sim/explore/crash_explorer.h"
#include "sim/explore/recovery.h"
#include "sim/language/ast.h"
#include "sim/rewind/rewinder.h"
#include "sim/schedules/deviations.h"
#include "sim/schedules/engine.h"
#include "sim/schedules/failure.h"
#include "sim/schedules/trace.h"

namespace sim::schedules {

struct RunSettings {
  explore::MachineKind machine;
  std::string directory;  // as in scenario::ReplayOptions
  // A run that takes more steps is cut off.
  std::uint64_t steps_max = 1'000'000;
  // The power cuts of each run are looked at in this way, if nothing else is wrong with it.
  std::optional<explore::CrashSettings> crash = {};
  std::vector<std::string> metadata = {};  // as in explore::WorkloadOptions
  // Only these power cuts, of a failure, instead of those.
  std::optional<explore::CutToken> cuts = {};
  // RunResult::deviations also if nothing is wrong.
  bool keeps_schedule = false;
  // Runs after the first one begin where the part that is explored begins; what comes before is restored,
  // where that is possible (sim/rewind/rewinder.h). Without it each begins with a new machine: for tests.
  bool rewinds = true;
};

struct RunResult {
  enum class End : std::uint8_t {
    whole,      // its own, or a failure
    waits,      // a program waits for ever for a suspended device or a silent disk
    cut_off,    // after RunSettings::steps_max
    abandoned,  // by the engine
  };
  End end = End::whole;
  std::optional<Failure> failure;
  std::vector<Deviation> deviations;  // if there is a failure, or RunSettings::keeps_schedule
  std::uint64_t steps = 0;            // in explored parts
  std::uint64_t copies_over_discards = 0;
  std::set<std::string> not_judged;  // devices whose reads are not, with the reason
  std::string not_cut;               // why its power cuts are not looked at though they are asked for
  std::string complaint;             // why they cannot be, or RunSettings::cuts are none of this run: a line
};

// Of all runs of a scenario.
struct CutCounts {
  std::uint64_t cuts = 0;      // of runs
  std::uint64_t distinct = 0;  // different ones, over all runs
  std::uint64_t starts = 0;    // different ones that follow
  bool complete = true;        // all were looked at, and all of all orders of the runs' events
  std::set<std::string> not_judged = {};

  void add(const explore::CrashReport& report);
};

class ScenarioRun {
 public:
  // The text must have no mistakes.
  ScenarioRun(std::string_view text, const RunSettings& settings);
  ~ScenarioRun();

  // Why it cannot be explored: a line, without its end. Empty if it can.
  [[nodiscard]] std::string complaint() const;
  // Once, under a schedule of the engine, which has begun a run. `trace` gets all that happens in the parts
  // that the engine chooses; null: it is not kept.
  RunResult run(Engine& engine, Trace* trace = nullptr);
  [[nodiscard]] const CutCounts& cut_counts() const { return cut_counts_; }
  // The commands as they are written, by their lines: what programs are called. In the lineages of their
  // tasks they are "line N".
  [[nodiscard]] std::map<int, std::string> programs() const;

 private:
  class Execution;

  // What a run has made until its explored part, for engines that want the same.
  struct Begun {
    Wants wants;
    std::unique_ptr<rewind::Rewinder> rewinder;  // null if there is no memory for it
    // Whose runs it was continued for, and how many choices come before each of the rewinder's marks but for
    // the first.
    const Engine* engine = nullptr;
    std::vector<std::size_t> marks = {};
  };

  void note_faults(const std::vector<Fault>& faults);
  [[nodiscard]] bool can_rewind() const;
  Begun& begun(const Wants& wants);
  std::optional<RunResult> run_again(Engine& engine);
  std::optional<RunResult> run_once(const Engine& engine, Trace* trace);
  std::size_t mark_for(Engine& engine);
  bool sets_mark_before(std::size_t choice);
  std::unique_ptr<rewind::Rewinder> make_rewinder(Trace* trace);
  void keep(const RunResult& result);
  [[nodiscard]] bool cuts_power() const { return settings_.crash || settings_.cuts; }
  RunResult whole(RunResult result);
  void look_at_cuts(const explore::Run& run, RunResult& result);

  RunSettings settings_;
  std::vector<language::Command> commands_;
  explore::Contents contents_;
  bool faults_lie_ = false;  // some disk changes data by itself, or has its bytes changed
  Engine* engine_ = nullptr;
  std::vector<Begun> begun_;
  Begun* running_ = nullptr;
  std::size_t same_choices_ = 0;  // of this run and the one before it, by the same engine
  RunResult rewound_;             // of the last run that could be rewound
  std::optional<explore::CrashExplorer> crash_explorer_;
  CutCounts cut_counts_;
  const explore::Run* to_be_cut_ = nullptr;  // the last run, if it is; as long as its memory is there
};

}  // namespace sim::schedules
