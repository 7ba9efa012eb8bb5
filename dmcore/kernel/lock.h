// SPDX-License-Identifier: GPL-2.0-or-later
// Spin locks, mutexes and read-write semaphores.
//
// The name of a lock is its class: see lock_order.h. Unlocking is a step, at which a task may be preempted
// and, if the machine is stopped, unwound: destructors of guards are therefore noexcept(false).
#pragma once

#include "dmcore/kernel/runtime.h"

namespace dmcore {

// The tasks that wait for one object, first in, first out. All primitives here use it.
class TaskQueue {
 public:
  explicit TaskQueue(Runtime& runtime) : runtime_(runtime) {}
  [[nodiscard]] bool empty() const { return waiters_.empty(); }

  // Blocks the current task until it is woken by one of the functions below, and then takes the step `then`.
  void wait(const WaitingFor& waiting_for, const Step& then, bool spinning = false);
  void wake_one();
  void wake_all();

  // The parts of wait(), for a task that has something to check between them: a wake-up after enter() is not
  // missed by sleep().
  class Waiter {
   public:
    explicit Waiter(Task& task) : task_(task) {}

   private:
    friend class TaskQueue;
    Task& task_;
    bool queued_ = false;
    ListHook hook_;
  };
  void enter(Waiter& self);
  void sleep(Waiter& self, const WaitingFor& waiting_for, const Step& then, bool spinning);
  // Not to be woken any more. For one that was not.
  void leave(Waiter& self);
  [[nodiscard]] static bool in_queue(const Waiter& self) { return self.queued_; }

 private:
  using Waiters = LinkedList<Waiter, &Waiter::hook_>;

  Runtime& runtime_;
  Waiters waiters_;
};

// Any context. The holder must not sleep. lock_irq() is for locks that softirqs take too: spin_lock_irq() and
// spin_lock_irqsave(), since nothing here depends on the flags that would be restored.
class SpinLock {
 public:
  SpinLock(Runtime& runtime, const char* name);
  // For many locks of one class, so that LockOrder::class_of() is called once.
  SpinLock(Runtime& runtime, const LockName& name) : runtime_(runtime), name_(name), waiters_(runtime) {}

  void lock(Place place = Place::here()) { take(false, place); }
  void unlock(Place place = Place::here()) { release(place); }
  void lock_irq(Place place = Place::here()) { take(true, place); }
  void unlock_irq(Place place = Place::here()) { release(place); }

 private:
  void take(bool interrupts_off, Place place);
  void release(Place place);
  static bool is_held(const Access& access);

  Runtime& runtime_;
  LockName name_;
  Task* owner_ = nullptr;
  TaskQueue waiters_;
};

// Process context; may sleep.
class Mutex {
 public:
  Mutex(Runtime& runtime, const char* name);

  void lock(Place place = Place::here());
  void unlock(Place place = Place::here());

 private:
  static bool is_held(const Access& access);

  Runtime& runtime_;
  LockName name_;
  Task* owner_ = nullptr;
  TaskQueue waiters_;
};

// rw_semaphore (kernel/locking/rwsem.c). Process context; may sleep.
//
// Those that wait do so in one queue. Its first, if it is a writer, is woken when the lock is free, and must
// take it itself: a task that comes before it runs, reader or writer, has the lock first. If the first is a
// reader, all readers in the queue are given the lock.
class RwSemaphore {
 public:
  RwSemaphore(Runtime& runtime, const char* name);

  void lock_shared(Place place = Place::here());
  void unlock_shared(Place place = Place::here());
  void lock(Place place = Place::here());
  void unlock(Place place = Place::here());

 private:
  // In the queue, from the first attempt until it has the lock.
  struct Waiter {
    Task* task;
    bool writer;
    bool woken = false;  // of a reader: it has the lock
    ListHook hook;
  };
  using Waiters = LinkedList<Waiter, &Waiter::hook>;

  [[nodiscard]] bool begin(const Step& step);
  void wait(Waiter& self, const Step& then);
  void wake_next();

  Runtime& runtime_;
  LockName name_;
  Task* writer_ = nullptr;
  unsigned readers_ = 0;
  Waiters waiters_;
};

// Holds a lock for the duration of a scope. Its release has the place of the guard.
template <class Lock, void (Lock::*take)(Place), void (Lock::*release)(Place)>
class Guard {
 public:
  explicit Guard(Lock& lock, Place place = Place::here()) : lock_(lock), place_(place) {
    (lock_.*take)(place_);
  }
  ~Guard() noexcept(false) { (lock_.*release)(place_); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  Lock& lock_;
  Place place_;
};
using SpinGuard = Guard<SpinLock, &SpinLock::lock, &SpinLock::unlock>;
using IrqSpinGuard = Guard<SpinLock, &SpinLock::lock_irq, &SpinLock::unlock_irq>;
using MutexGuard = Guard<Mutex, &Mutex::lock, &Mutex::unlock>;
using ReadGuard = Guard<RwSemaphore, &RwSemaphore::lock_shared, &RwSemaphore::unlock_shared>;
using WriteGuard = Guard<RwSemaphore, &RwSemaphore::lock, &RwSemaphore::unlock>;

}  // namespace dmcore
