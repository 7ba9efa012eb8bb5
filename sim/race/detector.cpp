// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/race/detector.h"

#include <algorithm>
#include <atomic>

namespace sim::race {

thread_local TaskState* running = nullptr;

namespace {

// Numbers of machines that lived long ago are used again: what is remembered of their memory was forgotten
// when it was freed.
MachineId next_machine() {
  static std::atomic<MachineId> last{0};
  MachineId id = 0;
  while (id == 0 || id == racy_bytes) id = ++last;
  return id;
}

std::uintptr_t address_of(const void* object) {
  return reinterpret_cast<std::uintptr_t>(object);
}

}  // namespace

void TaskState::learn(const Clock& other) {
  inherited = std::max(inherited, std::min(other.of(slot), first - 1));
  clock.join(other);
}

Detector::Detector(dmcore::Runtime& runtime) : runtime_(runtime), id_(next_machine()) {}

template <class Use>
void Detector::with_clock(const void* object, Use use) {
  shadow::page(address_of(object)).with_clock(address_of(object), id_, use);
}

// Gives a task a slot and a clock that knows nothing. Others have used its memory before.
void Detector::start(TaskState& state) {
  shadow::forget(state.stack.data(), state.stack.size());
  shadow::forget(state.task, state.task_bytes);
  if (free_slots_.size() >= slots_kept) {
    state.slot = free_slots_.front();
    free_slots_.pop_front();
  } else {
    state.slot = static_cast<Slot>(slots_.size());
    slots_.emplace_back();
  }
  SlotState& slot = slots_[state.slot];
  state.first = state.epoch = slot.next++;
  state.clock.set(state.slot, state.epoch);
  if (slot.tenants.size() == tenants_max) {
    slot.tenants.erase(slot.tenants.begin(), slot.tenants.begin() + tenants_max / 2);
  }
  slot.tenants.push_back({state.first, state.task->id, state.task->name, state.task->kind});
}

void Detector::begins(const dmcore::Task& task, std::size_t task_bytes, std::span<const std::byte> stack,
                      const dmcore::Event* event) {
  TaskState& state = states_[&task];
  state = TaskState{.detector = this, .task = &task, .stack = stack, .task_bytes = task_bytes};
  start(state);
  if (event != nullptr) {
    acquire(state, event);
  } else if (running != nullptr) {
    state.learn(running->clock);
    next_epoch(*running);
  }
}

void Detector::ends(const dmcore::Task& task) {
  TaskState& state = states_[&task];
  free_slots_.push_back(state.slot);
  if (running == &state) running = nullptr;
}

void Detector::runs(const dmcore::Task* task) {
  running = task == nullptr || stopped_ ? nullptr : &states_[task];
}

// An event belongs to one post at a time: what was known at the one before does not count.
void Detector::posted(const dmcore::Event& event) {
  with_clock(&event, [](Clock& clock) { clock = running != nullptr ? running->clock : Clock(); });
  if (running != nullptr) next_epoch(*running);
}

void Detector::wakes(const dmcore::Task& task) {
  if (running == nullptr) return;
  states_[&task].from_wakers.join(running->clock);
  next_epoch(*running);
}

// A worker begins an item: it knows what those knew who queued the item, but nothing of the items before.
void Detector::begins_work(TaskState& state, const void* item) {
  free_slots_.push_back(state.slot);
  state =
      TaskState{.detector = this, .task = state.task, .stack = state.stack, .task_bytes = state.task_bytes};
  start(state);
  acquire(state, item);
}

void Detector::next_epoch(TaskState& state) {
  state.epoch = slots_[state.slot].next++;
  state.clock.set(state.slot, state.epoch);
}

// --- order.h ---------------------------------------------------------------------------------------------

// Locks are taken and given back where something is acquired and released.
void Detector::release(TaskState& state, const void* object) {
  state.locks_known = false;
  with_clock(object, [&](Clock& clock) { clock.join(state.clock); });
  next_epoch(state);
}

void Detector::acquire(TaskState& state, const void* object) {
  state.locks_known = false;
  with_clock(object, [&](const Clock& clock) { state.learn(clock); });
}

void Detector::load(TaskState& state, const void* object) {
  with_clock(object, [&](const Clock& clock) { state.from_loads.join(clock); });
}

void Detector::store(TaskState& state, const void* object) {
  with_clock(object, [&](Clock& clock) { clock = state.at_barrier; });
}

void Detector::modify(TaskState& state, const void* object) {
  with_clock(object, [&](Clock& clock) {
    state.from_loads.join(clock);
    clock.join(state.at_barrier);
  });
}

void Detector::modify_per_cpu(TaskState& state, const void* object) {
  with_clock(object, [&](Clock& clock) { clock.join(state.at_barrier); });
}

void Detector::full_barrier(TaskState& state) {
  state.learn(state.from_loads);
  state.at_barrier = state.clock;
  next_epoch(state);
}

// --- accesses --------------------------------------------------------------------------------------------

void Detector::know_locks(TaskState& state) {
  state.locks = 0;
  for (const dmcore::LockName* lock : state.task->held) {
    state.locks = lock_sets_.child(state.locks, address_of(lock->name));
  }
  state.locks_known = true;
}

Cell Detector::cell_of(TaskState& state, std::uint8_t mask, bool write, const void* place) {
  if (!state.locks_known) know_locks(state);
  return {.machine = id_,
          .slot = state.slot,
          .epoch = state.epoch,
          .mask = mask,
          .write = write,
          .place = place_number(place),
          .path = state.path,
          .locks = state.locks};
}

void Detector::access_granule(TaskState& state, Part part, bool write, const void* place) {
  Granule& granule = shadow::page(part.address).use(part.address);
  if (granule[0].machine == racy_bytes) {
    part.mask &= static_cast<std::uint8_t>(~granule[0].mask);
    if (part.mask == 0) return;
  }
  Cell* to_use = nullptr;
  int rank_of_it = 0;  // how well it can be spared
  for (Cell& cell : granule) {
    int rank = 1;
    if (cell.machine == racy_bytes) continue;
    if (cell.machine != id_) {
      rank = 4;
    } else if (state.knows(cell)) {
      const bool covers = (cell.mask & part.mask) == part.mask && (cell.write || !write);
      if (covers && cell.slot == state.slot && cell.epoch == state.epoch) return;
      const bool covered = (cell.mask & ~part.mask) == 0 && (write || !cell.write);
      rank = covered ? 3 : 2;
      // A write of another task that is known here may still meet a third task.
      if (cell.write && !covered) rank = 0;
    } else {
      const bool conflict = (cell.mask & part.mask) != 0 && (cell.write || write);
      if (conflict) {
        report(cell_of(state, part.mask, write, place), cell);
        return;
      }
      if (cell.write) rank = 0;
    }
    if (rank > rank_of_it || to_use == nullptr) {
      to_use = &cell;
      rank_of_it = rank;
    } else if (rank == 3) {
      cell = Cell{};  // covered by the new one, as another is
    }
  }
  *to_use = cell_of(state, part.mask, write, place);
}

void Detector::access(TaskState& state, std::uintptr_t address, std::size_t bytes, bool write,
                      const void* place) {
  for_each_granule(address, bytes, [&](std::uintptr_t in_granule, std::uint8_t mask) {
    access_granule(state, {in_granule, mask}, write, place);
  });
}

}  // namespace sim::race
