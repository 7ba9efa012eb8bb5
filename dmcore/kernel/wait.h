// SPDX-License-Identifier: GPL-2.0-or-later
// Wait queues and completions.
#pragma once

#include "dmcore/kernel/lock.h"
#include "dmcore/kernel/order.h"

namespace dmcore {

// Waiting: process context. Waking: any context.
class WaitQueue {
 public:
  WaitQueue(Runtime& runtime, const char* name) : runtime_(runtime), name_(name), waiters_(runtime) {}

  // Sleeps until `condition()` is true. It is evaluated before the first sleep and after each wake-up.
  template <class Condition>
  void wait_event(Condition condition, bool interruptible = false) {
    if (runtime_.dying()) return;
    runtime_.might_sleep(name_);
    runtime_.schedule_point(Point::wait, this);
    while (!condition()) {
      order::serialise(this);  // prepare_to_wait_event() takes the queue's lock
      waiters_.wait({"wait queue", name_, nullptr, interruptible});
    }
  }

  void wake_all() {
    const order::Unchecked locked("by the queue's lock, which also keeps the queue until it is released");
    if (runtime_.dying()) return;
    order::serialise(this);
    waiters_.wake_all();
    runtime_.schedule_point(Point::wake, this);
  }
  // wq_has_sleeper(), with the barrier.
  [[nodiscard]] bool has_sleeper() const {
    smp_mb();
    const order::Unchecked list("waitqueue_active()");
    return !waiters_.empty();
  }

 private:
  Runtime& runtime_;
  const char* name_;
  TaskQueue waiters_;
};

// struct completion: one task waits until another has completed something.
class Completion {
 public:
  Completion(Runtime& runtime, const char* name) : queue_(runtime, name) {}
  void complete() {
    const order::Unchecked locked("by the completion's lock, which also keeps the completion");
    order::serialise(this);
    done_ = true;
    queue_.wake_all();
  }
  void wait() {
    queue_.wait_event([this] { return done(); });
  }
  [[nodiscard]] bool done() const {
    const order::Unchecked locked("by the completion's lock");
    if (done_) order::acquire(this);
    return done_;
  }

 private:
  WaitQueue queue_;
  bool done_ = false;
};

}  // namespace dmcore
