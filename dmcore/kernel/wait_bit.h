// SPDX-License-Identifier: GPL-2.0-or-later
// Waiting for a bit of a word (kernel/sched/wait_bit.c).
#pragma once

#include <algorithm>
#include <list>

#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/wait.h"

namespace dmcore {

// All tasks of a machine that wait for a bit. It knows only addresses, so that a task which has cleared a bit
// may wake its waiters although the object may be gone by then.
class BitWaits {
 public:
  explicit BitWaits(Runtime& runtime) : runtime_(runtime) {}

  // wait_on_bit(): until the bit is clear. `name` is for reports, and not copied. May sleep.
  template <class Flag>
  void wait_clear(AtomicFlags<Flag>& flags, Flag flag, const char* name, Place place = Place::here()) {
    wait(
        {&flags, static_cast<unsigned>(flag)}, name, [&] { return !flags.test_to_wait(flag, place); }, place);
    order::acquire(&flags);  // test_bit_acquire()
  }
  // wait_on_bit_lock(): until this task has set the bit. May sleep.
  template <class Flag>
  void wait_set(AtomicFlags<Flag>& flags, Flag flag, const char* name, Place place = Place::here()) {
    wait(
        {&flags, static_cast<unsigned>(flag)}, name, [&] { return !flags.test_and_set_to_wait(flag, place); },
        place);
  }
  // wake_up_bit(), after the bit was cleared. Any context.
  template <class Flag>
  void wake(const AtomicFlags<Flag>* flags, Flag flag, Place place = Place::here()) {
    const Bit bit{flags, static_cast<unsigned>(flag)};
    runtime_.fine_step({Point::wake, place}, decides_wait(queue_of(bit), bit.number), "bit waits");
    const order::Unchecked locked("by the queue's lock");
    const auto queue = find(bit);
    if (queue == queues_.end()) return;
    ++queue->users;
    queue->waiters.wake_all(place);
    let_go(queue);
  }

 private:
  struct Bit {
    const void* word;
    unsigned number;
    friend bool operator==(const Bit&, const Bit&) = default;
  };
  // Exists while tasks wait, or wake those that do.
  struct Queue {
    Queue(Runtime& runtime, const char* name, const Bit& bit_in)
        : bit(bit_in), waiters(runtime, name, WaitQueue::Orders::wait_first) {}
    Bit bit;
    WaitQueue waiters;
    unsigned users = 0;
  };

  // The bit's queue, for a step: an address within the word, which no other object has.
  static const void* queue_of(const Bit& bit) { return static_cast<const char*>(bit.word) + 1; }
  template <class Condition>
  void wait(const Bit& bit, const char* name, Condition condition, Place place) {
    if (condition()) return;
    runtime_.fine_step({Point::wait, place}, waits_next(queue_of(bit), bit.number), "bit waits");
    const order::Unchecked locked("by the queue's lock");
    auto queue = find(bit);
    if (queue == queues_.end()) queue = queues_.emplace(queue, runtime_, name, bit);
    ++queue->users;
    queue->waiters.wait_event(condition, false, place);
    let_go(queue);
  }
  std::list<Queue>::iterator find(const Bit& bit) {
    return std::find_if(queues_.begin(), queues_.end(), [&](const Queue& queue) { return queue.bit == bit; });
  }
  void let_go(std::list<Queue>::iterator queue) {
    if (--queue->users == 0) queues_.erase(queue);
  }

  Runtime& runtime_;
  std::list<Queue> queues_;
};

}  // namespace dmcore
