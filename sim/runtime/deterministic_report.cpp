// SPDX-License-Identifier: GPL-2.0-or-later
// Stopping a machine, and the report.
#include <cstdlib>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "sim/runtime/fiber_task.h"

namespace sim {

void DeterministicRuntime::note_violation(const std::string& text) {
  if (violation_.empty()) violation_ = text;
}

void DeterministicRuntime::violation(const std::string& text) {
  note_violation(text);
  if (dying()) std::abort();
  // run() stops the machine then; this task is only resumed to be unwound.
  for (;;) switch_away();
}

std::string DeterministicRuntime::report(const std::string& reason) const {
  const auto seconds = [](dmcore::Time time) { return std::chrono::duration<double>(time).count(); };
  std::string text = fmt::format("{}\n  at {:.6f} s", reason, seconds(now_));
  if (now_ - last_progress_ > hung_after)
    text += fmt::format(", after nothing but periodic work since {:.6f} s", seconds(last_progress_));
  for (const std::unique_ptr<FiberTask>& task : fibers_) {
    if (!task->busy) continue;
    text += fmt::format("\n  {}", dmcore::describe(*task));
    if (!task->blocked) continue;
    text += fmt::format(", waits for {} '{}'", task->waiting_for.what, task->waiting_for.object);
    if (const dmcore::Task* owner = task->waiting_for.owner)
      text += fmt::format(", which task {} '{}' holds", owner->id, owner->name);
  }
  for (const auto& diagnostic : diagnostics_) text += diagnostic();
  return text;
}

// Stops the machine; its report.
std::string DeterministicRuntime::stopped(const std::string& reason) {
  std::string text = report(reason);
  kill();
  return text;
}

void DeterministicRuntime::stop(const std::string& reason) {
  throw MachineStopped(stopped(reason));
}

void DeterministicRuntime::stop_hung() {
  const std::string reason = hang_reason_ ? hang_reason_() : std::string();
  stop(fmt::format("deadlock: no task can run, and some wait{}{}", reason.empty() ? "" : "; ", reason));
}

void DeterministicRuntime::check_for_violation() {
  if (!violation_.empty()) stop(violation_);
  if (failure_) {
    std::exception_ptr failure = std::exchange(failure_, nullptr);
    kill();
    std::rethrow_exception(failure);
  }
}

// Runs the steps of one more tick, and counts them by the names of tasks and events.
std::string DeterministicRuntime::profile() {
  std::map<std::string, std::uint64_t> steps;
  for (std::uint64_t i = 0; i < busy_limits_.steps_per_tick && ready_count_ != 0; ++i) {
    dmcore::Event& event = take_next();
    ++steps[event.resumes != nullptr ? event.resumes->name : event.name];
    start(event);
    check_for_violation();
  }
  std::string text;
  for (const auto& [name, count] : steps) {
    text += fmt::format("{}{} steps of '{}'", text.empty() ? "" : ", ", count, name);
  }
  return text;
}

}  // namespace sim
