// SPDX-License-Identifier: GPL-2.0-or-later
// Cuts that only another order of the run's events has.
//
// The events of a run are partly ordered (causality.h). A set that contains, with each event, all that comes
// before it, is what had happened at some moment of a run with the same events in another order: a cut of the
// run is such a set. Those that begin the order that was seen were looked at; here are the others.
//
// There may be many, so first come, for each event, the smallest set with it and the largest one without it:
// what is acknowledged too early, or committed too early, is seen there. Then come all, small ones first.
#include <functional>
#include <unordered_set>

#include "sim/explore/crash_search.h"

namespace sim::explore {

namespace {

using Events = Causality::Events;
using Segment = Causality::Segment;

class Orders {
 public:
  // `use` is given each set once, and returns whether it wants another one.
  Orders(const Segment& segment, std::function<bool(const Events&)> use)
      : segment_(segment), use_(std::move(use)) {}

  // False if `use` did not want all.
  bool visit() { return visit_extremes() && visit_all(); }

 private:
  bool give(const Events& events) { return !given_.insert(events).second || use_(events); }

  bool visit_extremes() {
    for (std::uint32_t event = 0; event < segment_.count; ++event) {
      Events smallest = segment_.before[event];
      smallest.set(event);
      Events largest;
      for (std::uint32_t other = 0; other < segment_.count; ++other)
        largest.set(other, other != event && !segment_.before[other].test(event));
      if (!give(smallest) || !give(largest)) return false;
    }
    return true;
  }

  bool visit_all() {
    std::vector<Events> level = {Events()};
    while (!level.empty()) {
      std::vector<Events> next;
      std::unordered_set<Events> known;
      for (const Events& events : level) {
        for (std::uint32_t event = 0; event < segment_.count; ++event) {
          if (events.test(event) || (segment_.before[event] & ~events).any()) continue;
          Events more = events;
          more.set(event);
          if (!known.insert(more).second) continue;
          if (!give(more)) return false;
          next.push_back(more);
        }
      }
      level = std::move(next);
    }
    return true;
  }

  const Segment& segment_;
  std::function<bool(const Events&)> use_;
  std::unordered_set<Events> given_;
};

}  // namespace

void CrashSearch::look_at_order(const Segment& segment, const Events& happened, const State& before) {
  std::uint32_t end = segment.count;
  while (end > 0 && !happened.test(end - 1)) --end;
  missing_.clear();
  for (std::uint32_t place = 0; place < end; ++place) {
    if (!happened.test(place)) missing_.push_back(segment.first + place);
  }
  if (missing_.empty()) return;  // the order that was seen
  ++report_.reordered;
  state_ = before;
  begin_era();
  Program* program = nullptr;
  for (std::uint32_t place = 0; place < end; ++place) {
    if (happened.test(place)) program = &take(segment.first + place);
  }
  if (!program->devices.empty()) look(segment.first + end, *program);
}

void CrashSearch::look_at_orders(const Segment& segment, const State& before) {
  if (segment.before.empty()) {
    report_.orders_complete = false;
    return;
  }
  const State after = state_;
  const std::uint64_t reordered = report_.reordered;
  const bool all = Orders(segment, [&](const Events& happened) {
                     if (report_.reordered - reordered == settings_.orders_max || gives_up()) return false;
                     look_at_order(segment, happened, before);
                     return !report_.violation;
                   }).visit();
  report_.orders_complete = report_.orders_complete && all;
  missing_.clear();
  state_ = after;
  begin_era();
}

}  // namespace sim::explore
