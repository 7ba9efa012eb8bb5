// SPDX-License-Identifier: GPL-2.0-or-later
// The interface between kernel code and what executes it.
//
// Device-mapper code is written like kernel code: blocking functions that lock, wait, queue work and complete
// bios. All primitives that it uses (lock.h, wait.h, workqueue.h, timer.h, atomic.h) are implemented with
// this interface, so the same source runs on any runtime that implements it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/kernel/list.h"
#include "dmcore/kernel/lock_order.h"
#include "dmcore/kernel/types.h"

namespace dmcore {

struct BioSubmission;  // block/block_layer.cpp: bios submitted from within a submit()
class Task;
class WorkerPool;

// The context in which code runs, which decides what it may do.
//   process   a system call or a kernel thread: may sleep
//   worker    a work item: may sleep
//   softirq   a bio's completion or a timer: must not sleep
enum class TaskKind : std::uint8_t { process, worker, softirq };
std::string_view task_kind_name(TaskKind kind);

// Schedule points: where the running task may be preempted. The value says what the task is about to do.
enum class Point : std::uint8_t {
  spin_lock,
  spin_unlock,
  mutex_lock,
  mutex_unlock,
  rwsem_lock,
  rwsem_unlock,
  atomic,
  flag,
  wait,
  wake,
  queue_work,
  submit_bio,
  end_bio
};

// What a blocked task waits for, for reports. The pointers must outlive the wait.
struct WaitingFor {
  const char* what = "";        // "mutex", "wait queue", "I/O", ...
  std::string_view object;      // the object's name
  const Task* owner = nullptr;  // its holder, if it is a lock
  bool interruptible = false;   // a signal ends the wait: it is not a hang by itself
};

// A function that is to be called on a task of its own, of the given kind: a timer, a disk's completion, a
// work item. The caller of post() owns the event and keeps it alive until it has started or was cancelled.
struct Event {
  enum class State : std::uint8_t { idle, timed, ready };

  Event(const char* name_in, TaskKind kind_in, std::function<void()> run_in)
      : name(name_in), kind(kind_in), run(std::move(run_in)) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  const char* name;
  TaskKind kind;
  std::function<void()> run;
  // A periodic task that re-arms itself for ever: it does not count as progress when a hung machine is to be
  // detected.
  bool housekeeping = false;
  // All other tasks that are ready go before it.
  bool late = false;

  // For the runtime only.
  State state = State::idle;
  Time when{0};
  std::uint64_t sequence = 0;
  std::size_t heap_index = 0;
  Task* resumes = nullptr;  // resumes this task instead of calling `run`
  ListHook hook;
};

// What is to be done when a task sleeps: the worker pool wakes another worker, a plug lets its requests go.
// Called in the context of the task; must not sleep, nor be preempted.
class SleepHook {
 public:
  virtual void about_to_sleep() = 0;  // sched_submit_work()
  virtual void woken_up() {}          // sched_update_worker(): the task runs again

 protected:
  ~SleepHook() = default;
};

// A thread of control: task_struct. Created by the runtime; kernel code only reads the fields below.
class Task {
 public:
  Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  virtual ~Task() = default;

  std::string name;
  std::uint64_t id = 0;
  TaskKind kind = TaskKind::process;
  WaitingFor waiting_for;
  // Locks held, in the order in which they were taken: for reports and the check of lock order.
  std::vector<const LockName*> held;
  unsigned spin_locks_held = 0;
  // current->bio_list: makes submit_bio() iterate instead of recurse.
  BioSubmission* bio_submission = nullptr;
  // The worker pool's, if this is a worker (worker_pool.h), and current->plug (block/plug.h); else null.
  SleepHook* worker = nullptr;
  SleepHook* plug = nullptr;

  [[nodiscard]] bool atomic_context() const { return kind == TaskKind::softirq || spin_locks_held != 0; }
};

class Runtime {
 public:
  Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  virtual ~Runtime();

  // current. Valid while kernel code runs.
  [[nodiscard]] Task& current() const { return *current_; }

  // Time since boot, also in jiffies. On a real kernel jiffies start 300 seconds before 32 bits overflow;
  // here they start at 0.
  [[nodiscard]] virtual Time now() const = 0;
  [[nodiscard]] std::uint64_t jiffies() const { return static_cast<std::uint64_t>(now() / jiffy); }

  // Creates a task of kind `process` and makes it ready. Any context.
  virtual Task& spawn(std::string name, std::function<void()> body) = 0;

  // Makes `event` ready to run, now or at `when`. Any context. It must not be posted already.
  virtual void post(Event& event) = 0;
  virtual void post_at(Event& event, Time when) = 0;
  // Cancels an event that has not started. False if it is not posted or has started. Any context.
  virtual bool cancel(Event& event) = 0;

  // Blocks the current task until wake(). Callers first put the task where its waker finds it, and re-check
  // their condition afterwards. Must not be called in atomic context, except with `spinning`, which is how a
  // spin lock waits.
  virtual void block(const WaitingFor& waiting_for, bool spinning = false) = 0;
  virtual void wake(Task& task) = 0;
  // Process context.
  virtual void sleep_for(Duration duration) = 0;
  // Process context: returns when all that could run at the current instant has run, or time has passed.
  virtual void settle() = 0;

  // cond_resched(): a task that runs for long lets others run, if it is their turn. May sleep.
  virtual void cond_resched() = 0;

  // The workers of the processor.
  [[nodiscard]] WorkerPool& workers() { return *workers_; }

  // The current task may be preempted here. One branch if the strategy never preempts.
  void schedule_point(Point point, const void* object = nullptr) {
    if (preemptive_) [[unlikely]]
      preempt(point, object);
  }

  // Reports that code broke a rule of the kernel (slept in atomic context, completed a bio twice...). The
  // machine is stopped at the next task switch at the latest. violation() does not return; note_violation()
  // does, for destructors.
  [[noreturn]] virtual void violation(const std::string& text) = 0;
  virtual void note_violation(const std::string& text) = 0;

  // True while the machine is torn down from outside (a power cut, a violation): all tasks are unwound, and
  // the primitives do nothing.
  [[nodiscard]] bool dying() const { return dying_; }

  [[nodiscard]] LockOrder& lock_order() { return lock_order_; }

  // Adds a function that lists objects in flight, such as bios, for the report of a deadlock or a violation.
  // It is called while no task runs, and must not run kernel code.
  void add_diagnostic(std::function<std::string()> diagnostic) {
    diagnostics_.push_back(std::move(diagnostic));
  }

  // Called where code may sleep, even if it does not this time.
  void might_sleep(const char* where) {
    if (current_->atomic_context()) [[unlikely]]
      sleeping_in_atomic(where);
  }

 protected:
  virtual void preempt(Point point, const void* object) = 0;
  void sleeping_in_atomic(const char* where);

  Task* current_ = nullptr;
  bool preemptive_ = false;
  bool dying_ = false;
  LockOrder lock_order_;
  std::vector<std::function<std::string()>> diagnostics_;

 private:
  std::unique_ptr<WorkerPool> workers_;
};

// One line: name, context, locks held.
std::string describe(const Task& task);

}  // namespace dmcore
