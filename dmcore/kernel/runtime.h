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
#include "dmcore/kernel/step.h"
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

// Who a task is, whatever the schedule: a hash of its parent's lineage, its name, and how many children of
// that name the parent had before. What a timer, a completion or a work item runs is a child of the task that
// posted, armed or queued it. 0 without a watcher (Runtime::watched()).
using Lineage = std::uint64_t;

// What a blocked task waits for, for reports. The pointers must outlive the wait.
struct WaitingFor {
  const char* what = "";        // "mutex", "wait queue", "I/O", ...
  std::string_view object;      // the object's name
  const Task* owner = nullptr;  // its holder, if it is a lock
  bool interruptible = false;   // a signal ends the wait: it is not a hang by itself
};

// How much a thread has run in the eyes of Linux's fair scheduler (vruntime, kernel/sched/fair.c), which runs
// the thread that has run least. In virtual time none runs for any time; what is left is that a new thread
// owes a slice, and that one that has slept is at most a slice behind the others. So all is in whole slices.
struct Vruntime {
  std::int64_t slices = 0;
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
  // Of the thread that is woken by it. Null: it has slept so long that it owes nothing. Not owned.
  Vruntime* thread = nullptr;
  // What its beginning touches. By default the event itself, which others may cancel.
  Access access = writes(this);
  // Deadlines with the same value, such as the completions of one disk, have no order among each other: a
  // strategy that asks for it may let any of them be the first.
  const void* unordered = nullptr;

  // For the runtime only.
  State state = State::idle;
  std::int64_t turn = 0;  // in slices: the least is next, and of equals the one that was ready first
  Lineage lineage = 0;
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

  const char* name = "";  // not owned: of the event or the work item that it executes, or the runtime's
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
  void post(Event& event) { post_as(event, new_lineage(event.name)); }
  virtual void post_at(Event& event, Time when) = 0;
  // With a lineage that was made before.
  virtual void post_as(Event& event, Lineage lineage) = 0;
  // Cancels an event that has not started. False if it is not posted or has started. Any context.
  virtual bool cancel(Event& event) = 0;

  // Blocks the current task until wake(). Callers first put the task where its waker finds it, and re-check
  // their condition afterwards: that is the step `then`. Must not be called in atomic context, except with
  // `spinning`, which is how a spin lock waits.
  virtual void block(const WaitingFor& waiting_for, const Step& then, bool spinning = false) = 0;
  virtual void wake(Task& task) = 0;
  // Process context.
  virtual void sleep_for(Duration duration) = 0;
  // Process context: returns when all that could run at the current instant has run, or time has passed.
  virtual void settle() = 0;

  // cond_resched(): a task that runs for long lets others run, if it is their turn. May sleep.
  virtual void cond_resched() = 0;
  // kthread_create(): the current task waits until the thread that it makes, `made`, has begun, which all
  // that owe less go before.
  virtual void wait_for_new_thread(Vruntime& made) = 0;

  // The workers of the processor.
  [[nodiscard]] WorkerPool& workers() { return *workers_; }

  // Before each operation that others can see: the current task is about to do it. The strategy may let
  // others run first. False if the machine is torn down; then primitives do nothing. One branch if there is
  // neither a watcher nor preemption.
  bool step(PointAt at, Access access, const char* name = "", Access also = {}, Waits waits = nullptr) {
    if (attention_ != 0) [[unlikely]]
      return before_step({at.point, name, access, also, waits, at.place}, true);
    return true;
  }
  // The same, but not a place where a strategy preempts that does not see steps.
  bool fine_step(PointAt at, Access access, const char* name = "", Access also = {}) {
    if ((attention_ & (torn_down | watching)) != 0) [[unlikely]]
      return before_step({at.point, name, access, also, nullptr, at.place}, false);
    return true;
  }
  // After an operation that was declared as a step, and before the next one: what it has been conflicts with
  // less than what it could have been. Such as a read, of what would have written, but found nothing to
  // change.
  void turned_out(AccessKind kind) {
    if (watched()) [[unlikely]]
      note_kind(kind);
  }
  // After an operation that was declared as AccessKind::dec_and_test: what is left of the counter. Two tasks
  // that both leave something could have done so in the other order; and any two, if nothing shows who is the
  // last one.
  void left(std::int64_t count, bool last_is_special = true) {
    if (watched()) [[unlikely]]
      note_kind(last_is_special ? counted_down(count) : changed_to(count, 0));
  }
  // After one that was declared as AccessKind::decides_wait, and changes a counter: what it is now. Only
  // `deciding` makes a difference to a task that waits for zero.
  void counted(std::int64_t count, std::int64_t deciding) {
    if (watched()) [[unlikely]]
      note_kind(changed_to(count, deciding));
  }
  // After a read: whether the task waits now for what it has not found.
  void waits_next(bool waits) {
    if (waits) turned_out(AccessKind::waits_next);
  }
  // Whether code may presume that something which is not so now will not become so later in this run, and let
  // its steps be what they are if that is true. If it becomes so after all, the code that makes it so must
  // say that the presumption has failed: what was concluded from this run and those before it does not hold.
  [[nodiscard]] bool presumes() const { return watched() && may_presume(); }
  void presumption_failed() {
    if (watched()) note_failed_presumption();
  }
  // After an operation that may have made another task ready: only a strategy that does not see steps
  // preempts here; for others the next step is soon enough.
  void schedule_point() {
    if ((attention_ & preempting) != 0) [[unlikely]]
      preempt();
  }

