// SPDX-License-Identifier: GPL-2.0-or-later
// Spin locks, mutexes and read-write semaphores.
//
// Names are lock classes: see lock_order.h. Guards unlock in their destructor, which is a place where a task
// may be switched away and unwound, hence noexcept(false).
#pragma once

#include <boost/intrusive/list.hpp>

#include "dmcore/kernel/runtime.h"

namespace dmcore {

// Tasks that wait for one thing, first in first out. The building block of every primitive here.
class TaskQueue {
 public:
  explicit TaskQueue(Runtime& runtime) : runtime_(runtime) {}
  [[nodiscard]] bool empty() const { return waiters_.empty(); }

  // Sleeps until somebody wakes this task here.
  void wait(const WaitingFor& waiting_for, bool spinning = false);
  void wake_one();
  void wake_all();

 private:
  struct Waiter {
    Task* task;
    bool woken = false;
    Event::Hook hook;
  };
  using Waiters =
      boost::intrusive::list<Waiter, boost::intrusive::member_hook<Waiter, Event::Hook, &Waiter::hook>>;

  Runtime& runtime_;
  Waiters waiters_;
};

// Any context. The holder must not sleep. lock_irq() is for locks that softirqs take too: it stands for
// spin_lock_irqsave() as well, since nothing here depends on the flags that would be restored.
class SpinLock {
 public:
  SpinLock(Runtime& runtime, const char* name);
  // For many locks of one class, which is then looked up once: LockOrder::class_of().
  SpinLock(Runtime& runtime, const LockName& name) : runtime_(runtime), name_(name), waiters_(runtime) {}

  void lock() { take(false); }
  void unlock() { release(); }
  void lock_irq() { take(true); }
  void unlock_irq() { release(); }
  [[nodiscard]] bool held_by_current() const { return owner_ == &runtime_.current(); }

 private:
  void take(bool interrupts_off);
  void release();

  Runtime& runtime_;
  LockName name_;
  Task* owner_ = nullptr;
  TaskQueue waiters_;
};

// Process context; may sleep.
class Mutex {
 public:
  Mutex(Runtime& runtime, const char* name);

  void lock();
  void unlock();
  [[nodiscard]] bool try_lock();

 private:
  void acquired();

  Runtime& runtime_;
  LockName name_;
  Task* owner_ = nullptr;
  TaskQueue waiters_;
};

// A read-write semaphore. Process context; may sleep. A waiting writer goes before readers that come later.
class RwSemaphore {
 public:
  RwSemaphore(Runtime& runtime, const char* name);

  void lock_shared();
  void unlock_shared();
  void lock();
  void unlock();
  // The writer becomes a reader without letting go.
  void downgrade();

 private:
  void before_waiting(const char* what);

  Runtime& runtime_;
  LockName name_;
  Task* writer_ = nullptr;
  unsigned readers_ = 0;
  unsigned writers_waiting_ = 0;
  TaskQueue read_waiters_;
  TaskQueue write_waiters_;
};

class SpinGuard {
 public:
  explicit SpinGuard(SpinLock& lock) : lock_(lock) { lock_.lock(); }
  ~SpinGuard() noexcept(false) { lock_.unlock(); }
  SpinGuard(const SpinGuard&) = delete;
  SpinGuard& operator=(const SpinGuard&) = delete;

 private:
  SpinLock& lock_;
};

class IrqSpinGuard {
 public:
  explicit IrqSpinGuard(SpinLock& lock) : lock_(lock) { lock_.lock_irq(); }
  ~IrqSpinGuard() noexcept(false) { lock_.unlock_irq(); }
  IrqSpinGuard(const IrqSpinGuard&) = delete;
  IrqSpinGuard& operator=(const IrqSpinGuard&) = delete;

 private:
  SpinLock& lock_;
};

class MutexGuard {
 public:
  explicit MutexGuard(Mutex& mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexGuard() noexcept(false) { mutex_.unlock(); }
  MutexGuard(const MutexGuard&) = delete;
  MutexGuard& operator=(const MutexGuard&) = delete;

 private:
  Mutex& mutex_;
};

class ReadGuard {
 public:
  explicit ReadGuard(RwSemaphore& semaphore) : semaphore_(semaphore) { semaphore_.lock_shared(); }
  ~ReadGuard() noexcept(false) { semaphore_.unlock_shared(); }
  ReadGuard(const ReadGuard&) = delete;
  ReadGuard& operator=(const ReadGuard&) = delete;

 private:
  RwSemaphore& semaphore_;
};

class WriteGuard {
 public:
  explicit WriteGuard(RwSemaphore& semaphore) : semaphore_(semaphore) { semaphore_.lock(); }
  ~WriteGuard() noexcept(false) { semaphore_.unlock(); }
  WriteGuard(const WriteGuard&) = delete;
  WriteGuard& operator=(const WriteGuard&) = delete;

 private:
  RwSemaphore& semaphore_;
};

}  // namespace dmcore
