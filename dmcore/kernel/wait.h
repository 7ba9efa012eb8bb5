// SPDX-License-Identifier: GPL-2.0-or-later
// Wait queues and completions.
#pragma once

#include "dmcore/kernel/lock.h"

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
    while (!condition()) waiters_.wait({"wait queue", name_, nullptr, interruptible});
  }

  void wake_all() {
    if (runtime_.dying()) return;
    waiters_.wake_all();
    runtime_.schedule_point(Point::wake, this);
  }
  [[nodiscard]] bool has_sleeper() const { return !waiters_.empty(); }

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
    done_ = true;
    queue_.wake_all();
  }
  void wait() {
    queue_.wait_event([this] { return done_; });
  }
  [[nodiscard]] bool done() const { return done_; }

 private:
  WaitQueue queue_;
  bool done_ = false;
};

}  // namespace dmcore
