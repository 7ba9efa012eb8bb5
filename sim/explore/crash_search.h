// SPDX-License-Identifier: GPL-2.0-or-later
// The search of CrashExplorer: one run, its cuts one after the other.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/explore/crash_explorer.h"
#include "sim/explore/cut_token.h"
#include "sim/explore/disks.h"

namespace sim::explore {

// Whether two tables are about the same clone, or the same anything else.
bool same_device(const Device& a, const Device& b);
// Whether a disk is the source of a clone.
bool is_source(const Devices& devices, std::uint32_t disk);

class CrashSearch {
 public:
  CrashSearch(CrashExplorer& explorer, const Run& run, CrashReport& report);

  // `first`: no cuts before so many events.
  void search(std::uint32_t first);
  Retraced retrace(const CutToken& token, const Contents& contents);

 private:
  struct Judged {
    std::string name;
    Device device;
    Contract contract;
    std::string not_judged;    // why
    std::uint64_t number = 0;  // of all that were ever judged
  };
  struct Program {
    Devices devices;
    RecoveryTree* tree = nullptr;
    std::vector<std::uint32_t> sources;       // of clones: disks
    std::vector<std::uint32_t> destinations;  // the same
    std::uint64_t number = 0;
    bool fails_on_purpose = false;  // one of its devices does: see own_violation()
  };

  // What the events up to now have made.
  struct State {
    Disks disks;
    std::vector<Judged> judged = {};
    std::uint32_t devices = 0;  // that were noted last
    std::uint32_t before = 0;   // and before these
    // Disks to whose metadata a program has written, and no clone was set up on them since. Which of the old
    // and the new a start finds is not the clone's business, nor whether it starts.
    std::set<dmcore::DevT> rewritten = {};
    // Of each set of devices, so many regions of clones were hydrated in all states that a cut could leave.
    std::map<const RecoveryTree*, std::uint64_t> committed = {};
    std::set<std::string> written_directly = {};  // names of disks and devices
    std::set<std::string> covered = {};           // names of devices that are or were below others
  };

  // What a cut is about: the event before it, what a program asked for if it is that, and what starts may
  // find.
  struct Coverage {
    Event::Kind event;
    std::uint32_t disk;
    std::pair<host::IoWitness::Kind, bool> asked;
    std::set<const Leaf*> recoveries;

    friend bool operator<(const Coverage& a, const Coverage& b) {
      return std::tie(a.event, a.disk, a.asked, a.recoveries) <
             std::tie(b.event, b.disk, b.asked, b.recoveries);
    }
  };

  // What was judged of a start: all sectors, as they were at those places of the changes. Later only those
  // that have changed are judged again.
  struct Verified {
    std::uint64_t era = 0;  // see era_
    const Outlook* outlook = nullptr;
    std::size_t disk_changes = 0;
    std::size_t contract_changes = 0;
    std::vector<Judged*> devices;  // by the place among those that no other uses; null: not judged
    // For each sector of a disk, the sectors of devices that return it.
    std::unordered_map<ContentId, std::vector<std::pair<std::uint32_t, std::uint32_t>>> readers;
  };

  [[nodiscard]] bool wants(Oracle oracle) const { return settings_.wants(oracle); }

  // crash_devices.cpp: what is set up after a cut, and what it must hold
  Program& program_of(std::uint32_t now, std::uint32_t next);
  [[nodiscard]] bool covers(std::uint32_t now, std::uint32_t next) const;
  [[nodiscard]] bool replaces(std::uint32_t now, std::uint32_t next) const;
  void take_devices(std::uint32_t event);
  Program& program_after(std::uint32_t number);
  void note_covered(const Devices& devices);
  void note_devices(Program& program, std::uint32_t event);
  void note_closed(const Devices& devices);
  struct DeviceContent {
    Contract::Alternatives sectors;
    std::vector<bool> hydrated;  // whether the destination of a clone has the sector
  };
  DeviceContent content_now(Program& program, std::size_t device);
  static const CloneDisks* clone_under(const Devices& devices, const Device& device);
  [[nodiscard]] Contract::Clone clone_of(const Device& device, const DeviceContent& content) const;
  [[nodiscard]] Contract contract_of(const Device& device, const DeviceContent& content,
                                     std::uint32_t event) const;
  [[nodiscard]] std::optional<dmcore::DevT> number_of(const std::string& name) const;
  [[nodiscard]] std::set<dmcore::DevT> metadata_under(const Operation& operation) const;
  void note_raw_write(const Operation& operation);

