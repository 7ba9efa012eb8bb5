// SPDX-License-Identifier: GPL-2.0-or-later
// The order of the steps of one run: which come before which in every run of the same class. A step comes
// after those that its task took before, after the one that created or woke its task, and after those whose
// order with it can be seen (dmcore::conflict(), by what they turned out to be).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dmcore/kernel/runtime.h"
#include "dmcore/kernel/step.h"

#include "sim/schedules/touch_log.h"

namespace sim::schedules {

class HappensBefore {
  // Of each task, how many of its steps.
  using Clock = std::vector<std::uint32_t>;

 public:
  using Number = TouchLog::Number;  // of a step, from 0 on
  // Two steps of different tasks that conflict, and nothing else orders them: they could be exchanged. Not
  // if the second one waits for the first: then it races with what it had to wait for, such as the taking of
  // a lock.
  struct Race {
    Number first = 0;
    Number second = 0;
  };

  // What is known at some moment of a run.
  class Place {
    friend class HappensBefore;
    std::size_t steps_ = 0;
    std::size_t clocks_ = 0;
    std::size_t touches_ = 0;
    std::size_t races_ = 0;
    std::vector<Clock> known_;
    Clock taken_;
  };

  void clear();
  // Before a step.
  [[nodiscard]] Place place();
  // Forgets what came after it.
  void back_to(const Place& place);
  void took_step(dmcore::Lineage task, const dmcore::Step& step);
  // The last of them, before anything else is noted.
  void turned_out(dmcore::AccessKind kind) {
    if (last_) last_->second.access.kind = kind;
  }
  // After the last step.
  void finish() { add_last(); }
  void created(dmcore::Lineage parent, dmcore::Lineage child);
  void woken(dmcore::Lineage lineage, dmcore::Lineage by);
  // What has been taken comes before all that will be.
  void barrier();

  // All that follows is for a run that is finished.
  [[nodiscard]] Number size() const { return static_cast<Number>(steps_.size()); }
  [[nodiscard]] dmcore::Lineage task(Number step) const { return lineages_[steps_[step].task]; }
  [[nodiscard]] const dmcore::Step& step(Number step) const { return steps_[step].step; }
  // Whether `a` comes before `b` in each of these runs. a < b.
  [[nodiscard]] bool before(Number a, Number b) const;
  // In the order of their second steps.
  [[nodiscard]] const std::vector<Race>& races() const { return races_; }
  // Equal for two runs of the same class; 64 bits, which are equal for others by chance only.
  [[nodiscard]] std::uint64_t fingerprint() const;

 private:
  using ClockView = std::span<const std::uint32_t>;
  struct Taken {
    std::uint32_t task = 0;
    std::uint32_t of_task = 0;  // it is the n-th of its task, from 0 on
    dmcore::Step step;
    // Those that come before it, and itself: of so many tasks, from there on in clocks_.
    std::size_t clock = 0;
    std::uint32_t tasks = 0;
  };
  void add_last();
  [[nodiscard]] ClockView after(const Taken& step) const { return {clocks_.data() + step.clock, step.tasks}; }
  [[nodiscard]] static bool knows(ClockView clock, const Taken& step) {
    return step.task < clock.size() && clock[step.task] > step.of_task;
  }
  void add_race(Number first, const dmcore::Step& step, ClockView clock);
  std::uint32_t number_of(dmcore::Lineage lineage);
  static void join(Clock& clock, ClockView other);

  // The last step and its task, not among the others yet: what it turns out to be is known once it is done.
  std::optional<std::pair<dmcore::Lineage, dmcore::Step>> last_;
  std::vector<Taken> steps_;
  std::vector<std::uint32_t> clocks_;
  std::vector<dmcore::Lineage> lineages_;  // by the number of a task
  std::unordered_map<dmcore::Lineage, std::uint32_t> tasks_;
  std::vector<Clock> known_;  // of each task
  Clock taken_;
  TouchLog touched_;
  std::vector<Race> races_;
  std::vector<Number> conflicts_;  // of the step that is added
  Clock clock_;                    // what it knows
};

}  // namespace sim::schedules
