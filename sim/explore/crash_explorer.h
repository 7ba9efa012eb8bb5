// SPDX-License-Identifier: GPL-2.0-or-later
// Every power cut of a run, and every state that it may leave.
//
// A run is a trace (trace.h). A cut comes after any of its events. What the disks may hold then are sets, one
// for each sector (disk_state.h); their product is never enumerated. The machine that starts afterwards looks
// at metadata only: there the search branches, and only where the answers differ (recovery_tree.h). What it
// copies are tokens, so that one recovery covers all contents of the data. It tells which sector of which
// disk a read of a device returns; the oracle then compares two sets: what may be there, and what the
// contract allows (contract.h). A recovery is a run, too, so it is cut in the same way.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "sim/explore/contract.h"
#include "sim/explore/recovery_tree.h"
#include "sim/explore/torn_bytes.h"
#include "sim/explore/violation.h"

namespace sim::explore {

// A run, ready to be cut.
struct Run {
  explicit Run(Contents& contents) : trace(contents) {}

  std::vector<Disk> disks;
  std::vector<std::vector<ContentId>> contents;  // of the disks, at the beginning
  std::vector<Devices> devices;                  // by the number in Event::Kind::devices; 0: none
  Trace trace;
  Causality causality;               // of its events
  std::vector<std::uint32_t> lines;  // of each event: the line of the scenario that ran
  // So many events are those with which all runs of the scenario begin.
  std::optional<std::uint32_t> common;
};

struct CrashSettings {
  unsigned depth = 2;  // how many cuts follow each other
  Tear tear = Tear::halves;
  std::array<bool, oracle_count> oracles = all_oracles;
  // So many different cuts of the run are looked at, whatever they are; 0: all. Of the rest, samples: cuts
  // after an event of a kind (of which disk, or of what a program asked for) after which no cut before led to
  // just these recoveries.
  std::uint64_t cuts_max = 0;
  // Of the events of one command that could have happened in another order, at most so many cuts that only
  // another order has.
  std::uint64_t orders_max = 1000;
  // The search ends when so many different recoveries were run; 0: never. There are as many only if what a
  // start reads was written piece by piece and not flushed.
  std::uint64_t recoveries_max = 10000;
  // Asked before each cut and each recovery: true ends the search. May be empty.
  std::function<bool()> give_up = {};

  [[nodiscard]] bool wants(Oracle oracle) const { return oracles[static_cast<std::size_t>(oracle)]; }
};

struct CrashReport {
  unsigned depth = 0;            // CrashSettings::depth
  std::uint64_t cuts = 0;        // of the run
  std::uint64_t distinct = 0;    // different ones
  std::uint64_t samples = 0;     // of these, or of `runs`, after the budget had ended
  std::uint64_t reordered = 0;   // cuts that only another order of the run's events has
  std::uint64_t runs = 0;        // of a scenario with `crash`: states that it was run with
  std::uint64_t later_cuts = 0;  // different cuts of recoveries
  std::uint64_t recoveries = 0;  // different ones, each run once
  std::uint64_t looked_at = 0;   // recoveries that were compared with the contract
  std::uint64_t branches = 0;
  // Of the most states that one cut of the run may leave: see Disks::states_millibits().
  std::uint64_t states_millibits = 0;
  std::uint64_t copies_over_discards = 0;  // known bugs that were excepted: see Contract
  std::uint64_t early_fua_writes = 0;      // the same
  bool complete = true;
  bool orders_complete = true;          // all cuts of all orders were looked at
  bool interrupted = false;             // CrashSettings::give_up or recoveries_max has ended it
  bool too_many_recoveries = false;     // recoveries_max has
  std::vector<std::string> not_judged;  // devices, with the reason
  std::optional<Violation> violation;   // the first one
};

struct CutToken;

// What happens at the cuts of a token.
struct Retraced {
  std::string text;                    // lines
  std::string wrong;                   // what is wrong then, or that all holds: a line, without its end
  std::optional<Violation> violation;  // the same
  std::string complaint;               // why the token cannot be followed; empty if it can
};

class CrashExplorer {
 public:
  CrashExplorer(Contents& contents, MachineKind kind, const CrashSettings& settings)
      : contents_(contents), kind_(std::move(kind)), settings_(settings) {}

  // Looks at all cuts, up to the first violation. What was looked at is kept for the next run, of the same
  // scenario if it says what they have in common: recoveries; and the cuts, so that only those count as
  // different there in which something else may be found, or must be.
  CrashReport explore(const Run& run);
  // Repeats the cuts of a token, which is of that run.
  Retraced retrace(const Run& run, const CutToken& token);

 private:
  friend class CrashSearch;
  // The recoveries of one set of devices on one set of disks.
  struct Tree {
    std::vector<Disk> disks;
    Devices devices;
    std::unique_ptr<RecoveryTree> tree;
  };

  Contents& contents_;
  TornBlocks torn_{contents_};
  MachineKind kind_;
  CrashSettings settings_;
  std::map<std::string, Tree> trees_;       // by a text that says all of that
  std::uint64_t recoveries_ = 0;            // that were run
  std::unordered_set<std::uint64_t> seen_;  // see CrashSearch::signature(); empty: none are kept
  std::vector<Devices> seen_with_;          // Run::devices of those cuts
};

}  // namespace sim::explore
