// SPDX-License-Identifier: GPL-2.0-or-later
// The choice of the next task, which is all that distinguishes schedules.
#pragma once

#include <cstdint>
#include <memory>
#include <random>

#include "dmcore/kernel/runtime.h"

namespace sim {

class Strategy {
 public:
  Strategy() = default;
  Strategy(const Strategy&) = delete;
  Strategy& operator=(const Strategy&) = delete;
  virtual ~Strategy() = default;

  // The index of the task to run of `ready` ones, in the order in which they became ready. `ready` is at
  // least 1.
  virtual std::size_t pick(std::size_t ready) = 0;
  // Whether preempt() is called at all. Constant.
  [[nodiscard]] virtual bool preemptive() const = 0;
  // Whether the current task is preempted at this schedule point. Called if another task is ready.
  virtual bool preempt(dmcore::Point point) = 0;
};

// First in, first out, without preemption.
class FifoStrategy final : public Strategy {
 public:
  std::size_t pick(std::size_t) override { return 0; }
  [[nodiscard]] bool preemptive() const override { return false; }
  bool preempt(dmcore::Point) override { return false; }
};

// A random schedule: a task may be preempted at every schedule point, and any ready task may be next. The C++
// standard defines the sequence of the generator, so a seed gives the same schedule everywhere.
class RandomStrategy final : public Strategy {
 public:
  explicit RandomStrategy(std::uint64_t seed) : random_(seed) {}
  std::size_t pick(std::size_t ready) override { return ready == 1 ? 0 : random_() % ready; }
  [[nodiscard]] bool preemptive() const override { return true; }
  bool preempt(dmcore::Point) override { return random_() % preempt_one_in == 0; }

 private:
  static constexpr std::uint64_t preempt_one_in = 4;
  std::mt19937_64 random_;
};

}  // namespace sim
