// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/happens_before.h"

#include <algorithm>
#include <utility>

#include "sim/explore/mixed.h"

namespace sim::schedules {

using dmcore::Access;
using dmcore::AccessKind;
using dmcore::Lineage;

namespace {

bool takes_lock(const dmcore::Step& step) {
  using dmcore::Point;
  return step.access.kind == AccessKind::write &&
         (step.point == Point::spin_lock || step.point == Point::mutex_lock);
}

}  // namespace

void HappensBefore::clear() {
  last_.reset();
  steps_.clear();
  clocks_.clear();
  lineages_.clear();
  tasks_.clear();
  known_.clear();
  taken_.clear();
  touched_.clear();
  races_.clear();
}

HappensBefore::Place HappensBefore::place() {
  add_last();
  Place place;
  place.steps_ = steps_.size();
  place.clocks_ = clocks_.size();
  place.touches_ = touched_.size();
  place.races_ = races_.size();
  place.known_ = known_;
  place.taken_ = taken_;
  return place;
}

void HappensBefore::back_to(const Place& place) {
  last_.reset();
  steps_.resize(place.steps_);
  clocks_.resize(place.clocks_);
  touched_.back_to(place.touches_);
  races_.resize(place.races_);
  known_ = place.known_;
  taken_ = place.taken_;
  for (; lineages_.size() > known_.size(); lineages_.pop_back()) tasks_.erase(lineages_.back());
}

std::uint32_t HappensBefore::number_of(Lineage lineage) {
  const auto [place, is_new] = tasks_.try_emplace(lineage, static_cast<std::uint32_t>(tasks_.size()));
  if (is_new) {
    lineages_.push_back(lineage);
    known_.emplace_back();
    taken_.push_back(0);
  }
  return place->second;
}

void HappensBefore::join(Clock& clock, ClockView other) {
  if (clock.size() < other.size()) clock.resize(other.size());
  for (std::size_t task = 0; task < other.size(); ++task) clock[task] = std::max(clock[task], other[task]);
}

bool HappensBefore::before(Number a, Number b) const {
  return knows(after(steps_[b]), steps_[a]);
}

void HappensBefore::took_step(Lineage task, const dmcore::Step& step) {
  add_last();
  last_.emplace(task, step);
}

void HappensBefore::add_last() {
  if (!last_) return;
  auto [lineage, step] = *std::exchange(last_, std::nullopt);
  // Of what does not say which it was all are the last.
  if (step.access.kind == AccessKind::dec_and_test) step.access.kind = AccessKind::last;
  const std::uint32_t task = number_of(lineage);
  const Number number = size();
  conflicts_.clear();
  for (const Access& access : {step.access, step.also})
    touched_.for_each_before(access, [this](Number other) { conflicts_.push_back(other); });
  std::sort(conflicts_.begin(), conflicts_.end());
  conflicts_.erase(std::unique(conflicts_.begin(), conflicts_.end()), conflicts_.end());
  clock_ = known_[task];
  // The latest first: it may come after the others.
  for (auto conflicting = conflicts_.rbegin(); conflicting != conflicts_.rend(); ++conflicting) {
    const Taken& other = steps_[*conflicting];
    if (other.task == task || knows(clock_, other)) continue;
    add_race(*conflicting, step, clock_);
    join(clock_, after(other));
  }
  if (clock_.size() <= task) clock_.resize(task + 1);
  const std::uint32_t of_task = taken_[task]++;
  clock_[task] = of_task + 1;
  touched_.add(step.access, number);
  touched_.add(step.also, number);
  known_[task] = clock_;
  steps_.push_back({task, of_task, step, clocks_.size(), static_cast<std::uint32_t>(clock_.size())});
  clocks_.insert(clocks_.end(), clock_.begin(), clock_.end());
}

// Of the step that is added, which knows `clock`, with one before it.
void HappensBefore::add_race(Number first, const dmcore::Step& step, ClockView clock) {
  if (step.access.kind == AccessKind::awaits) return;
  const AccessKind before = steps_[first].step.access.kind;
  if (step.waits == nullptr || before != AccessKind::releases) {
    races_.push_back({first, size()});
    return;
  }
  // It takes a lock. Its race is with who took it before.
  touched_.find_last(step.access, [&](Number taker) {
    if (!takes_lock(steps_[taker].step)) return false;
    if (!knows(clock, steps_[taker])) races_.push_back({taker, size()});
    return true;
  });
}

// Each step by its task's name, and what comes before it by theirs, whatever the numbers are.
std::uint64_t HappensBefore::fingerprint() const {
  std::uint64_t all = 0;
  for (const Taken& step : steps_) {
    std::uint64_t before = 0;
    const ClockView clock = after(step);
    for (std::uint32_t task = 0; task < clock.size(); ++task) {
      if (clock[task] != 0) before += explore::mixed(lineages_[task], clock[task]);
    }
    all += explore::mixed(explore::mixed(lineages_[step.task], step.of_task), before);
  }
  return all;
}

void HappensBefore::created(Lineage parent, Lineage child) {
  woken(child, parent);
}

void HappensBefore::woken(Lineage lineage, Lineage by) {
  add_last();
  const std::uint32_t task = number_of(lineage);
  if (by != 0) {
    join(known_[task], Clock(known_[number_of(by)]));
    return;
  }
  // By no task: all others have come to rest.
  for (std::uint32_t other = 0; other < known_.size(); ++other) {
    if (other != task) join(known_[task], known_[other]);
  }
}

void HappensBefore::barrier() {
  add_last();
  Clock all;
  for (const Clock& clock : known_) join(all, clock);
  for (Clock& clock : known_) clock = all;
}

}  // namespace sim::schedules
