// SPDX-License-Identifier: GPL-2.0-or-later
// Every schedule, but for those that differ from another one only in steps whose order cannot be seen.
//
// Dynamic partial order reduction with source sets and sleep sets (Abdulla, Aronis, Jonsson, Sagonas: POPL
// 2014). A run is taken to its end; then each pair of its steps that race is looked at: before the first of
// them another task must go first in some other run, or the exchange of the two is never seen. The tree of
// these runs is searched depth first, and each run begins anew.
#pragma once

#include <stdexcept>
#include <utility>
#include <vector>

#include "sim/schedules/engine.h"
#include "sim/schedules/happens_before.h"

namespace sim::schedules {

class SourceDpor final : public Engine {
 public:
  // Time passes only while no task can run.
  [[nodiscard]] Wants wants() const override {
    return {.every_step = true, .time = false, .disk_order = false, .parallel_work = true};
  }
  bool begin() override;
  [[nodiscard]] std::size_t same_choices() const override { return nodes_.empty() ? 0 : nodes_.size() - 1; }
  void continues_at(std::size_t choice) override;
  std::size_t choose(const Situation& situation) override;
  void took_step(const Choice& step, dmcore::Time now) override;
  void turned_out(dmcore::AccessKind kind) override;
  [[nodiscard]] bool presumes() const override { return presumes_; }
  void presumption_failed() override { presumption_failed_ = true; }
  void created(dmcore::Lineage parent, dmcore::Lineage child) override { woken(child, parent); }
  void woken(dmcore::Lineage lineage, dmcore::Lineage by) override;
  void end() override;

 private:
  using Tasks = std::vector<dmcore::Lineage>;
  // A step of the current run, and what else is to be tried in its place.
  struct Node {
    dmcore::Lineage chosen = 0;
    Tasks enabled;
    Tasks backtrack;           // to be chosen in some run, or chosen already
    Tasks done;                // everything after them has been run
    Tasks sleep;               // not to be chosen: what they begin is known from other runs
    std::size_t happened = 0;  // before it, in this run
    dmcore::Time now{0};
  };
  struct Happened {
    enum class What : std::uint8_t { step, woken, barrier };
    What what;
    dmcore::Lineage task = 0;
    dmcore::Lineage by = 0;  // woken
    dmcore::Step step = {};  // as it turned out to be
  };

  void add_node(const Situation& situation);
  void note_sleepers(const Situation& situation, const Node& node, std::size_t chosen);
  void wake_sleepers();
  void find_order();
  void reverse(const HappensBefore::Race& race);
  void go_back();
  void begin_anew();

  // The run so far; its order is found when it has ended.
  std::vector<Happened> happened_;
  std::vector<Happened> happened_before_;  // in the run before it
  std::size_t changed_ = 0;                // the first choice that differs from that one's
  bool is_continued_ = false;              // it begins with what that one has made
  HappensBefore order_;
  // Of that, after so much has happened.
  struct Known {
    std::size_t happened;
    HappensBefore::Place place;
  };
  std::vector<Known> known_;
  std::vector<Node> nodes_;
  std::size_t depth_ = 0;
  // Those that slept before the last step or were chosen in its place, with what they would do. The ones that
  // could go before it as well as after sleep on.
  std::vector<std::pair<dmcore::Lineage, dmcore::Step>> sleepers_;
  dmcore::Step last_;
  Tasks sleep_;  // before the next step
  dmcore::Time now_{0};
  bool begun_ = false;
  bool presumes_ = true;
  bool presumption_failed_ = false;  // in this run
};

// Thrown if a run does not offer what the run before had at the same place: it depends on something that is
// not chosen. what() says which.
class NotRepeatable : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace sim::schedules
