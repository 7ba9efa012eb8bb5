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

// What others may wait for, until it is released.
bool takes(const dmcore::Step& step) {
  using dmcore::Point;
  return step.access.kind == AccessKind::write &&
         (step.point == Point::spin_lock || step.point == Point::mutex_lock || step.point == Point::flag);
}

}  // namespace

void HappensBefore::clear() {
  last_.reset();
  steps_.clear();
  lineages_.clear();
  tasks_.clear();
  known_.clear();
  taken_.clear();
  touched_.clear();
  takers_.clear();
  races_.clear();
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

void HappensBefore::join(Clock& clock, const Clock& other) {
  if (clock.size() < other.size()) clock.resize(other.size());
  for (std::size_t task = 0; task < other.size(); ++task) clock[task] = std::max(clock[task], other[task]);
}

bool HappensBefore::before(Number a, Number b) const {
  return knows(steps_[b].after, steps_[a]);
}

void HappensBefore::took_step(const Choice& choice) {
  add_last();
  last_.emplace(choice.lineage, choice.next);
}

void HappensBefore::add_last() {
  if (!last_) return;
  auto [lineage, step] = *std::exchange(last_, std::nullopt);
  // Of what does not say which it was all are the last.
  if (step.access.kind == AccessKind::dec_and_test) step.access.kind = AccessKind::last;
  const std::uint32_t task = number_of(lineage);
  const Number number = size();
  conflicts_.clear();
  for (const Access& access : {step.access, step.also}) {
    touched_.for_each_conflict(access, [this](const std::vector<Number>& steps) {
      conflicts_.insert(conflicts_.end(), steps.begin(), steps.end());
    });
  }
  std::sort(conflicts_.begin(), conflicts_.end());
  conflicts_.erase(std::unique(conflicts_.begin(), conflicts_.end()), conflicts_.end());
  Clock clock = known_[task];
  // The latest first: it may come after the others.
  for (auto conflicting = conflicts_.rbegin(); conflicting != conflicts_.rend(); ++conflicting) {
    const Taken& other = steps_[*conflicting];
    if (other.task == task) continue;
    if (knows(clock, other)) continue;
    add_race(*conflicting, step, clock);
    join(clock, other.after);
  }
  if (clock.size() <= task) clock.resize(task + 1);
  const std::uint32_t of_task = taken_[task]++;
  clock[task] = of_task + 1;
  note_last(touched_, step.access, number);
  note_last(touched_, step.also, number);
  if (takes(step)) takers_[{step.access.object, step.access.part}] = number;
  known_[task] = clock;
  steps_.push_back({task, of_task, step, std::move(clock)});
}

// Of the step that is added, which knows `clock`, with one before it.
void HappensBefore::add_race(Number first, const dmcore::Step& step, const Clock& clock) {
  if (step.access.kind == AccessKind::awaits) return;
  // The other order is as if nothing had happened while the first one's task waited.
  if (steps_[first].step.access.kind == AccessKind::waits_next && step.access.kind == AccessKind::releases)
    return;
  if (step.waits != nullptr && steps_[first].step.access.kind == AccessKind::releases) {
    const auto taker = takers_.find({step.access.object, step.access.part});
    if (taker == takers_.end() || knows(clock, steps_[taker->second])) return;
    first = taker->second;
  }
  races_.push_back({first, size()});
}

// Each step by its task's name, and what comes before it by theirs, whatever the numbers are.
std::uint64_t HappensBefore::fingerprint() const {
  std::uint64_t all = 0;
  for (const Taken& step : steps_) {
    std::uint64_t before = 0;
    for (std::uint32_t task = 0; task < step.after.size(); ++task) {
      if (step.after[task] != 0) before += explore::mixed(lineages_[task], step.after[task]);
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
