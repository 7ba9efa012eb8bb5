// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/workqueue.h"

#include <fmt/format.h>

#include "dmcore/kernel/order.h"

namespace dmcore {

DelayedWork::DelayedWork(Runtime& runtime, const char* name, std::function<void()> function)
    : work_(runtime, name, std::move(function)),
      timer_(
          runtime, name, [this] { queue_->queue(work_); }, true) {}

WorkQueue::WorkQueue(Runtime& runtime, std::string name, Kind kind)
    : runtime_(runtime),
      name_(std::move(name)),
      own_pool_(kind == Kind::ordered ? std::make_unique<WorkerPool>(runtime, WorkerPool::Kind::single)
                                      : nullptr),
      idle_(runtime, "work queue") {}

bool WorkQueue::queue(WorkItem& item) {
  if (runtime_.dying()) return false;
  runtime_.schedule_point(Point::queue_work, &item);
  order::modify_ordered(&item);  // WORK_STRUCT_PENDING
  if (destroyed_) {
    runtime_.violation(
        fmt::format("work item '{}' is queued on '{}' after the queue was destroyed", item.name(), name_));
  }
  if (item.pending_) return false;
  item.pending_ = true;
  item.pending_ticket_ = next_ticket_++;
  item.queue_ = this;
  if (!item.running()) items_.push_back(item);
  pool().insert(item);
  return true;
}

bool WorkQueue::queue_delayed(DelayedWork& delayed, std::uint64_t delay) {
  if (runtime_.dying()) return false;
  runtime_.schedule_point(Point::queue_work, &delayed);
  order::modify_ordered(&delayed.work_);
  if (delayed.work_.pending_ || delayed.timer_.armed()) return false;
  delayed.queue_ = this;
  if (delay == 0) return queue(delayed.work_);
  delayed.timer_.modify(runtime_.jiffies() + delay);
  return true;
}

void WorkQueue::run(WorkItem& item) {
  item.pending_ = false;
  item.running_ticket_ = item.pending_ticket_;
  order::begins_work(&item);
  if (own_pool_) order::acquire(this);
  item.function_();
  order::release(&item);  // under the pool's lock
  order::release(this);
  item.worker_ = nullptr;
  if (!item.pending_) items_.erase(items_.iterator_to(item));
  idle_.wake_all();
}

bool WorkQueue::any_older_than(std::uint64_t ticket) const {
  for (const WorkItem& item : items_) {
    if (item.running() && item.running_ticket_ < ticket) return true;
    if (item.pending_ && item.pending_ticket_ < ticket) return true;
  }
  return false;
}

void WorkQueue::flush() {
  const std::uint64_t ticket = next_ticket_;
  idle_.wait_event([&] { return !any_older_than(ticket); });
  order::acquire(this);
}

void WorkQueue::destroy() {
  idle_.wait_event([&] { return items_.empty(); });
  order::acquire(this);
  destroyed_ = true;
}

bool WorkQueue::take_back(WorkItem& item) {
  if (!item.pending_) return false;
  item.pending_ = false;
  pool().remove(item);
  if (!item.running()) items_.erase(items_.iterator_to(item));
  idle_.wake_all();
  return true;
}

bool WorkQueue::cancel_sync(WorkItem& item) {
  if (runtime_.dying()) return false;
  // The kernel marks the item as being cancelled, so that it cannot queue itself again; here the loop cancels
  // it each time it does.
  bool was_pending = take_back(item);
  while (item.running()) {
    idle_.wait_event([&] { return !item.running(); });
    was_pending = take_back(item) || was_pending;
  }
  order::acquire(&item);
  return was_pending;
}

bool WorkQueue::cancel_delayed(DelayedWork& delayed) {
  const bool armed = delayed.timer_.cancel();
  return take_back(delayed.work_) || armed;
}

bool WorkQueue::cancel_delayed_sync(DelayedWork& delayed) {
  if (runtime_.dying()) return false;
  bool was_pending = cancel_delayed(delayed);
  while (delayed.work_.running()) {
    idle_.wait_event([&] { return !delayed.work_.running(); });
    was_pending = cancel_delayed(delayed) || was_pending;
  }
  order::acquire(&delayed.work_);
  return was_pending;
}

}  // namespace dmcore
