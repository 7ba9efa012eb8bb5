// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/happens_before.h"

#include <algorithm>

namespace sim::schedules {

using dmcore::Access;
using dmcore::AccessKind;
using dmcore::Lineage;

namespace {

// The finaliser of splitmix64.
std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111eb;
  return value ^ (value >> 31U);
}

}  // namespace

void HappensBefore::clear() {
  steps_.clear();
  lineages_.clear();
  tasks_.clear();
  known_.clear();
  taken_.clear();
  touched_.clear();
  races_.clear();
  fingerprint_ = 0;
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
  const Clock& clock = steps_[b].after;
  const Taken& earlier = steps_[a];
  return earlier.task < clock.size() && clock[earlier.task] > earlier.of_task;
}

void HappensBefore::find_conflicts(const Access& access) {
  if (access.kind == AccessKind::none) return;
  const auto meet = [&](std::uint32_t part, const Touched& touched) {
    for (std::size_t kind = 0; kind < access_kinds; ++kind) {
      if (conflict({access.object, part, static_cast<AccessKind>(kind)}, access))
        conflicts_.insert(conflicts_.end(), touched[kind].begin(), touched[kind].end());
    }
  };
  if (access.part == Access::whole) {
    for (auto place = touched_.lower_bound({access.object, 0});
         place != touched_.end() && place->first.first == access.object; ++place)
      meet(place->first.second, place->second);
    return;
  }
  for (const std::uint32_t part : {access.part, Access::whole}) {
    const auto place = touched_.find({access.object, part});
    if (place != touched_.end()) meet(part, place->second);
  }
}

void HappensBefore::touch(const Access& access, Number step) {
  if (access.kind == AccessKind::none) return;
  Touched& touched = touched_[{access.object, access.part}];
  // All of those before it come before whatever comes after it, but for another part of the object.
  if (conflict(access, access)) {
    for (std::vector<Number>& steps : touched) steps.clear();
  }
  touched[static_cast<std::size_t>(access.kind)].push_back(step);
}

void HappensBefore::took_step(const Choice& choice) {
  const std::uint32_t task = number_of(choice.lineage);
  const Number number = size();
  conflicts_.clear();
  find_conflicts(choice.next.access);
  find_conflicts(choice.next.also);
  std::sort(conflicts_.begin(), conflicts_.end());
  conflicts_.erase(std::unique(conflicts_.begin(), conflicts_.end()), conflicts_.end());
  Clock clock = known_[task];
  // The latest first: it may come after the others.
  for (auto conflicting = conflicts_.rbegin(); conflicting != conflicts_.rend(); ++conflicting) {
    const Taken& other = steps_[*conflicting];
    if (other.task == task) continue;
    if (other.task < clock.size() && clock[other.task] > other.of_task) continue;
    races_.push_back({*conflicting, number});
    join(clock, other.after);
  }
  if (clock.size() <= task) clock.resize(task + 1);
  const std::uint32_t of_task = taken_[task]++;
  clock[task] = of_task + 1;
  touch(choice.next.access, number);
  touch(choice.next.also, number);
  // Of the class: each step by its task's name, and what comes before it, whatever the numbers are.
  std::uint64_t print = mixed(choice.lineage + of_task);
  for (std::uint32_t other = 0; other < clock.size(); ++other) {
    if (clock[other] != 0) print += mixed(mixed(lineages_[other]) + clock[other]);
  }
  fingerprint_ += mixed(print);
  known_[task] = clock;
  steps_.push_back({task, of_task, choice.next, std::move(clock)});
}

void HappensBefore::created(Lineage parent, Lineage child) {
  woken(child, parent);
}

void HappensBefore::woken(Lineage lineage, Lineage by) {
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
  Clock all;
  for (const Clock& clock : known_) join(all, clock);
  for (Clock& clock : known_) clock = all;
}

}  // namespace sim::schedules
