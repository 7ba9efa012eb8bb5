// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/causality.h"

#include <utility>

namespace sim::explore {

using dmcore::Access;
using dmcore::AccessKind;

bool Causality::Segment::has_other_orders() const {
  for (std::size_t event = 0; event < before.size(); ++event) {
    if (before[event].count() != event) return true;
  }
  return before.size() != count;
}

void Causality::happened() {
  add_last();
  Segment& segment = segments_.back();
  const std::uint32_t place = segment.count++;
  if (place >= events_max) {
    segment.before.clear();
    return;
  }
  Events& known = known_[current_];
  segment.before.push_back(known);
  known.set(place);
  // What conflicts with this step comes after all of it.
  for (Events* events : of_this_step_) events->set(place);
}

void Causality::barrier() {
  last_.reset();
  known_.clear();
  touched_.clear();
  of_this_step_.clear();
  const Segment& last = segments_.back();
  if (last.count != 0) segments_.push_back({last.first + last.count, 0, {}});
}

void Causality::touch(const Access& access) {
  if (access.kind == AccessKind::none) return;
  Events& known = known_[current_];
  touched_.for_each_before(access, [&known](const Events& events) { known |= events; });
  Events& mine = touched_.of(access)[static_cast<std::size_t>(access.kind)];
  mine |= known;
  of_this_step_.push_back(&mine);
}

void Causality::took_step(const Choice& step, dmcore::Time) {
  add_last();
  current_ = step.lineage;
  of_this_step_.clear();
  if (segments_.back().count <= events_max) last_ = step.next;
}

void Causality::turned_out(AccessKind kind) {
  if (last_) last_->access.kind = kind;
}

void Causality::add_last() {
  if (!last_) return;
  dmcore::Step step = *std::exchange(last_, std::nullopt);
  // Of what does not say which it was all are the last.
  if (step.access.kind == AccessKind::dec_and_test) step.access.kind = AccessKind::last;
  touch(step.access);
  touch(step.also);
}

void Causality::continues(dmcore::Lineage task, dmcore::Lineage after) {
  add_last();
  if (after != 0) {
    const Events before = known_[after];
    known_[task] |= before;
    return;
  }
  // By no task: all others have come to rest.
  Events& known = known_[task];
  const std::uint32_t count = segments_.back().count;
  for (std::uint32_t place = 0; place < count && place < events_max; ++place) known.set(place);
}

void Causality::created(dmcore::Lineage parent, dmcore::Lineage child) {
  continues(child, parent);
}

void Causality::woken(dmcore::Lineage lineage, dmcore::Lineage by) {
  continues(lineage, by);
}

// In the same step: what conflicts with that comes after what the task does as either.
void Causality::renamed(dmcore::Lineage lineage) {
  add_last();
  current_ = lineage;
}

}  // namespace sim::explore
