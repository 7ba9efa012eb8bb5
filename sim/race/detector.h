// SPDX-License-Identifier: GPL-2.0-or-later
// Finds accesses of two tasks to the same bytes, one of them a write, with nothing that orders them.
//
// Which of them came first in this run does not matter, nor that they were far apart: on another processor,
// or under another schedule, they can meet. As in FastTrack and ThreadSanitizer each task has a vector clock;
// what it releases carries the clock to each task that acquires it.
//
// Each work item counts as a task, although a worker runs many. There may be any number of tasks, and clocks
// have a slot for each; so tasks that have ended give their slots to later ones, the oldest first. What
// others know of the earlier task then counts as known of the later one: races over more than `slots_kept`
// tasks may be missed, none is reported falsely.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "dmcore/kernel/runtime.h"

#include "sim/race/call_paths.h"
#include "sim/race/clock.h"
#include "sim/race/shadow.h"

namespace sim::race {

class Detector;

// What is known of a task while it runs.
struct TaskState {
  Detector* detector = nullptr;
  const dmcore::Task* task = nullptr;
  Slot slot = 0;
  Epoch epoch = 0;      // its own, now
  Epoch first = 0;      // its first one: earlier ones of the slot are those of other tasks
  Epoch inherited = 0;  // the last one of those that it knows
  Clock clock{};
  Clock at_barrier{};  // its clock at its last full barrier: what unordered stores carry
  Clock from_loads{};  // what unordered loads have seen, for its next barrier
  Clock from_wakers{};
  unsigned unchecked = 0;  // scopes
  std::uint32_t path = 0;
  std::uint32_t locks = 0;
  bool locks_known = false;  // `locks` is what it holds
  std::span<const std::byte> stack{};
  std::size_t task_bytes = 0;

  void learn(const Clock& other);
  // Whether an access of the machine is one of its own, or happened before.
  [[nodiscard]] bool knows(const Cell& cell) const {
    if (cell.slot == slot) return cell.epoch >= first || cell.epoch <= inherited;
    return cell.epoch <= clock.of(cell.slot);
  }
};

// That of this OS thread. Null while no task runs: then accesses are not looked at.
extern thread_local TaskState* running;

class Detector {
 public:
  explicit Detector(dmcore::Runtime& runtime);

  // See Hooks. Called while no task runs or by the one that runs.
  void begins(const dmcore::Task& task, std::size_t task_bytes, std::span<const std::byte> stack,
              const dmcore::Event* event);
  void ends(const dmcore::Task& task);
  void runs(const dmcore::Task* task);
  void posted(const dmcore::Event& event);
  void wakes(const dmcore::Task& task);
  void stop() { stopped_ = true; }

  // See order.h. `state` is running.
  void release(TaskState& state, const void* object);
  void acquire(TaskState& state, const void* object);
  void load(TaskState& state, const void* object);
  void store(TaskState& state, const void* object);
  void modify(TaskState& state, const void* object);
  void modify_per_cpu(TaskState& state, const void* object);
  void full_barrier(TaskState& state);
  void begins_work(TaskState& state, const void* item);

  // `place` is the address after the access.
  void access(TaskState& state, std::uintptr_t address, std::size_t bytes, bool write, const void* place);
  void enters(TaskState& state, const void* called_from) {
    state.path = paths_.child(state.path, reinterpret_cast<std::uintptr_t>(called_from));
  }
  void leaves(TaskState& state) { state.path = paths_.parent(state.path); }

 private:
  // A task that has or had a slot, for reports.
  struct Tenant {
    Epoch first;
    std::uint64_t id;
    std::string name;
    dmcore::TaskKind kind;
  };
  struct SlotState {
    Epoch next = 1;
    std::vector<Tenant> tenants;  // by epoch; the last `tenants_max` at most
  };
  static constexpr std::size_t slots_kept = 192;
  // Of a task that is forgotten the report says "a task". Long runs have many millions.
  static constexpr std::size_t tenants_max = 1024;
  // The granule's mask of an access, and where it is.
  struct Part {
    std::uintptr_t address;
    std::uint8_t mask;
  };

  void start(TaskState& state);
  void next_epoch(TaskState& state);
  void access_granule(TaskState& state, Part part, bool write, const void* place);
  [[nodiscard]] Cell cell_of(TaskState& state, std::uint8_t mask, bool write, const void* place);
  void know_locks(TaskState& state);
  template <class Use>
  void with_clock(const void* object, Use use);

  // report.cpp
  static std::uint32_t place_number(const void* place);
  void report(const Cell& now, const Cell& earlier);
  [[nodiscard]] std::string describe_access(const Cell& cell) const;
  [[nodiscard]] std::string describe_task(const Cell& cell) const;

  dmcore::Runtime& runtime_;
  MachineId id_;
  bool stopped_ = false;
  bool reported_ = false;
  std::unordered_map<const dmcore::Task*, TaskState> states_;
  std::deque<SlotState> slots_;
  std::deque<Slot> free_slots_;  // the one that was given up first is the first
  Paths paths_;                  // steps: addresses that functions return to
  Paths lock_sets_;              // steps: the locks' names
};

}  // namespace sim::race