  // Whether each step is seen, by the strategy or by an observer.
  [[nodiscard]] bool watched() const { return (attention_ & watching) != 0; }
  // Whether work items run at once, as if each had been queued on a processor of its own.
  [[nodiscard]] bool parallel_work() const { return (attention_ & many_processors) != 0; }

  // A lineage for the next child of that name of the current task. To be called for each attempt, also if it
  // turns out that there is nothing to start: or the names of later children would depend on others' doing.
  [[nodiscard]] Lineage new_lineage(const char* name) { return watched() ? child_of_current(name) : 0; }
  // What the current task has done comes before what that lineage will do, whatever the schedule; and what
  // that lineage has done before what the current task will do.
  void precedes(Lineage later) {
    if (watched()) note_order(0, later);
  }
  void follows(Lineage earlier) {
    if (watched()) note_order(earlier, 0);
  }
  // The current task takes over another lineage: a worker begins a work item.
  void become(Lineage lineage) {
    if (watched()) set_lineage(lineage);
  }

  // Reports that code broke a rule of the kernel (slept in atomic context, completed a bio twice...). The
  // machine is stopped at the next task switch at the latest. violation() does not return; note_violation()
  // does, for destructors.
  [[noreturn]] virtual void violation(const std::string& text) = 0;
  virtual void note_violation(const std::string& text) = 0;

  // True while the machine is torn down from outside (a power cut, a violation): all tasks are unwound, and
  // the primitives do nothing.
  [[nodiscard]] bool dying() const { return (attention_ & torn_down) != 0; }

  // No page can be had: what may wait for memory has only its reserve (mempool.h). Any context.
  [[nodiscard]] bool memory_is_short() const { return memory_is_short_; }
  void set_memory_short(bool is_short) { memory_is_short_ = is_short; }

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

  // What taking an object of a pool touches, or giving one back: only while memory is short can be seen who
  // comes first.
  [[nodiscard]] Access using_pool(const void* pool) const {
    return {pool, 0, memory_is_short_ ? AccessKind::write : AccessKind::none};
  }
  // Whether a pool gives out again what was given back. Not if each task has a processor of its own, with
  // its own part of each pool: it would look like an order of two tasks that they have used the same object.
  [[nodiscard]] bool pools_reuse() const { return !parallel_work(); }

 protected:
  // What steps and schedule points have to do: bits of attention_.
  static constexpr std::uint8_t torn_down = 1;
  static constexpr std::uint8_t preempting = 2;  // the strategy preempts, but does not see
  static constexpr std::uint8_t watching = 4;
  static constexpr std::uint8_t many_processors = 8;

  virtual bool before_step(const Step& step, bool may_preempt) = 0;
  virtual void preempt() = 0;
  virtual void note_kind(AccessKind kind) = 0;
  [[nodiscard]] virtual bool may_presume() const = 0;
  virtual void note_failed_presumption() = 0;
  virtual Lineage child_of_current(const char* name) = 0;
  virtual void set_lineage(Lineage lineage) = 0;
  virtual void note_order(Lineage earlier, Lineage later) = 0;  // 0: the current task's
  void sleeping_in_atomic(const char* where);

  Task* current_ = nullptr;
  std::uint8_t attention_ = 0;
  bool memory_is_short_ = false;
  LockOrder lock_order_;
  std::vector<std::function<std::string()>> diagnostics_;

 private:
  std::unique_ptr<WorkerPool> workers_;
};

// One line: name, context, locks held.
std::string describe(const Task& task);

}  // namespace dmcore
