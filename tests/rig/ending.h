// SPDX-License-Identifier: GPL-2.0-or-later
// How a machine ended that was given anything to do.
#pragma once

#include <cstdint>
#include <string>

#include "sim/runtime/strategy.h"

namespace test {

// Thrown out of a machine's run() when it has used up its steps.
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

struct Ending {
  enum class Kind : std::uint8_t {
    finished,
    out_of_steps,
    waits,    // for what never comes, and would not come on a real kernel either
    stopped,  // it broke a rule, or waits for what should have come
  };
  Kind kind = Kind::finished;
  std::string report;  // of a machine that waits or is stopped
};

}  // namespace test