  // crash_search.cpp: the cuts of the run. take() returns what is set up after a cut that follows the event.
  void search_segment(const Causality::Segment& segment, std::uint32_t first);
  Program& take(std::uint32_t number);
  [[nodiscard]] bool gives_up();
  [[nodiscard]] bool stops();
  [[nodiscard]] std::uint64_t signature(const Program& program) const;
  void take_operation(const Event& event);
  void look(std::uint32_t events, Program& program);
  bool is_news(const Event& last, const Program& program);
  void note_committed(const Program& program, std::uint64_t hydrated);
  void begin_era();
  void look_at_source(std::uint32_t number);
  void visit(const Program& program, const Disks& disks, const RecoveryTree::Use& use);
  void judge(std::uint32_t events, Program& program, Leaf& leaf);
  void judge_all(std::uint32_t events, Program& program, Leaf& leaf, const Outlook* later,
                 Verified& verified);
  void judge_changes(std::uint32_t events, Program& program, Leaf& leaf, Verified& verified);
  void judge_sector(std::uint32_t events, Program& program, Leaf& leaf, const Outlook* outlook,
                    std::size_t device, const Judged& judged, std::uint32_t sector);
  static std::vector<ContentId> stale_of(const Judged& judged, std::uint32_t sector, ContentId seen,
                                         std::vector<ContentId> found);
  [[nodiscard]] bool is_refusal(const Recovery& recovery) const;
  [[nodiscard]] std::uint64_t hydrated_after(const Recovery& recovery) const;
  std::optional<Violation> own_violation(const Program& program, const Recovery& recovery,
                                         std::uint64_t committed) const;
  void violated(Violation violation, std::uint32_t events, const Leaf& leaf);
  Judged* judged_device(std::string_view name);
  static std::optional<std::size_t> index_of(const Program& program, std::string_view name);
  static std::vector<ContentId> expand(const Disks& disks, ContentId content);
  static std::vector<ContentId> expand(const Disks& disks, const std::vector<ContentId>& contents);

  // crash_orders.cpp: cuts that only another order of the run's events has
  void look_at_orders(const Causality::Segment& segment);
  void look_at_extremes(const Causality::Segment& segment);
  bool look_at_sets(const Causality::Segment& segment, Causality::Events& happened, std::uint32_t from);
  void look_at_set(const Causality::Segment& segment, const Causality::Events& happened, Program& program);

  // crash_outlook.cpp: later cuts
  const Outlook& outlook(Program& program, Leaf& leaf, const Disks& disks, unsigned depth);
  void compute(Program& program, Leaf& leaf, const Disks& disks, Outlook& outlook);
  void look_again(Program& program, const Leaf& leaf, const Disks& before, const Disks& disks,
                  std::uint32_t events, Outlook& outlook);
  [[nodiscard]] std::vector<BlockChoice> choices(const Disks& disks, const Leaf& leaf) const;
  std::vector<Cut> find_other(Program& program, Leaf& leaf, const Disks& disks, unsigned depth,
                              std::size_t device, std::uint32_t sector, ContentId content);

  // crash_retrace.cpp: the cuts of a token
  [[nodiscard]] bool is_consistent(const Cut& cut) const;
  Program* advance(const CutToken& token);
  std::optional<Violation> judge_again(const CutToken& token, Program& program,
                                       const std::vector<Leaf*>& leaves,
                                       const std::vector<std::unique_ptr<Disks>>& later);

  CrashExplorer& explorer_;
  const CrashSettings& settings_;
  const Run& run_;
  CrashReport& report_;
  std::uint64_t recoveries_before_;  // this search
  State state_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Program> programs_;
  std::set<Coverage> covered_;              // by the cuts that were looked at, if there is a budget
  std::vector<std::uint32_t> next_change_;  // from each event on, the next one that notes devices; or the end
  Journal journal_;                         // of what a segment with other orders changes
  std::uint64_t orders_left_ = 0;           // of CrashSettings::orders_max, for the segment
  std::vector<std::uint32_t> missing_;      // of the order that is looked at: see Cut
  std::uint64_t era_ = 1;                   // of state_.judged: grows when it is another one
  std::uint64_t judged_ever_ = 0;
  std::vector<Token> disk_changes_;
  std::vector<std::pair<const Judged*, std::uint32_t>> contract_changes_;
  std::unordered_map<const Leaf*, Verified> verified_;
};

}  // namespace sim::explore
