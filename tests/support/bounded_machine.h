// SPDX-License-Identifier: GPL-2.0-or-later
// A machine for inputs that nobody has looked at: it stops after so many steps, and whoever uses it learns
// how it ended.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sim/machine/machine.h"

namespace test {

// Thrown out of the machine's run() when it has used up its steps.
struct OutOfSteps {};

// First in, first out, for so many turns: a turn is what one task does until it waits.
class StepLimit final : public sim::Strategy {
 public:
  explicit StepLimit(std::uint64_t steps) : left_(steps) {}
  std::size_t pick(std::size_t) override {
    if (left_-- == 0) throw OutOfSteps();
    return 0;
  }
  [[nodiscard]] bool preemptive() const override { return false; }
  bool preempt(dmcore::Point) override { return false; }

 private:
  std::uint64_t left_;
};

// How a machine ended.
struct Ending {
  enum class Kind : std::uint8_t {
    finished,
    out_of_steps,
    waits,    // what it waits for never comes, and would not come to a real kernel either
    stopped,  // it broke a rule, or waits for something that should have come
  };
  Kind kind = Kind::finished;
  std::string report;  // of a machine that waits or is stopped
};

class BoundedMachine {
 public:
  explicit BoundedMachine(std::uint64_t steps) : machine_(std::make_unique<StepLimit>(steps)) {}

  [[nodiscard]] sim::Machine& machine() { return machine_; }
  // Calls `use`, which runs the machine.
  Ending end_of(const std::function<void()>& use);

 private:
  // Somebody may wait for ever: a device is suspended, or a program waits for an event.
  [[nodiscard]] bool may_wait(const std::string& report);

  sim::Machine machine_;
};

}  // namespace test
