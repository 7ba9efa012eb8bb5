// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/runtime.h"

#include <fmt/format.h>

namespace dmcore {

std::string_view task_kind_name(TaskKind kind) {
  switch (kind) {
    case TaskKind::process:
      return "process";
    case TaskKind::worker:
      return "worker";
    case TaskKind::softirq:
      return "softirq";
  }
  return "?";
}

std::string_view point_name(Point point) {
  switch (point) {
    case Point::spin_lock:
      return "spin_lock";
    case Point::spin_unlock:
      return "spin_unlock";
    case Point::mutex_lock:
      return "mutex_lock";
    case Point::mutex_unlock:
      return "mutex_unlock";
    case Point::rwsem_lock:
      return "rwsem_lock";
    case Point::rwsem_unlock:
      return "rwsem_unlock";
    case Point::atomic:
      return "atomic";
    case Point::flag:
      return "flag";
    case Point::wait:
      return "wait";
    case Point::wake:
      return "wake";
    case Point::queue_work:
      return "queue_work";
    case Point::submit_bio:
      return "submit_bio";
    case Point::end_bio:
      return "end_bio";
    case Point::yield:
      return "yield";
  }
  return "?";
}

std::string describe(const Task& task) {
  std::string text = fmt::format("task {} '{}' ({})", task.id, task.name, task_kind_name(task.kind));
  for (std::size_t i = 0; i < task.held.size(); ++i) {
    text += fmt::format("{}'{}'", i == 0 ? ", holds " : ", ", task.held[i]->name);
  }
  return text;
}

void Runtime::sleeping_in_atomic(const char* where) {
  violation(fmt::format("sleeping in atomic context: {} in {}", where, describe(*current_)));
}

}  // namespace dmcore
