// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/worker_pool.h"

#include <fmt/format.h>

#include "dmcore/kernel/workqueue.h"

namespace dmcore {

WorkItem::WorkItem(Runtime& runtime, const char* name, std::function<void()> function)
    : runtime_(runtime), name_(name), function_(std::move(function)), grabbers_(runtime) {}

WorkItem::~WorkItem() {
  if (runtime_.dying() || (!pending_ && !running())) return;
  runtime_.note_violation(fmt::format("work item '{}' of queue '{}' is destroyed while it {}", name_,
                                      queue_->name(), running() ? "runs" : "waits to run"));
  // The pool must not find it any more.
  if (inserted_) queue_->pool().remove(*this);
}

// struct worker
class Worker final : public SleepHook {
 public:
  explicit Worker(WorkerPool& pool)
      : event("kworker", TaskKind::worker, [this] { pool_.work(*this); }), pool_(pool) {
    event.thread = &vruntime;
  }
  void about_to_sleep() override { pool_.worker_sleeps(); }
  void woken_up() override { pool_.worker_runs(); }

  Event event;
  Vruntime vruntime;
  // The item that it runs, if that is to run once more.
  WorkerPool::Items scheduled;

 private:
  WorkerPool& pool_;
};

WorkerPool::WorkerPool(Runtime& runtime, Kind kind) : runtime_(runtime), kind_(kind) {}

WorkerPool::~WorkerPool() = default;

void WorkerPool::insert(WorkItem& item) {
  if (alone()) {
    start_alone(item);
    return;
  }
  items_.push_back(item);
  if (running_ == 0) wake_worker();
}

void WorkerPool::remove(WorkItem& item) {
  Items& items = item.runs_it_next_ != nullptr ? item.runs_it_next_->scheduled : items_;
  items.erase(items.iterator_to(item));
  item.runs_it_next_ = nullptr;
}

Worker& WorkerPool::make_worker() {
  return *workers_.emplace_back(std::make_unique<Worker>(*this));
}

// An item that runs already is run again by the same worker, or it would run concurrently with itself.
void WorkerPool::start_alone(WorkItem& item) {
  Worker* worker = item.worker_;
  if (worker == nullptr) {
    if (idle_.empty()) idle_.push_back(&make_worker());
    worker = idle_.back();
    idle_.pop_back();
    worker->event.name = item.name_;
    worker->event.access = writes(&item);
    runtime_.post_as(worker->event, item.lineage_);
  }
  item.runs_it_next_ = worker;
  worker->scheduled.push_back(item);
}

// wake_up_worker(): the one that became idle last, if it is not woken already. If none is idle, one that was
// idle makes another, and works then.
void WorkerPool::wake_worker() {
  if (workers_.empty()) {
    idle_.push_back(&make_worker());
    if (kind_ == Kind::managed) idle_.push_back(&make_worker());
  }
  if (idle_.empty() || idle_.back()->event.state != Event::State::idle) return;
  Worker& worker = *idle_.back();
  worker.event.access = writes(this);
  runtime_.post_as(worker.event, items_.front().lineage_);
}

// manage_workers(): so that one is idle while this one works, unless another worker does that already.
void WorkerPool::keep_one_idle() {
  if (kind_ == Kind::single || !idle_.empty() || managed_) return;
  managed_ = true;
  Worker& made = make_worker();
  runtime_.wait_for_new_thread(made.vruntime);
  idle_.push_back(&made);
  // It has nothing to do yet, but is the one that becomes idle last.
  made.event.access = writes(this);
  runtime_.post(made.event);
  managed_ = false;
}

// worker_thread()
void WorkerPool::work(Worker& worker) {
  if (alone()) {
    while (!worker.scheduled.empty()) execute(worker, worker.scheduled);
    idle_.push_back(&worker);
    return;
  }
  std::erase(idle_, &worker);
  keep_one_idle();
  if (running_ == 0 && !items_.empty()) {
    Task& task = runtime_.current();
    task.worker = &worker;
    ++running_;
    do {
      execute(worker, items_);
      while (!worker.scheduled.empty()) execute(worker, worker.scheduled);
    } while (!items_.empty() && running_ == 1);
    --running_;
    task.worker = nullptr;
  }
  idle_.push_back(&worker);
}

// process_one_work(): the first of `items`.
void WorkerPool::execute(Worker& worker, Items& items) {
  WorkItem& item = items.front();
  items.pop_front();
  if (item.running()) {
    item.runs_it_next_ = item.worker_;
    item.worker_->scheduled.push_back(item);
    return;
  }
  item.runs_it_next_ = nullptr;
  item.worker_ = &worker;
  runtime_.current().name = item.name_;
  runtime_.become(item.lineage_);
  const void* const object = object_of(item);  // the item may be gone when it has run
  item.queue_->run(item);
  runtime_.cond_resched();
  // The worker looks for the next item. One that runs a single item has found it already if it is to run
  // again.
  const bool finds_none = alone() && worker.scheduled.empty();
  runtime_.fine_step(Point::begin, finds_none ? Access() : writes(object), "worker");
}

void WorkerPool::worker_sleeps() {
  if (kind_ == Kind::single) return;
  --running_;
  if (running_ == 0 && !items_.empty()) wake_worker();
}

void WorkerPool::worker_runs() {
  if (kind_ == Kind::single) return;
  ++running_;
}

}  // namespace dmcore
