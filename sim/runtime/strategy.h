// SPDX-License-Identifier: GPL-2.0-or-later
// Who runs next: the one decision that makes one schedule differ from another.
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

  // Which of `ready` tasks (at least one), in the order in which they became ready, runs now.
  virtual std::size_t pick(std::size_t ready) = 0;
  // Whether schedule points are asked about at all; constant.
  [[nodiscard]] virtual bool preemptive() const = 0;
  // Whether the running task makes way at this point. Only asked when another task could run.
  virtual bool preempt(dmcore::Point point) = 0;
};

// First in, first out: tasks run until they wait.
class FifoStrategy final : public Strategy {
 public:
  std::size_t pick(std::size_t) override { return 0; }
  [[nodiscard]] bool preemptive() const override { return false; }
  bool preempt(dmcore::Point) override { return false; }
};

// A seeded random schedule: at every schedule point a task may lose its processor, and any ready one may get
// it. The generator is one whose sequence the C++ standard fixes, so a seed means the same everywhere.
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
