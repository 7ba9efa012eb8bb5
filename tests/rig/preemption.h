// SPDX-License-Identifier: GPL-2.0-or-later
// One preemption, at each step in turn: what happens if others run just there.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "sim/runtime/strategy.h"

namespace test {

// Where the running task is preempted: at its n-th step from arm() on.
class Preemption {
 public:
  // Then any other task runs, if one is ready; a step at which none is does not count. With an `intruder` it
  // is the task of that name, which sleeps until then, and runs until it waits or ends.
  explicit Preemption(unsigned step, std::string intruder = {})
      : left_(step), intruder_(std::move(intruder)) {}
  void arm() { armed_ = true; }
  [[nodiscard]] bool happened() const { return happened_; }

  // First in, first out, but for the preemption, which must outlive the machine.
  std::unique_ptr<sim::Strategy> strategy() { return std::make_unique<Strategy>(*this); }

 private:
  class Strategy final : public sim::SeeingStrategy {
   public:
    explicit Strategy(Preemption& preemption) : preemption_(preemption) {}
    [[nodiscard]] sim::Wants wants() const override { return {.time = !preemption_.intruder_.empty()}; }
    std::size_t choose(const sim::Situation& situation) override { return preemption_.choose(situation); }

   private:
    Preemption& preemption_;
  };

  std::size_t choose(const sim::Situation& situation) {
    const std::span<const sim::Choice> choices = situation.choices;
    if (happened_) return index_of(choices, intruder_).value_or(0);
    const bool running = choices.size() > 1 && choices.front().what == sim::Choice::What::running;
    if (!running || !armed_) return 0;
    // The end of its sleep.
    const std::optional<std::size_t> next = intruder_.empty() ? 1 : index_of(choices, "alarm");
    if (!next || left_-- != 0) return 0;
    happened_ = true;
    return *next;
  }
  static std::optional<std::size_t> index_of(std::span<const sim::Choice> choices, std::string_view name) {
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (choices[i].name() == name) return i;
    }
    return std::nullopt;
  }

  unsigned left_;
  std::string intruder_;
  bool armed_ = false;
  bool happened_ = false;
};

// Calls `run` with a preemption at the first step, the second one and so on, until one is not reached.
// Returns how many were.
inline unsigned at_every_step(const std::function<void(Preemption&)>& run, const std::string& intruder = {}) {
  for (unsigned step = 0;; ++step) {
    Preemption preemption(step, intruder);
    run(preemption);
    if (!preemption.happened()) return step;
  }
}

}  // namespace test
