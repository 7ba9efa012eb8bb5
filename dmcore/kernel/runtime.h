// SPDX-License-Identifier: GPL-2.0-or-later
// The one seam between kernel code and what executes it.
//
// Device-mapper code is written as kernel code is: plain functions that lock, wait, queue work and complete
// bios. All the primitives it uses (lock.h, wait.h, workqueue.h, timer.h, atomic.h) stand on this small
// interface, so the same source runs under any runtime that implements it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/kernel/list.h"
#include "dmcore/kernel/lock_order.h"
#include "dmcore/kernel/types.h"

namespace dmcore {

struct BioSubmission;  // block/block_layer.cpp: the bios that wait for the submit() that runs to return
class Task;

// In what context code runs, which decides what it may do.
//   process   a system call or a kernel thread: may sleep
//   worker    a work item: may sleep
//   softirq   a bio's completion or a timer: must not sleep
enum class TaskKind : std::uint8_t { process, worker, softirq };
std::string_view task_kind_name(TaskKind kind);

// Places where the runtime may let another task run. The value says what the task is about to do.
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

// What a blocked task waits for, for the reports that name it. The pointers must outlive the wait.
struct WaitingFor {
  const char* what = "";        // "mutex", "wait queue", "I/O", ...
  std::string_view object;      // the object's name
  const Task* owner = nullptr;  // who holds it, where somebody does
  bool interruptible = false;   // a signal would end it: not a hang by itself
};

// A thing that runs one day: a timer, a disk's completion, a work item. Owned by whoever posts it, who must
// keep it alive until it has started or was cancelled. `run` is called on a task of the given kind.
struct Event {
  enum class State : std::uint8_t { idle, timed, ready };

  Event(const char* name_in, TaskKind kind_in, std::function<void()> run_in)
      : name(name_in), kind(kind_in), run(std::move(run_in)) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  const char* name;
  TaskKind kind;
  std::function<void()> run;
  // A periodic chore that re-arms itself for ever: it keeps no hung machine looking alive.
  bool housekeeping = false;

  // The runtime's own.
  State state = State::idle;
  Time when{0};
  std::uint64_t sequence = 0;
  std::size_t heap_index = 0;
  Task* resumes = nullptr;  // not a call of `run`, but the going-on of a task
  ListHook hook;
};

// A flow of control. The runtime creates tasks; kernel code only looks at the fields below.
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
  // All locks held, in the order in which they were taken: for the reports and the check of their order.
  std::vector<const LockName*> held;
  unsigned spin_locks_held = 0;
  // current->bio_list of the kernel: makes submit_bio() iterate instead of recurse.
  BioSubmission* bio_submission = nullptr;

  [[nodiscard]] bool atomic_context() const { return kind == TaskKind::softirq || spin_locks_held != 0; }
};

class Runtime {
 public:
  Runtime() = default;
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  virtual ~Runtime() = default;

  // The task that calls. Never null while kernel code runs.
  [[nodiscard]] Task& current() const { return *current_; }

  // Time since boot; and the same in jiffies, which start at 2^32 - 300 s on a real kernel and at 0 here.
  [[nodiscard]] virtual Time now() const = 0;
  [[nodiscard]] std::uint64_t jiffies() const { return static_cast<std::uint64_t>(now() / jiffy); }

  // Starts a task in process context. Any context.
  virtual Task& spawn(std::string name, std::function<void()> body) = 0;

  // Runs `event` on a task of its kind, as soon as possible or not before `when`. Any context. An event that
  // is already posted must not be posted again.
  virtual void post(Event& event) = 0;
  virtual void post_at(Event& event, Time when) = 0;
  // Takes back an event that has not started; false if it was not posted (or has started). Any context.
  virtual bool cancel(Event& event) = 0;

  // Puts the current task to sleep until wake(). The caller has put it where a waker finds it, and checks its
  // condition again afterwards. May sleep, except for the spin locks that use it to model spinning
  // (`spinning`).
  virtual void block(const WaitingFor& waiting_for, bool spinning = false) = 0;
  virtual void wake(Task& task) = 0;
  // Process context: sleeps for a time.
  virtual void sleep_for(Duration duration) = 0;
  // Process context: returns when everything that can run at the current instant has run.
  virtual void settle() = 0;

  // A place where another task may run instead. Costs one branch while the strategy never preempts.
  void schedule_point(Point point, const void* object = nullptr) {
    if (preemptive_) [[unlikely]]
      preempt(point, object);
  }

  // Says that the machine broke a rule of the kernel (slept in atomic context, completed a bio twice...). The
  // run stops at the next switch at the latest; violation() does not return, note_violation() does and is for
  // destructors.
  [[noreturn]] virtual void violation(const std::string& text) = 0;
  virtual void note_violation(const std::string& text) = 0;

  // True while the machine is being torn down from outside (its power was cut, a violation stopped it):
  // fibers are unwound, and the primitives do nothing.
  [[nodiscard]] bool dying() const { return dying_; }

  [[nodiscard]] LockOrder& lock_order() { return lock_order_; }

  // Whoever knows about things in flight (bios, above all) adds a function that lists them for the report of
  // a deadlock or a violation. It is called while the machine stands still, and must not run kernel code.
  void add_diagnostic(std::function<std::string()> diagnostic) {
    diagnostics_.push_back(std::move(diagnostic));
  }

  // Kernel code calls this where it may sleep, even if it happens not to.
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
};

// One line on a task: name, context, locks held.
std::string describe(const Task& task);

}  // namespace dmcore
