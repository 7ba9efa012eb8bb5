// SPDX-License-Identifier: GPL-2.0-or-later
// What a strategy that sees is asked, and what an observer is shown.
#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "sim/runtime/fiber_task.h"

namespace sim {

using dmcore::Event;
using dmcore::Lineage;
using dmcore::Step;

void DeterministicRuntime::set_observer(Observer& observer) {
  observer_ = &observer;
  attention_ |= watching;
}

const Identity& DeterministicRuntime::identity() const {
  return current_ == nullptr ? outside_ : current_fiber().identity;
}

Identity& DeterministicRuntime::identity() {
  return current_ == nullptr ? outside_ : current_fiber().identity;
}

Lineage DeterministicRuntime::child_of_current(const char* name) {
  Identity& parent = identity();
  return lineages_.child(parent.lineage, name, parent.next_child(name));
}

void DeterministicRuntime::set_lineage(Lineage lineage) {
  if (identity().lineage != lineage) rename({lineage, 0, {}});
}

// Returns what it was.
Identity DeterministicRuntime::rename(Identity identity) {
  if (observer_ != nullptr) observer_->renamed(identity.lineage);
  return std::exchange(this->identity(), std::move(identity));
}

bool DeterministicRuntime::may_presume() const {
  return observer_ != nullptr && observer_->presumes();
}

void DeterministicRuntime::note_failed_presumption() {
  if (observer_ != nullptr) observer_->presumption_failed();
}

void DeterministicRuntime::note_order(Lineage earlier, Lineage later) {
  if (observer_ == nullptr) return;
  observer_->woken(later == 0 ? lineage() : later, earlier == 0 ? lineage() : earlier);
}

// The current task is about to do what `step` says. Returns when it may.
void DeterministicRuntime::take_step(const Step& step) {
  FiberTask& task = current_fiber();
  task.next = step;
  if (seeing_ != nullptr) {
    Event* const chosen = choose(&task);
    if (chosen != &task.resume_event) {
      chosen_ = chosen;
      make_ready(task.resume_event, Ready::preempted);
      switch_away();
      return;
    }
  }
  // run() stops the machine then.
  while (steps_left_ == 0) switch_away();
  spend_step(Choice::What::running);
}

// The current task takes its step.
void DeterministicRuntime::spend_step(Choice::What what) {
  --steps_left_;
  if (!watched()) [[likely]]
    return;
  FiberTask& task = current_fiber();
  if (observer_ != nullptr) observer_->took_step(choice_of(task.resume_event, what), now_);
  ++task.identity.steps;
}

void DeterministicRuntime::note_kind(dmcore::AccessKind kind) {
  if (observer_ != nullptr) observer_->turned_out(kind);
}

Choice DeterministicRuntime::choice_of(const Event& event, Choice::What what) {
  if (event.resumes == nullptr) {
    return {.what = what,
            .kind = event.kind,
            .lineage = event.lineage,
            .steps = 0,
            .label = event.name,
            .housekeeping = event.housekeeping,
            .next = {dmcore::Point::begin, event.name, event.access, {}}};
  }
  const auto& task = static_cast<const FiberTask&>(*event.resumes);
  return {.what = what,
          .kind = task.kind,
          .lineage = task.identity.lineage,
          .steps = task.identity.steps,
          .label = task.name,
          .housekeeping = false,
          .next = task.next};
}

void DeterministicRuntime::collect_choices(FiberTask* running) {
  choices_.clear();
  candidates_.clear();
  if (running != nullptr) {
    candidates_.push_back(&running->resume_event);
    choices_.push_back(choice_of(running->resume_event, Choice::What::running));
  }
  for (Event& event : ready_) {
    candidates_.push_back(&event);
    choices_.push_back(choice_of(event, Choice::What::ready));
  }
  if (wants_.time && !timed_.empty()) collect_deadlines();
}

void DeterministicRuntime::collect_deadlines() {
  const auto first = static_cast<std::ptrdiff_t>(candidates_.size());
  bool any_order = false;
  timed_.for_each_earliest([&](Event* event) {
    candidates_.push_back(event);
    any_order = any_order || event->unordered != nullptr;
  });
  if (wants_.disk_order && any_order) {
    const dmcore::Time earliest = timed_.earliest().when;
    const auto end = static_cast<std::ptrdiff_t>(candidates_.size());
    for (Event* event : timed_.events()) {
      const auto as_early = [event](const Event* other) { return other->unordered == event->unordered; };
      if (event->when != earliest && event->unordered != nullptr &&
          std::any_of(candidates_.begin() + first, candidates_.begin() + end, as_early))
        candidates_.push_back(event);
    }
  }
  std::sort(candidates_.begin() + first, candidates_.end(), EventHeap::earlier);
  for (auto event = candidates_.begin() + first; event != candidates_.end(); ++event)
    choices_.push_back(choice_of(**event, Choice::What::deadline));
}

// The event whose turn it is. `running`: the current task, if it can go on.
Event* DeterministicRuntime::choose(FiberTask* running) {
  collect_choices(running);
  if (choices_.size() == 1 && !wants_.every_step) return candidates_.front();
  try {
    const std::size_t index = seeing_->choose({choices_, now_, lineages_});
    if (index < candidates_.size()) return candidates_[index];
    throw std::out_of_range(fmt::format("the strategy chose {} of {} choices", index, candidates_.size()));
  } catch (...) {
    failure_ = std::current_exception();
  }
  if (running == nullptr) check_for_violation();
  // run() passes the exception on; this task is only resumed to be unwound.
  for (;;) switch_away();
}

}  // namespace sim
