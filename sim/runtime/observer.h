// SPDX-License-Identifier: GPL-2.0-or-later
// Sees all that happens in a run, whatever the strategy, and changes nothing.
#pragma once

#include "sim/runtime/strategy.h"

namespace sim {

class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;

  // The task takes the step: what happens until the next call is done by it. With what == deadline it begins
  // because its time has come, at the first moment at which nothing else could run, or before.
  virtual void took_step(const Choice& step, dmcore::Time now) = 0;
  // The step that was taken last turned out to be of that kind: see Runtime::left(). Before all that happens
  // after it.
  virtual void turned_out(dmcore::AccessKind kind) { (void)kind; }
  // `parent` (0: none) has started, posted or queued the task `child`.
  virtual void created(dmcore::Lineage parent, dmcore::Lineage child) { (void)parent, (void)child; }
  // It waits for what task.waiting_for says, and takes the step `then` when it is woken.
  virtual void blocked(dmcore::Lineage lineage, const dmcore::Task& task, const dmcore::Step& then) {
    (void)lineage, (void)task, (void)then;
  }
  // `by` (0: none) made it ready again.
  virtual void woken(dmcore::Lineage lineage, dmcore::Lineage by) { (void)lineage, (void)by; }
  virtual void ended(dmcore::Lineage lineage) { (void)lineage; }
  // Runtime::presumes() and presumption_failed().
  [[nodiscard]] virtual bool presumes() const { return false; }
  virtual void presumption_failed() {}
  // The task that runs is called so from here on.
  virtual void renamed(dmcore::Lineage lineage) { (void)lineage; }
};

}  // namespace sim
