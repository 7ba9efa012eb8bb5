// SPDX-License-Identifier: GPL-2.0-or-later
// struct worker_pool: the kernel threads that execute work items (kernel/workqueue.c).
//
// The queues of a processor share a pool, which keeps just one worker running: it takes one item after the
// other, without a turn for other tasks in between; only while it sleeps in an item does another worker take
// the next. This decides who comes first of a work item and another task. With many processors, which a
// strategy may ask for (Runtime::parallel_work()), each item has a worker at once.
#pragma once

#include <vector>

#include "dmcore/kernel/lock.h"

namespace dmcore {

class Worker;
class WorkQueue;

// struct work_struct. Its owner must cancel or flush it before it is destroyed.
class WorkItem {
 public:
  WorkItem(Runtime& runtime, const char* name, std::function<void()> function);
  WorkItem(const WorkItem&) = delete;
  WorkItem& operator=(const WorkItem&) = delete;
  ~WorkItem();

  [[nodiscard]] const char* name() const { return name_; }
  [[nodiscard]] bool running() const { return worker_ != nullptr; }

 private:
  friend class WorkQueue;
  friend class WorkerPool;

  Runtime& runtime_;
  const char* name_;
  std::function<void()> function_;
  WorkQueue* queue_ = nullptr;      // the last one that it was queued on
  bool pending_ = false;            // WORK_STRUCT_PENDING: to be queued, or queued, and not started
  bool inserted_ = false;           // queued
  TaskQueue grabbers_;              // wait, spinning, until one that is pending is queued
  Worker* worker_ = nullptr;        // that runs it
  Worker* runs_it_next_ = nullptr;  // the worker that runs it now and, as its turn came meanwhile, once more
  Lineage lineage_ = 0;             // a child of the task that queued it last
  Lineage ran_as_ = 0;              // its lineage when it ran last
  std::uint64_t pending_ticket_ = 0;
  std::uint64_t running_ticket_ = 0;
  ListHook queue_hook_;
  ListHook pool_hook_;
};

class WorkerPool {
 public:
  //   managed  of a processor: another worker takes over while one sleeps
  //   single   of a queue of its own that runs one item at a time
  enum class Kind : std::uint8_t { managed, single };
  WorkerPool(Runtime& runtime, Kind kind);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  // insert_work(): a worker runs the item, which is pending. Any context.
  void insert(WorkItem& item);
  // Takes back an item that is pending. Any context.
  void remove(WorkItem& item);
  // What queueing, beginning and cancelling the item touch. Items of one worker come one after the other, so
  // that their order matters.
  [[nodiscard]] const void* object_of(const WorkItem& item) const {
    return alone() ? static_cast<const void*>(&item) : this;
  }

 private:
  friend class Worker;
  using Items = LinkedList<WorkItem, &WorkItem::pool_hook_>;

  // Whether each item has a worker to itself.
  [[nodiscard]] bool alone() const { return kind_ == Kind::managed && runtime_.parallel_work(); }
  void start_alone(WorkItem& item);
  Worker& make_worker();
  void wake_worker();
  void keep_one_idle();
  void work(Worker& worker);
  void execute(Worker& worker, Items& items);
  void worker_sleeps();
  void worker_runs();

  Runtime& runtime_;
  Kind kind_;
  Items items_;           // that wait for a worker
  unsigned running_ = 0;  // workers that execute an item and do not sleep
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<Worker*> idle_;  // the one that became idle last is the last
  bool managed_ = false;       // POOL_MANAGER_ACTIVE: a worker makes another
};

}  // namespace dmcore
