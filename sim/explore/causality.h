// SPDX-License-Identifier: GPL-2.0-or-later
// Which events of a run come after which, whatever the order of tasks: what a task does comes after what it
// did before, after what made it, woke it, or touched the same object before it (dmcore::Access). Events that
// are not ordered could have happened in the other order, and a power cut could have come between them. The
// order is that of sim/schedules/happens_before.h: of tasks that count a counter down only the last one comes
// after the others.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "sim/explore/touched.h"
#include "sim/runtime/observer.h"

namespace sim::explore {

class Causality final : public Observer {
 public:
  // The events of one command are compared with each other, if there are not more.
  static constexpr std::size_t events_max = 512;
  // A set of them, by their places.
  using Events = std::bitset<events_max>;

  // Between two barriers.
  struct Segment {
    std::uint32_t first = 0;  // number of its first event
    std::uint32_t count = 0;
    std::vector<Events> before;  // of each event, those that come before it; empty if there are too many

    // Whether some events could have happened in another order; or that is not known.
    [[nodiscard]] bool has_other_orders() const;
  };

  Causality() : segments_(1) {}

  // The next event happens now; it gets the next number.
  void happened();
  // All that has happened comes before all that will.
  void barrier();

  // In their order. The first begins with event 0.
  [[nodiscard]] const std::vector<Segment>& segments() const { return segments_; }

  // Observer
  void took_step(const Choice& step, dmcore::Time now) override;
  void turned_out(dmcore::AccessKind kind) override;
  void created(dmcore::Lineage parent, dmcore::Lineage child) override;
  void woken(dmcore::Lineage lineage, dmcore::Lineage by) override;
  void renamed(dmcore::Lineage lineage) override;

 private:
  void add_last();
  void touch(const dmcore::Access& access);
  void continues(dmcore::Lineage task, dmcore::Lineage after);

  std::vector<Segment> segments_;
  std::unordered_map<dmcore::Lineage, Events> known_;
  Touched<Events> touched_;            // what comes before those accesses
  std::vector<Events*> of_this_step_;  // in touched_
  dmcore::Lineage current_ = 0;
  // The step that was taken last, until something happens: what it turns out to be is known by then.
  std::optional<dmcore::Step> last_;
};

}  // namespace sim::explore
