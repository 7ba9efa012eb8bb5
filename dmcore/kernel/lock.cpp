// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/lock.h"

#include <algorithm>
#include <fmt/format.h>

#include "dmcore/kernel/order.h"

namespace dmcore {

namespace {

// Called before waiting for the lock, so that a wrong order is reported even when it deadlocks at once.
void check_order(Runtime& runtime, const LockName& name) {
  Task& task = runtime.current();
  if (task.held.empty()) return;
  const std::string cycle = runtime.lock_order().acquire(task.held, name);
  if (!cycle.empty()) runtime.violation(fmt::format("{}\n  in {}", cycle, describe(task)));
}

void remember_held(Task& task, const LockName& name) {
  task.held.push_back(&name);
}

// Whether nothing shows that the current task slept: no plug lets requests go then, no other worker is woken.
bool sleeps_unseen(const Runtime& runtime) {
  const Task& task = runtime.current();
  return task.plug == nullptr && (task.worker == nullptr || runtime.parallel_work());
}

// Locks may be released in any order; the last one taken is nearly always the first released.
void forget(Runtime& runtime, const LockName& name) {
  std::vector<const LockName*>& held = runtime.current().held;
  const auto it = std::find(held.rbegin(), held.rend(), &name);
  if (it == held.rend()) {
    runtime.violation(fmt::format("'{}' is unlocked by {}, which does not hold it", name.name,
                                  describe(runtime.current())));
  }
  held.erase(std::next(it).base());
}

}  // namespace

void TaskQueue::enter(Waiter& self) {
  self.queued_ = true;
  waiters_.push_back(self);
}

void TaskQueue::sleep(Waiter& self, const WaitingFor& waiting_for, const Step& then, bool spinning) {
  while (self.queued_) runtime_.block(waiting_for, then, spinning);
}

void TaskQueue::leave(Waiter& self) {
  self.queued_ = false;
  waiters_.erase(waiters_.iterator_to(self));
}

void TaskQueue::wait(const WaitingFor& waiting_for, const Step& then, bool spinning) {
  Waiter self(runtime_.current());
  enter(self);
  sleep(self, waiting_for, then, spinning);
}

void TaskQueue::wake_one() {
  if (waiters_.empty()) return;
  Waiter& first = waiters_.front();
  leave(first);
  runtime_.wake(first.task_);
}

void TaskQueue::wake_all() {
  while (!waiters_.empty()) wake_one();
}

SpinLock::SpinLock(Runtime& runtime, const char* name)
    : runtime_(runtime), name_{name, runtime.lock_order().class_of(name)}, waiters_(runtime) {}

void SpinLock::take(bool interrupts_off, Place place) {
  if (!runtime_.step({Point::spin_lock, place}, writes(this), name_.name, {}, is_held)) return;
  Task& task = runtime_.current();
  if (owner_ == &task) {
    runtime_.violation(fmt::format("spin lock '{}' is taken twice by {}", name_.name, describe(task)));
  }
  check_order(runtime_, name_);
  const std::string context =
      runtime_.lock_order().note_context(name_, task.kind == TaskKind::softirq, interrupts_off);
  if (!context.empty()) runtime_.violation(fmt::format("{}\n  in {}", context, describe(task)));
  while (owner_ != nullptr)
    waiters_.wait({"spin lock", name_.name, owner_},
                  {Point::spin_lock, name_.name, writes(this), {}, is_held, place}, true);
  owner_ = &task;
  order::acquire(this);
  ++task.spin_locks_held;
  remember_held(task, name_);
}

void SpinLock::release(Place place) {
  if (!runtime_.fine_step({Point::spin_unlock, place}, releases(this), name_.name)) return;
  forget(runtime_, name_);
  --runtime_.current().spin_locks_held;
  order::release(this);
  owner_ = nullptr;
  waiters_.wake_one();
  runtime_.schedule_point();
}

bool SpinLock::is_held(const Access& access) {
  const order::Unchecked no_step("a look from outside");
  return static_cast<const SpinLock*>(access.object)->owner_ != nullptr;
}

Mutex::Mutex(Runtime& runtime, const char* name)
    : runtime_(runtime), name_{name, runtime.lock_order().class_of(name)}, waiters_(runtime) {}

void Mutex::lock(Place place) {
  if (runtime_.dying()) return;
  runtime_.might_sleep(name_.name);
  const Waits waits = sleeps_unseen(runtime_) ? is_held : nullptr;
  runtime_.step({Point::mutex_lock, place}, writes(this), name_.name, {}, waits);
  if (owner_ == &runtime_.current()) {
    runtime_.violation(fmt::format("mutex '{}' is taken twice by {}", name_.name, describe(*owner_)));
  }
  check_order(runtime_, name_);
  while (owner_ != nullptr)
    waiters_.wait({"mutex", name_.name, owner_},
                  {Point::mutex_lock, name_.name, writes(this), {}, waits, place});
  owner_ = &runtime_.current();
  order::acquire(this);
  remember_held(*owner_, name_);
}

void Mutex::unlock(Place place) {
  if (!runtime_.fine_step({Point::mutex_unlock, place}, releases(this), name_.name)) return;
  forget(runtime_, name_);
  order::release(this);
  owner_ = nullptr;
  waiters_.wake_one();
  runtime_.schedule_point();
}

bool Mutex::is_held(const Access& access) {
  const order::Unchecked no_step("a look from outside");
  return static_cast<const Mutex*>(access.object)->owner_ != nullptr;
}

RwSemaphore::RwSemaphore(Runtime& runtime, const char* name)
    : runtime_(runtime), name_{name, runtime.lock_order().class_of(name)} {}

// False if the machine is torn down.
bool RwSemaphore::begin(const Step& step) {
  if (runtime_.dying()) return false;
  runtime_.might_sleep(name_.name);
  runtime_.step({step.point, step.place}, step.access, step.name);
  check_order(runtime_, name_);
  return true;
}

void RwSemaphore::wait(Waiter& self, const Step& then) {
  self.woken = false;
  while (!self.woken)
    runtime_.block({self.writer ? "rw-semaphore (write)" : "rw-semaphore (read)", name_.name, writer_}, then,
                   false);
}

// rwsem_mark_wake()
void RwSemaphore::wake_next() {
  if (waiters_.empty()) return;
  const auto wake = [this](Waiter& waiter) {
    waiter.woken = true;
    runtime_.wake(*waiter.task);
  };
  if (waiters_.front().writer) {
    wake(waiters_.front());
    return;
  }
  for (auto it = waiters_.begin(); it != waiters_.end();) {
    Waiter& waiter = *it++;
    if (waiter.writer) continue;
    waiters_.erase(waiters_.iterator_to(waiter));
    ++readers_;
    wake(waiter);
  }
}

void RwSemaphore::lock_shared(Place place) {
  // Readers do not see each other.
  const Step taking{Point::rwsem_lock, name_.name, commutes(this), {}, nullptr, place};
  if (!begin(taking)) return;
  Task& task = runtime_.current();
  // Also with others in the queue, if none has the lock (optimistic lock stealing).
  const bool free = writer_ == nullptr && (readers_ == 0 || waiters_.empty());
  if (free) {
    ++readers_;
  } else {
    Waiter self{&task, false, false, {}};
    waiters_.push_back(self);
    wait(self, taking);
  }
  order::acquire(&writer_);
  remember_held(task, name_);
}

void RwSemaphore::unlock_shared(Place place) {
  if (!runtime_.fine_step({Point::rwsem_unlock, place}, commutes(this), name_.name)) return;
  forget(runtime_, name_);
  order::release(&readers_);
  if (--readers_ == 0) wake_next();
  runtime_.schedule_point();
}

void RwSemaphore::lock(Place place) {
  const Step taking{Point::rwsem_lock, name_.name, writes(this), {}, nullptr, place};
  if (!begin(taking)) return;
  Task& task = runtime_.current();
  const auto is_free = [this] { return writer_ == nullptr && readers_ == 0; };
  if (!is_free()) {
    Waiter self{&task, true, false, {}};
    waiters_.push_back(self);
    do {
      wait(self, taking);
    } while (!is_free());
    waiters_.erase(waiters_.iterator_to(self));
  }
  order::acquire(&writer_);
  order::acquire(&readers_);
  writer_ = &task;
  remember_held(task, name_);
}

void RwSemaphore::unlock(Place place) {
  if (!runtime_.fine_step({Point::rwsem_unlock, place}, writes(this), name_.name)) return;
  forget(runtime_, name_);
  order::release(&writer_);
  writer_ = nullptr;
  wake_next();
  runtime_.schedule_point();
}

}  // namespace dmcore
