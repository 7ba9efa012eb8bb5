// SPDX-License-Identifier: GPL-2.0-or-later
// The choice of the next task, which is all that distinguishes schedules.
//
// A blind strategy chooses by number; that is cheap, and all that first in, first out needs. One that sees is
// asked at each step of each task, and knows what every task that can run would do next.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <span>
#include <string_view>

#include "dmcore/kernel/runtime.h"

#include "sim/runtime/lineage.h"

namespace sim {

// Either a BlindStrategy or a SeeingStrategy.
class Strategy {
 public:
  Strategy(const Strategy&) = delete;
  Strategy& operator=(const Strategy&) = delete;
  virtual ~Strategy() = default;

 private:
  Strategy() = default;
  friend class BlindStrategy;
  friend class SeeingStrategy;
};

class BlindStrategy : public Strategy {
 public:
  // The index of the task to run of `ready` ones, in the order of their turns. `ready` is at
  // least 1.
  virtual std::size_t pick(std::size_t ready) = 0;
  // Whether preempt() is called at all. Constant.
  [[nodiscard]] virtual bool preemptive() const = 0;
  // Whether the current task is preempted at this schedule point. Called if another task is ready.
  virtual bool preempt() = 0;
};

// First in, first out, without preemption, but for what Linux's fair scheduler makes of new threads
// (dmcore::Vruntime).
class FifoStrategy final : public BlindStrategy {
 public:
  std::size_t pick(std::size_t) override { return 0; }
  [[nodiscard]] bool preemptive() const override { return false; }
  bool preempt() override { return false; }
};

// A random schedule: a task may be preempted at every schedule point, and any ready task may be next. The C++
// standard defines the sequence of the generator, so a seed gives the same schedule everywhere.
class RandomStrategy final : public BlindStrategy {
 public:
  explicit RandomStrategy(std::uint64_t seed) : random_(seed) {}
  std::size_t pick(std::size_t ready) override { return ready == 1 ? 0 : random_() % ready; }
  [[nodiscard]] bool preemptive() const override { return true; }
  bool preempt() override { return random_() % preempt_one_in == 0; }

 private:
  static constexpr std::uint64_t preempt_one_in = 4;
  std::mt19937_64 random_;
};

// A task that can take a step, and the step.
struct Choice {
  enum class What : std::uint8_t {
    running,   // it takes its step without interruption
    ready,     // it can run
    deadline,  // it runs when its time comes; choosing it lets time pass to there
  };
  What what = What::ready;
  dmcore::TaskKind kind = dmcore::TaskKind::process;
  dmcore::Lineage lineage = 0;
  std::uint32_t steps = 0;    // that it has taken as this lineage
  const char* label = "";     // the last word of its lineage, mostly; valid during the call
  bool housekeeping = false;  // a deadline that comes again and again, whatever happens
  dmcore::Step next;

  [[nodiscard]] std::string_view name() const { return label; }
};

// What a strategy chooses from.
struct Situation {
  // The running task first, if it can go on, then those that are ready in the order of their turns, then
  // deadlines in the order of their times. So 0 everywhere is what FifoStrategy does.
  std::span<const Choice> choices;
  dmcore::Time now;
  const Lineages& lineages;

  // Whether each task that can take a step would only wait then (dmcore::Step::waits_now()).
  [[nodiscard]] bool all_wait() const {
    return std::all_of(choices.begin(), choices.end(),
                       [](const Choice& choice) { return choice.next.waits_now(); });
  }
};

// What a strategy that sees can have besides. Constant.
struct Wants {
  // To be asked when there is one choice only.
  bool every_step = false;
  // That time races with tasks: at each step the earliest deadline is a choice; if there are several at the
  // same time, each.
  bool time = false;
  // With `time`: together with the earliest deadline those that have no order with it (Event::unordered),
  // such as the other requests that the same disk has in flight.
  bool disk_order = false;
  // That work items run as if each were queued on a processor of its own (Runtime::parallel_work()).
  bool parallel_work = false;

  friend bool operator==(const Wants&, const Wants&) = default;
};

class SeeingStrategy : public Strategy {
 public:
  [[nodiscard]] virtual Wants wants() const { return {}; }
  // The index of the choice that takes its step. What it throws stops the machine and leaves run().
  virtual std::size_t choose(const Situation& situation) = 0;
};

}  // namespace sim
