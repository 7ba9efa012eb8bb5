// SPDX-License-Identifier: GPL-2.0-or-later
// Programs of a few tasks and steps, of which all schedules can be run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/runtime/deterministic.h"
#include "sim/schedules/director.h"
#include "sim/schedules/engine.h"

namespace test {

// What a task of a tiny program does, in words: "inc a", "read a", "set a", "last a" (atomic_dec_and_test),
// "lock", "unlock", "mutex", "unmutex", "wait" (for a completion), "complete". Some make no difference at
// times:
//
//   "turn on", "swap on" (test_and_set_bit()), "turn off": a flag
//   "done a": Atomic::dec_and_test_if(); whether it was the last, if the flag is set
//   "take bit", "await bit": wait_on_bit_lock(), wait_on_bit()
//   "clear bit": clear_bit() and wake_up_bit(); "clear late": the wrong way round
//   "enter", "leave": up and down, "idle": Atomic::is_zero_and() of the flag
//   "until none": waits until as many have left as have entered; "leave last": leaves, and wakes those, by
//   Atomic::dec_and_test_if() and is_zero_to_wait(); "leave late": the wrong way round
//   "let in": if the bit is set, waits for it without the mutex
//   "queue": a work item that reads a and adds to b; "flush": flush_workqueue()
using TinyTask = std::vector<std::string>;
using TinyProgram = std::vector<TinyTask>;

// "0:inc a, read a 1:set b"
std::string to_string(const TinyProgram& program);

// Each task has two to four steps, and there are two or three of them.
TinyProgram random_tiny_program(std::uint64_t seed);

// One to three steps, of which some are in a lock, wait for it, or make no difference at times.
TinyProgram random_waiting_program(std::uint64_t seed);

// One to three steps, of which those of "idle" make no difference while the flag is clear. In most of them it
// is never set.
TinyProgram random_idle_program(std::uint64_t seed);

// One to five steps, with waits until none is inside or a work item has run.
TinyProgram random_emptying_program(std::uint64_t seed);

struct TinyRun {
  std::string seen;               // all values that tasks have read, and which of them wait for ever
  std::uint64_t fingerprint = 0;  // of its class
  bool whole = false;             // the engine has not abandoned it
};
// Once, on a runtime with that director as its strategy and observer. Returns TinyRun::seen.
std::string perform(const TinyProgram& program, sim::DeterministicRuntime& runtime,
                    sim::schedules::Director& director);
// Once, under a schedule of the engine, which has begun a run.
TinyRun run_tiny_program(const TinyProgram& program, sim::schedules::Engine& engine);

// Takes each choice at each step.
class EveryChoice final : public sim::schedules::Engine {
 public:
  enum class Locks : std::uint8_t {
    contended,  // also tries to take what another task holds
    free,       // not so: those are left out that would only wait (Step::waits_now())
  };
  explicit EveryChoice(Locks locks = Locks::contended) : locks_(locks) {}
  [[nodiscard]] sim::Wants wants() const override { return {.every_step = true, .parallel_work = true}; }
  bool begin() override;
  std::size_t choose(const sim::Situation& situation) override;

 private:
  struct Point {
    std::size_t chosen = 0;
    std::vector<std::size_t> choices;
  };
  Locks locks_;
  std::vector<Point> points_;
  std::size_t depth_ = 0;
  bool begun_ = false;
};

}  // namespace test
