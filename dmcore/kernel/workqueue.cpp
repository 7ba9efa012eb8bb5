// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/workqueue.h"

#include <algorithm>
#include <fmt/format.h>

#include "dmcore/kernel/order.h"

namespace dmcore {

DelayedWork::DelayedWork(Runtime& runtime, const char* name, std::function<void()> function)
    : work_(runtime, name, std::move(function)),
      timer_(
          runtime, name, [this] { WorkQueue::expire(work_); }, true) {}

WorkQueue::WorkQueue(Runtime& runtime, std::string name, Kind kind)
    : runtime_(runtime),
      name_(std::move(name)),
      own_pool_(kind == Kind::ordered ? std::make_unique<WorkerPool>(runtime, WorkerPool::Kind::single)
                                      : nullptr),
      idle_(runtime, "work queue") {}

bool WorkQueue::queue(WorkItem& item, Place place) {
  if (!runtime_.step({Point::queue_work, place}, writes(pool().object_of(item)), item.name())) return false;
  order::modify_ordered(&item);  // WORK_STRUCT_PENDING
  const Lineage lineage = runtime_.new_lineage(item.name());
  if (item.pending_) return false;
  item.pending_ = true;
  insert(item, lineage, place);
  return true;
}

bool WorkQueue::queue_delayed(DelayedWork& delayed, std::uint64_t delay, Place place) {
  WorkItem& item = delayed.work_;
  if (delay == 0) return queue(item, place);
  if (!runtime_.step({Point::queue_work, place}, writes(pool().object_of(item)), item.name())) return false;
  order::modify_ordered(&item);
  const Lineage lineage = runtime_.new_lineage(item.name());
  if (item.pending_) return false;
  item.pending_ = true;
  item.lineage_ = lineage;
  item.queue_ = this;
  delayed.timer_.modify(runtime_.jiffies() + delay, place);
  item.grabbers_.wake_all();
  return true;
}

// delayed_work_timer_fn()
void WorkQueue::expire(WorkItem& item) {
  item.queue_->insert(item, item.lineage_, Place::here());
}

// __queue_work(): the item is pending, but in no list yet.
void WorkQueue::insert(WorkItem& item, Lineage lineage, Place place) {
  runtime_.step({Point::queue_work, place}, writes(pool().object_of(item)), item.name(),
                commutes(&next_ticket_));
  if (destroyed_) {
    runtime_.violation(
        fmt::format("work item '{}' is queued on '{}' after the queue was destroyed", item.name(), name_));
  }
  item.pending_ticket_ = next_ticket_++;
  item.lineage_ = lineage;
  runtime_.precedes(lineage);
  item.queue_ = this;
  if (!item.running()) items_.push_back(item);
  pool().insert(item);
  item.inserted_ = true;
  item.grabbers_.wake_all();
}

void WorkQueue::run(WorkItem& item) {
  item.pending_ = item.inserted_ = false;
  item.running_ticket_ = item.pending_ticket_;
  // It never runs concurrently with itself.
  if (item.ran_as_ != 0) runtime_.follows(item.ran_as_);
  item.ran_as_ = item.lineage_;
  order::begins_work(&item);
  if (own_pool_) order::acquire(this);
  item.function_();
  order::release(&item);  // under the pool's lock
  order::release(this);
  // What comes next is the same whether an item is queued again just before its end or just after it.
  idle_.wake_all_after_own([&] {
    item.worker_ = nullptr;
    if (!item.inserted_) items_.erase(items_.iterator_to(item));
    if (runtime_.watched()) note_end(item);
    wake_flushers();
  });
}

void WorkQueue::note_end(const WorkItem& item) {
  const auto noted =
      std::find_if(ran_.begin(), ran_.end(), [&](const auto& ran) { return ran.first == &item; });
  if (noted == ran_.end()) {
    ran_.emplace_back(&item, item.ran_as_);
  } else {
    noted->second = item.ran_as_;
  }
}

bool WorkQueue::any_older_than(std::uint64_t ticket) const {
  for (const WorkItem& item : items_) {
    if (item.running() && item.running_ticket_ < ticket) return true;
    if (item.inserted_ && item.pending_ticket_ < ticket) return true;
  }
  return false;
}

// flush_workqueue() and destroy_workqueue(). Each waiter has a completion of its own, which the last item
// that it waits for completes: whether it had to wait, nothing shows, and what else ends makes no difference.
void WorkQueue::wait_for_older_than(std::uint64_t ticket, Place place) {
  for (const auto& [item, lineage] : ran_) runtime_.follows(lineage);
  if (!any_older_than(ticket)) return;
  std::vector<Lineage> awaited;
  if (runtime_.watched()) {
    for (const WorkItem& item : items_) {
      if (item.inserted_ && item.pending_ticket_ < ticket) awaited.push_back(item.lineage_);
      if (item.running() && item.running_ticket_ < ticket) awaited.push_back(item.ran_as_);
    }
  }
  Flusher self(runtime_, ticket);
  flushers_.push_back(self);
  self.waiter.wait({"wait queue", "work queue"},
                   {Point::wait, "work queue", awaits(&self), {}, nullptr, place});
  for (const Lineage lineage : awaited) runtime_.follows(lineage);
}

void WorkQueue::wake_flushers() {
  if (runtime_.dying()) return;  // they may be gone
  for (auto flusher = flushers_.begin(); flusher != flushers_.end();) {
    Flusher& waiting = *flusher++;
    if (any_older_than(waiting.ticket)) continue;
    flushers_.erase(flushers_.iterator_to(waiting));
    waiting.waiter.wake_all();
  }
}

void WorkQueue::flush(Place place) {
  if (runtime_.dying()) return;
  runtime_.might_sleep("work queue");
  runtime_.step({Point::wait, place}, reads(&next_ticket_), "work queue");
  wait_for_older_than(next_ticket_, place);
  order::acquire(this);
}

void WorkQueue::destroy(Place place) {
  if (runtime_.dying()) return;
  runtime_.might_sleep("work queue");
  do {
    runtime_.step({Point::wait, place}, writes(&next_ticket_), "work queue");
    wait_for_older_than(next_ticket_, place);
  } while (!items_.empty());
  order::acquire(this);
  destroyed_ = true;
}

// try_to_grab_pending(), until it succeeds or the item is not pending. With `timer`, which may be what queues
// it.
bool WorkQueue::take_back(WorkItem& item, Timer* timer, Place place) {
  const void* const object = pool().object_of(item);
  while (true) {
    if (timer != nullptr) {
      runtime_.fine_step({Point::cancel_work, place}, writes(object), item.name(), writes(timer->identity()));
      if (timer->disarm()) {
        item.pending_ = false;
        return true;
      }
    }
    runtime_.fine_step({Point::cancel_work, place}, writes(object), item.name(), commutes(&next_ticket_));
    if (!item.pending_) return false;
    if (item.inserted_) {
      item.pending_ = false;
      remove(item);
      return true;
    }
    // Another task, or the timer, is about to queue it. The kernel tries again and again.
    item.grabbers_.wait({"work item that is being queued", item.name()},
                        {Point::cancel_work, item.name(), writes(object), {}, nullptr, place}, true);
  }
}

void WorkQueue::remove(WorkItem& item) {
  item.inserted_ = false;
  WorkQueue& queue = *item.queue_;
  queue.pool().remove(item);
  if (!item.running()) queue.items_.erase(queue.items_.iterator_to(item));
  queue.wake_flushers();
}

bool WorkQueue::cancel_sync(WorkItem& item, Place place) {
  return cancel_sync(item, nullptr, place);
}

bool WorkQueue::cancel_delayed(DelayedWork& delayed, Place place) {
  return take_back(delayed.work_, &delayed.timer_, place);
}

bool WorkQueue::cancel_delayed_sync(DelayedWork& delayed, Place place) {
  return cancel_sync(delayed.work_, &delayed.timer_, place);
}

// The kernel marks the item as being cancelled, so that it cannot queue itself again; here the loop cancels
// it each time it does.
bool WorkQueue::cancel_sync(WorkItem& item, Timer* timer, Place place) {
  if (runtime_.dying()) return false;
  bool was_pending = take_back(item, timer, place);
  while (item.running()) {
    idle_.wait_event([&] { return !item.running(); }, false, place);
    was_pending = take_back(item, timer, place) || was_pending;
  }
  order::acquire(&item);
  return was_pending;
}

}  // namespace dmcore
