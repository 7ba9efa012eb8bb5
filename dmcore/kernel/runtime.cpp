// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/runtime.h"

#include <fmt/format.h>

#include "dmcore/kernel/worker_pool.h"

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

std::string describe(const Task& task) {
  std::string text = fmt::format("task {} '{}' ({})", task.id, task.name, task_kind_name(task.kind));
  for (std::size_t i = 0; i < task.held.size(); ++i) {
    text += fmt::format("{}'{}'", i == 0 ? ", holds " : ", ", task.held[i]->name);
  }
  return text;
}

Runtime::Runtime() : workers_(std::make_unique<WorkerPool>(*this, WorkerPool::Kind::managed)) {}

Runtime::~Runtime() = default;

void Runtime::sleeping_in_atomic(const char* where) {
  violation(fmt::format("sleeping in atomic context: {} in {}", where, describe(*current_)));
}

}  // namespace dmcore
