// SPDX-License-Identifier: GPL-2.0-or-later
// Work queues, work items and delayed work.
//
// A work item runs in worker context, once however often it was queued since it last started, and never
// concurrently with itself. A concurrent queue runs different items concurrently; an ordered one runs one at
// a time.
#pragma once

#include "dmcore/kernel/timer.h"
#include "dmcore/kernel/wait.h"

namespace dmcore {

class WorkQueue;

// struct work_struct. Its owner must cancel or flush it before it is destroyed.
class WorkItem {
 public:
  WorkItem(Runtime& runtime, const char* name, std::function<void()> function);
  WorkItem(const WorkItem&) = delete;
  WorkItem& operator=(const WorkItem&) = delete;
  ~WorkItem();

  [[nodiscard]] const char* name() const { return event_.name; }

 private:
  friend class WorkQueue;

  Runtime& runtime_;
  std::function<void()> function_;
  Event event_;
  WorkQueue* queue_ = nullptr;
  bool pending_ = false;  // queued, not started
  bool started_ = false;  // its event is posted, or it is running
  bool running_ = false;
  std::uint64_t pending_ticket_ = 0;
  std::uint64_t running_ticket_ = 0;
  ListHook hook_;
};

class DelayedWork {
 public:
  DelayedWork(Runtime& runtime, const char* name, std::function<void()> function);
  [[nodiscard]] WorkItem& work() { return work_; }

 private:
  friend class WorkQueue;
  WorkItem work_;
  WorkQueue* queue_ = nullptr;
  Timer timer_;
};

class WorkQueue {
 public:
  enum class Kind : std::uint8_t { concurrent, ordered };
  WorkQueue(Runtime& runtime, std::string name, Kind kind = Kind::concurrent);

  // queue_work(): false if the item was already pending. Any context.
  bool queue(WorkItem& item);
  // queue_delayed_work(): queues after `delay` jiffies. False if the timer was armed or the item pending. Any
  // context.
  bool queue_delayed(DelayedWork& delayed, std::uint64_t delay);

  // flush_workqueue(): waits until everything that was queued before the call has run. May sleep.
  void flush();
  // destroy_workqueue(): waits until the queue is empty, including what its items queue. Nothing may be
  // queued afterwards. May sleep.
  void destroy();
  // cancel_work_sync(), cancel_delayed_work_sync(): cancels the item, and waits if it is running. True if it
  // was pending. May sleep.
  bool cancel_sync(WorkItem& item);
  bool cancel_delayed_sync(DelayedWork& delayed);
  // cancel_delayed_work(): the same without waiting. Any context.
  bool cancel_delayed(DelayedWork& delayed);

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  friend class WorkItem;
  using Items = LinkedList<WorkItem, &WorkItem::hook_>;

  void start_next();
  void run(WorkItem& item);
  [[nodiscard]] bool any_older_than(std::uint64_t ticket) const;
  bool take_back(WorkItem& item);

  Runtime& runtime_;
  std::string name_;
  Kind kind_;
  bool destroyed_ = false;
  std::uint64_t next_ticket_ = 1;
  unsigned active_ = 0;
  Items items_;  // pending, started or running, in the order in which they were queued
  WaitQueue idle_;
};

}  // namespace dmcore
