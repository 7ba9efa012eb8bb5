// SPDX-License-Identifier: GPL-2.0-or-later
// The two doors to the detector: Hooks for the runtime, and the functions of dmcore/kernel/order.h.
#include "sim/race/hooks.h"

#include "dmcore/kernel/order.h"

#include "sim/race/detector.h"

namespace sim::race {

Hooks::Hooks(dmcore::Runtime& runtime) : detector_(std::make_unique<Detector>(runtime)) {}

Hooks::~Hooks() = default;

void Hooks::begins(const dmcore::Task& task, std::size_t task_bytes, std::span<const std::byte> stack,
                   const dmcore::Event* event) {
  detector_->begins(task, task_bytes, stack, event);
}

void Hooks::ends(const dmcore::Task& task) {
  detector_->ends(task);
}

void Hooks::runs(const dmcore::Task* task) {
  detector_->runs(task);
}

void Hooks::posted(const dmcore::Event& event) {
  detector_->posted(event);
}

void Hooks::cancelled(const dmcore::Event& event) {
  dmcore::order::acquire(&event);
}

void Hooks::wakes(const dmcore::Task& task) {
  detector_->wakes(task);
}

void Hooks::woken() {
  if (running == nullptr) return;
  running->learn(running->from_wakers);
  running->from_wakers.clear();
}

void Hooks::stop() {
  detector_->stop();
  running = nullptr;
}

}  // namespace sim::race

namespace dmcore::order {

using sim::race::running;
using sim::race::TaskState;

namespace {

void tell(void (sim::race::Detector::*what)(TaskState&, const void*), const void* object) {
  if (running != nullptr) (running->detector->*what)(*running, object);
}

}  // namespace

void release(const void* object) {
  tell(&sim::race::Detector::release, object);
}

void acquire(const void* object) {
  tell(&sim::race::Detector::acquire, object);
}

void load(const void* object) {
  tell(&sim::race::Detector::load, object);
}

void store(const void* object) {
  tell(&sim::race::Detector::store, object);
}

void modify(const void* object) {
  tell(&sim::race::Detector::modify, object);
}

void modify_per_cpu(const void* object) {
  tell(&sim::race::Detector::modify_per_cpu, object);
}

void begins_work(const void* item) {
  tell(&sim::race::Detector::begins_work, item);
}

void full_barrier() {
  if (running != nullptr) running->detector->full_barrier(*running);
}

void fresh(const void* begin, std::size_t bytes) {
  sim::race::shadow::forget(begin, bytes);
}

void racy(const void* begin, std::size_t bytes) {
  sim::race::shadow::mark_racy(begin, bytes);
}

Unchecked::Unchecked(const char*) : task_(running) {
  if (task_ != nullptr) ++running->unchecked;
}

// The machine may have been stopped meanwhile, and its tasks be unwound.
Unchecked::~Unchecked() {
  if (task_ != nullptr && task_ == running) --running->unchecked;
}

}  // namespace dmcore::order
