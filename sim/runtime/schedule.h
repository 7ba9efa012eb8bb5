// SPDX-License-Identifier: GPL-2.0-or-later
// Schedules as options, for the command line and for replaying failures.
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>

#include "sim/runtime/strategy.h"

namespace sim {

struct Schedule {
  enum class Kind : std::uint8_t { fifo, random };
  Kind kind = Kind::fifo;
  std::uint64_t seed = 0;  // of a random schedule
};

// As options of the command line.
inline std::ostream& operator<<(std::ostream& out, const Schedule& schedule) {
  if (schedule.kind == Schedule::Kind::fifo) return out << "--schedule fifo";
  return out << "--schedule random --seed " << schedule.seed;
}

inline std::unique_ptr<Strategy> make_strategy(const Schedule& schedule) {
  if (schedule.kind == Schedule::Kind::random) return std::make_unique<RandomStrategy>(schedule.seed);
  return std::make_unique<FifoStrategy>();
}

}  // namespace sim
