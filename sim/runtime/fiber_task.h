// SPDX-License-Identifier: GPL-2.0-or-later
// Internal to the deterministic runtime.
#pragma once

#include <cstdint>
#include <fmt/format.h>
#include <utility>

#include "sim/runtime/deterministic.h"
#include "sim/runtime/fiber.h"

namespace sim {

// A task and its fiber, which is reused for later tasks.
class DeterministicRuntime::FiberTask final : public dmcore::Task {
 public:
  explicit FiberTask(DeterministicRuntime& runtime)
      : resume_event("resume", dmcore::TaskKind::process, nullptr),
        fiber_([this, &runtime] { loop(runtime); }) {
    resume_event.resumes = this;
  }

  // Starts a process on this idle fiber.
  void begin(std::string task_name, std::uint64_t task_id, dmcore::TaskKind task_kind,
             std::function<void()> task_body) {
    own_name_ = std::move(task_name);
    name = own_name_.c_str();
    id = task_id;
    kind = task_kind;
    held.clear();
    spin_locks_held = 0;
    bio_submission = nullptr;
    worker = plug = nullptr;
    event = nullptr;
    resume_event.thread = &own_vruntime_;
    own_vruntime_.slices = 0;
    body = std::move(task_body);
    busy = true;
  }

  // Starts a task for an event. Fast, since each bio causes several: its function is not copied.
  void begin(dmcore::Event& started, std::uint64_t task_id) {
    name = started.name;
    id = task_id;
    kind = started.kind;
    bio_submission = nullptr;
    worker = plug = nullptr;
    event = &started;
    own_vruntime_.slices = started.turn;
    resume_event.thread = started.thread != nullptr ? started.thread : &own_vruntime_;
    busy = true;
  }

  // Under a watcher: who it is, and its first step.
  void watch(dmcore::Lineage lineage, const dmcore::Step& first) {
    identity = {lineage, 0, {}};
    next = first;
  }

  dmcore::Event resume_event;
  dmcore::Event* event = nullptr;
  std::function<void()> body;
  bool busy = false;
  bool blocked = false;
  std::uint64_t wakes = 0;  // how often it was woken, blocked or not
  Identity identity;
  dmcore::Step next;  // that it takes when it runs again

  void enter() { fiber_.enter(); }
  void leave() { fiber_.leave(); }
  [[nodiscard]] std::span<const std::byte> stack() const { return fiber_.stack(); }

 private:
  void loop(DeterministicRuntime& runtime) {
    do {
      run_body(runtime);
      if (!held.empty())
        runtime.note_violation(fmt::format("{} ends while it holds locks", dmcore::describe(*this)));
      runtime.races_.ends(*this);
      body = nullptr;
      busy = false;
    } while (fiber_.rest());
  }
  void run_body(DeterministicRuntime& runtime) {
    try {
      if (event != nullptr) {
        event->run();
      } else {
        body();
      }
    } catch (const FiberUnwind&) {
      throw;
    } catch (...) {
      // Passed to the caller of run().
      if (!runtime.failure_) runtime.failure_ = std::current_exception();
    }
  }

  std::string own_name_;
  dmcore::Vruntime own_vruntime_;
  Fiber fiber_;
};

}  // namespace sim
