// SPDX-License-Identifier: GPL-2.0-or-later
// One preemption, at each step in turn: what happens if others run just there.
#pragma once

#include <functional>
#include <memory>

#include "sim/runtime/strategy.h"

namespace test {

// Where the running task is preempted: at its n-th step from arm() on.
class Preemption {
 public:
  explicit Preemption(unsigned step) : left_(step) {}
  void arm() { armed_ = true; }
  [[nodiscard]] bool happened() const { return happened_; }

  // First in, first out, but for the preemption, which must outlive the machine. A step at which no other
  // task is ready does not count.
  std::unique_ptr<sim::Strategy> strategy() { return std::make_unique<Strategy>(*this); }

 private:
  class Strategy final : public sim::SeeingStrategy {
   public:
    explicit Strategy(Preemption& preemption) : preemption_(preemption) {}
    std::size_t choose(const sim::Situation& situation) override {
      const bool others =
          situation.choices.size() > 1 && situation.choices.front().what == sim::Choice::What::running;
      return others && preemption_.is_now() ? 1 : 0;
    }

   private:
    Preemption& preemption_;
  };

  bool is_now() {
    if (!armed_ || happened_ || left_-- != 0) return false;
    happened_ = true;
    return true;
  }

  unsigned left_;
  bool armed_ = false;
  bool happened_ = false;
};

// Calls `run` with a preemption at the first step, the second one and so on, until one is not reached.
// Returns how many were.
inline unsigned at_every_step(const std::function<void(Preemption&)>& run) {
  for (unsigned step = 0;; ++step) {
    Preemption preemption(step);
    run(preemption);
    if (!preemption.happened()) return step;
  }
}

}  // namespace test
