// SPDX-License-Identifier: GPL-2.0-or-later
// A way to choose schedules: one run after the other, each under another schedule.
#pragma once

#include "sim/runtime/strategy.h"

namespace sim::schedules {

// What those want that look at more than the order of steps: time races with tasks, completions of a disk
// with each other, and work items run at once.
inline constexpr Wants everything_races = {
    .every_step = false, .time = true, .disk_order = true, .parallel_work = true};

class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;

  // What its runs may choose. Constant.
  [[nodiscard]] virtual Wants wants() const = 0;
  // Before each run. False if there is none left: all have been run.
  virtual bool begin() = 0;
  // After each run.
  virtual void end() {}

  // How many choices at the beginning of the run that has begun are those of the run before it. What happens
  // up to the next one is the same, too.
  [[nodiscard]] virtual std::size_t same_choices() const { return 0; }
  // Before the run: it is continued before the choice of that number, of those that are the same or the first
  // one that is not. What came before is neither asked for nor shown again.
  virtual void continues_at(std::size_t choice) { (void)choice; }

  // Within the part of the run that is explored: the index of the choice that takes its step, as in
  // SeeingStrategy::choose(). May throw Abandoned.
  virtual std::size_t choose(const Situation& situation) = 0;

  // The same part, as an observer sees it.
  virtual void took_step(const Choice& step, dmcore::Time now) { (void)step, (void)now; }
  virtual void turned_out(dmcore::AccessKind kind) { (void)kind; }
  [[nodiscard]] virtual bool presumes() const { return false; }
  virtual void presumption_failed() {}
  virtual void created(dmcore::Lineage parent, dmcore::Lineage child) { (void)parent, (void)child; }
  virtual void woken(dmcore::Lineage lineage, dmcore::Lineage by) { (void)lineage, (void)by; }
};

// This run would show nothing new.
struct Abandoned {};

}  // namespace sim::schedules
