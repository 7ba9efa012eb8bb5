// SPDX-License-Identifier: GPL-2.0-or-later
// What the runtime tells the search for data races: which task runs, and what its beginnings, posts and
// wake-ups order. In builds other than the preset `race` this is no code.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "dmcore/kernel/runtime.h"

namespace sim::race {

#ifdef DMSIM_RACE

class Detector;

// One for each runtime. Reports are violations of it.
class Hooks {
 public:
  explicit Hooks(dmcore::Runtime& runtime);
  ~Hooks();
  Hooks(const Hooks&) = delete;
  Hooks& operator=(const Hooks&) = delete;

  // A task begins, after what the running one has done; or after `event` was posted. `task_bytes` is the
  // object, which other tasks have used before, as they have the stack.
  void begins(const dmcore::Task& task, std::size_t task_bytes, std::span<const std::byte> stack,
              const dmcore::Event* event = nullptr);
  void ends(const dmcore::Task& task);
  // The task that runs now; null: none.
  void runs(const dmcore::Task* task);

  void posted(const dmcore::Event& event);
  void cancelled(const dmcore::Event& event);
  // The running task wakes another; the running task was woken.
  void wakes(const dmcore::Task& task);
  void woken();

  // From now on nothing is looked at: tasks are unwound.
  void stop();

 private:
  std::unique_ptr<Detector> detector_;
};

#else

class Hooks {
 public:
  constexpr explicit Hooks(dmcore::Runtime&) {}
  constexpr void begins(const dmcore::Task&, std::size_t, std::span<const std::byte>,
                        const dmcore::Event* = nullptr) {}
  constexpr void ends(const dmcore::Task&) {}
  constexpr void runs(const dmcore::Task*) {}
  constexpr void posted(const dmcore::Event&) {}
  constexpr void cancelled(const dmcore::Event&) {}
  constexpr void wakes(const dmcore::Task&) {}
  constexpr void woken() {}
  constexpr void stop() {}
};

#endif

}  // namespace sim::race
