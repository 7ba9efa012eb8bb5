// SPDX-License-Identifier: GPL-2.0-or-later
// Work queues and delayed work.
//
// A work item runs in worker context, once however often it was queued since it last started, and never
// concurrently with itself.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "dmcore/kernel/timer.h"
#include "dmcore/kernel/wait.h"
#include "dmcore/kernel/worker_pool.h"

namespace dmcore {

// struct delayed_work: a work item that a timer queues. It is pending from queue_delayed() on until it
// starts, also between the timer's expiry and its being queued.
class DelayedWork {
 public:
  DelayedWork(Runtime& runtime, const char* name, std::function<void()> function);
  [[nodiscard]] WorkItem& work() { return work_; }

 private:
  friend class WorkQueue;
  WorkItem work_;
  Timer timer_;
};

class WorkQueue {
 public:
  //   concurrent  the workers of the processor execute its items, as those of most queues
  //   ordered     one item at a time, by a worker of its own: an unbound queue with max_active of 1
  enum class Kind : std::uint8_t { concurrent, ordered };
  WorkQueue(Runtime& runtime, std::string name, Kind kind = Kind::concurrent);

  // queue_work(): false if the item was already pending. Any context.
  bool queue(WorkItem& item, Place place = Place::here());
  // queue_delayed_work(): queues after `delay` jiffies. False if the timer was armed or the item pending. Any
  // context.
  bool queue_delayed(DelayedWork& delayed, std::uint64_t delay, Place place = Place::here());

  // flush_workqueue(): waits until everything that was queued before the call has run. May sleep.
  void flush(Place place = Place::here());
  // destroy_workqueue(): waits until the queue is empty, including what its items queue. Nothing may be
  // queued afterwards. May sleep.
  void destroy(Place place = Place::here());
  // cancel_work_sync(), cancel_delayed_work_sync(): cancels the item, and waits if it is running. True if it
  // was pending. May sleep.
  bool cancel_sync(WorkItem& item, Place place = Place::here());
  bool cancel_delayed_sync(DelayedWork& delayed, Place place = Place::here());
  // cancel_delayed_work(): the same without waiting. Any context.
  bool cancel_delayed(DelayedWork& delayed, Place place = Place::here());

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  friend class DelayedWork;
  friend class WorkerPool;
  friend class WorkItem;
  using Items = LinkedList<WorkItem, &WorkItem::queue_hook_>;

  [[nodiscard]] WorkerPool& pool() { return own_pool_ ? *own_pool_ : runtime_.workers(); }
  static void expire(WorkItem& item);
  // A task that waits until all that is older than its ticket has run.
  struct Flusher {
    Flusher(Runtime& runtime, std::uint64_t ticket_in) : ticket(ticket_in), waiter(runtime) {}
    std::uint64_t ticket;
    TaskQueue waiter;
    ListHook hook;
  };
  using Flushers = LinkedList<Flusher, &Flusher::hook>;

  void insert(WorkItem& item, Lineage lineage, Place place);
  void run(WorkItem& item);
  void note_end(const WorkItem& item);
  [[nodiscard]] bool any_older_than(std::uint64_t ticket) const;
  void wait_for_older_than(std::uint64_t ticket, Place place);
  void wake_flushers();
  bool take_back(WorkItem& item, Timer* timer, Place place);
  static void remove(WorkItem& item);
  bool cancel_sync(WorkItem& item, Timer* timer, Place place);

  Runtime& runtime_;
  std::string name_;
  std::unique_ptr<WorkerPool> own_pool_;
  bool destroyed_ = false;
  std::uint64_t next_ticket_ = 1;
  Items items_;  // queued or running
  Flushers flushers_;
  // As what each item has run last, if steps are watched. The items may be gone.
  std::vector<std::pair<const WorkItem*, Lineage>> ran_;
  WaitQueue idle_;  // for one that is cancelled
};

}  // namespace dmcore
