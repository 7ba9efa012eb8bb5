// SPDX-License-Identifier: GPL-2.0-or-later
// Wait queues and completions.
#pragma once

#include "dmcore/kernel/lock.h"
#include "dmcore/kernel/order.h"

namespace dmcore {

// Waiting: process context. Waking: any context.
class WaitQueue {
 public:
  // Which orders of a wait and a wake-up are to be tried.
  enum class Orders : std::uint8_t {
    both,
    // Only the wait first. What is waited for is changed before the wake-up, and tested by steps that are
    // AccessKind::waits_next when they find that it has not been.
    wait_first,
  };
  WaitQueue(Runtime& runtime, const char* name, Orders orders = Orders::both)
      : runtime_(runtime), name_(name), orders_(orders), waiters_(runtime) {}

  // Sleeps until `condition()` is true. It is evaluated before the first sleep and after each wake-up. What
  // it reads is either declared by steps of its own, or changed by wake_all_after().
  template <class Condition>
  void wait_event(Condition condition, bool interruptible = false, Place place = Place::here()) {
    if (runtime_.dying()) return;
    runtime_.might_sleep(name_);
    runtime_.step({Point::wait, place}, looking(), name_);
    TaskQueue::Waiter self(runtime_.current());
    while (!condition()) {
      runtime_.fine_step({Point::wait, place}, waiting(), name_);
      order::serialise(this);  // prepare_to_wait_event() takes the queue's lock
      waiters_.enter(self);
      // As in the kernel: what happened until the task was in the queue did not wake it. Without a watcher
      // nothing can have happened.
      if (runtime_.watched() && condition()) break;
      waiters_.sleep(self, {"wait queue", name_, nullptr, interruptible},
                     {Point::wait, name_, looking(), {}, nullptr, place}, false);
    }
    if (TaskQueue::in_queue(self)) {
      runtime_.fine_step({Point::wait, place}, waiting(), name_);
      if (TaskQueue::in_queue(self)) waiters_.leave(self);
    }
  }

  // The same for what wake_all_after() does once, and for good, with nothing else to wake it: whether the
  // task had to sleep, nothing shows.
  template <class Condition>
  void await(Condition condition, Place place = Place::here()) {
    if (runtime_.dying()) return;
    runtime_.might_sleep(name_);
    if (condition()) {
      runtime_.step({Point::wait, place}, awaits(this), name_);
      return;
    }
    order::serialise(this);
    waiters_.wait({"wait queue", name_}, {Point::wait, name_, awaits(this), {}, nullptr, place});
  }

  void wake_all(Place place = Place::here()) {
    // Of several wake-ups all but the first find the queue empty, whichever that is.
    wake_all_after(
        orders_ == Orders::both ? commutes(this) : decides_wait(this), [] {}, place);
  }
  // Changes what the waiters wait for, and wakes them, in one step: as under the queue's lock.
  template <class Change>
  void wake_all_after(Change change, Place place = Place::here()) {
    wake_all_after(writes(this), change, place);
  }
  // The same for a change of which other such changes see nothing.
  template <class Change>
  void wake_all_after_own(Change change, Place place = Place::here()) {
    wake_all_after(commutes(this), change, place);
  }
  // wq_has_sleeper(), with its barrier.
  [[nodiscard]] bool has_sleeper(Place place = Place::here()) const {
    smp_mb();
    // Of several that wake, all but the first find none.
    runtime_.fine_step({Point::wake, place}, commutes(this), name_);
    const order::Unchecked list("waitqueue_active()");
    return !waiters_.empty();
  }
  // The same, but no step of a task: for what another step turns out to be.
  [[nodiscard]] bool has_waiters() const {
    const order::Unchecked no_step("for what a step turns out to be");
    return !waiters_.empty();
  }
  // Before reading what wake_all_after() changes, without waiting for it.
  void about_to_look(Place place = Place::here()) const {
    runtime_.fine_step({Point::wait, place}, reads(this), name_);
  }

 private:
  [[nodiscard]] Access looking() const { return orders_ == Orders::both ? reads(this) : waits_next(this); }
  [[nodiscard]] Access waiting() const { return orders_ == Orders::both ? writes(this) : waits_next(this); }
  template <class Change>
  void wake_all_after(Access access, Change change, Place place) {
    const bool alive = runtime_.fine_step({Point::wake, place}, access, name_);
    order::acquire(this);
    change();
    order::release(this);
    if (!alive) return;
    const order::Unchecked locked("by the queue's lock, which also keeps the queue until it is released");
    waiters_.wake_all();
    runtime_.schedule_point();
  }

  Runtime& runtime_;
  const char* name_;
  Orders orders_;
  TaskQueue waiters_;
};

// struct completion: one task waits until another has completed something.
class Completion {
 public:
  Completion(Runtime& runtime, const char* name) : queue_(runtime, name) {}
  void complete(Place place = Place::here()) {
    queue_.wake_all_after(
        [this] {
          const order::Unchecked locked("by the completion's lock");
          done_ = true;
        },
        place);
  }
  void wait(Place place = Place::here()) {
    queue_.await([this] { return seen(); }, place);
  }
  [[nodiscard]] bool done(Place place = Place::here()) const {
    queue_.about_to_look(place);
    return seen();
  }

 private:
  [[nodiscard]] bool seen() const {
    const order::Unchecked locked("by the completion's lock");
    if (done_) order::acquire(&queue_);
    return done_;
  }

  WaitQueue queue_;
  bool done_ = false;
};

}  // namespace dmcore
