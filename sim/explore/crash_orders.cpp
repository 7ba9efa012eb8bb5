// SPDX-License-Identifier: GPL-2.0-or-later
// Cuts that only another order of the run's events has.
//
// The events of a run are partly ordered (causality.h). A set that contains, with each event, all that comes
// before it, is what had happened at some moment of a run with the same events in another order: a cut of the
// run is such a set. Those that begin the order that was seen were looked at; here are the others.
//
// A set is made from a smaller one by one event, which is undone afterwards; each is made once, because its
// events are added in the order in which they were seen. If there are too many, first come, for each event,
// the smallest set with it and the largest one without it: what is acknowledged too early, or committed too
// early, is seen there.
#include "sim/explore/crash_search.h"

namespace sim::explore {

namespace {

using Events = Causality::Events;
using Segment = Causality::Segment;

// Whether the event may be the next one.
bool may_happen(const Segment& segment, const Events& happened, std::uint32_t event) {
  return !happened.test(event) && (segment.before[event] & ~happened).none();
}

// How many sets there are that contain `happened` and later events from that one on; at most `max`.
std::uint64_t count_sets(const Segment& segment, Events& happened, std::uint32_t from, std::uint64_t max) {
  std::uint64_t count = 1;
  for (std::uint32_t event = from; event < segment.count && count < max; ++event) {
    if (!may_happen(segment, happened, event)) continue;
    happened.set(event);
    count += count_sets(segment, happened, event + 1, max - count);
    happened.reset(event);
  }
  return count;
}

}  // namespace

// Looks at the set unless the seen order begins with it.
void CrashSearch::look_at_set(const Segment& segment, const Events& happened, Program& program) {
  std::uint32_t end = segment.count;
  while (!happened.test(end - 1)) --end;
  missing_.clear();
  for (std::uint32_t place = 0; place < end; ++place) {
    if (!happened.test(place)) missing_.push_back(segment.first + place);
  }
  if (missing_.empty()) return;
  ++report_.reordered;
  if (!program.devices.empty()) look(segment.first + end, program);
}

// All sets that contain `happened`, which was taken, and events from that one on. False if the search is
// over.
bool CrashSearch::look_at_sets(const Segment& segment, Events& happened, std::uint32_t from) {
  for (std::uint32_t event = from; event < segment.count; ++event) {
    if (!may_happen(segment, happened, event)) continue;
    if (orders_left_ == 0 || gives_up()) return false;
    const std::size_t before = journal_.now();
    happened.set(event);
    Program& program = take(segment.first + event);
    const std::uint64_t reordered = report_.reordered;
    look_at_set(segment, happened, program);
    orders_left_ -= report_.reordered - reordered;
    if (report_.violation || !look_at_sets(segment, happened, event + 1)) return false;
    journal_.undo_to(before);
    happened.reset(event);
  }
  return true;
}

void CrashSearch::look_at_extremes(const Segment& segment) {
  const auto look_at = [&](const Events& happened) {
    journal_.undo_to(0);
    Program* program = nullptr;
    for (std::uint32_t event = 0; event < segment.count; ++event) {
      if (happened.test(event)) program = &take(segment.first + event);
    }
    if (program != nullptr) look_at_set(segment, happened, *program);
  };
  for (std::uint32_t event = 0; event < segment.count && !report_.violation && !gives_up(); ++event) {
    Events smallest = segment.before[event];
    look_at(smallest.set(event));
    if (report_.violation) return;
    Events largest;
    for (std::uint32_t other = 0; other < segment.count; ++other)
      largest.set(other, other != event && !segment.before[other].test(event));
    look_at(largest);
  }
}

void CrashSearch::look_at_orders(const Segment& segment) {
  Events happened;
  // With the empty set, and those with which the seen order begins.
  const std::uint64_t sets_max = settings_.orders_max + segment.count + 1;
  const bool few = !segment.before.empty() && count_sets(segment, happened, 0, sets_max + 1) <= sets_max;
  report_.orders_complete = report_.orders_complete && few;
  if (segment.before.empty()) return;
  if (!few) look_at_extremes(segment);
  if (report_.violation || report_.interrupted) return;
  journal_.undo_to(0);
  orders_left_ = settings_.orders_max;
  look_at_sets(segment, happened, 0);
  if (report_.violation || report_.interrupted) return;
  missing_.clear();
  journal_.undo_to(0);
  for (std::uint32_t event = 0; event < segment.count; ++event) take(segment.first + event);
}

}  // namespace sim::explore
