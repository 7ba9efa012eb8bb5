// SPDX-License-Identifier: GPL-2.0-or-later
// atomic_t and the atomic bit operations. Each access is a step. Any context.
//
// As in the kernel (Documentation/atomic_t.txt), operations that return a new or old value are ordered with
// all accesses before and after them; the others are not.
#pragma once

#include <cstdint>
#include <utility>

#include "dmcore/kernel/order.h"
#include "dmcore/kernel/runtime.h"

namespace dmcore {

template <class Flag>
class AtomicFlags;

template <class T>
class Atomic {
 public:
  Atomic(Runtime& runtime, T initial) : runtime_(runtime), value_(initial) {}

  [[nodiscard]] T read() const {
    runtime_.step(Point::atomic, reads(this));
    order::load(this);
    const order::Unchecked atomic("atomic_read()");
    return value_;
  }
  // read(), whose result makes no difference while `flag` is clear: the caller tests that next.
  template <class Flag>
  [[nodiscard]] T read_if(const AtomicFlags<Flag>& flags, Flag flag) const {
    runtime_.step(Point::atomic, reads(this), "", flags.reading(flag));
    if (!flags.is_set(flags.reading(flag))) runtime_.turned_out(AccessKind::none);
    order::load(this);
    const order::Unchecked atomic("atomic_read()");
    return value_;
  }
  void set(T value) {
    runtime_.step(Point::atomic, writes(this));
    order::store(this);
    const order::Unchecked atomic("atomic_set()");
    value_ = value;
  }
  void add(T amount) {
    runtime_.step(Point::atomic, amount == 1 ? commutes(this) : writes(this));
    order::modify(this);
    const order::Unchecked atomic("atomic_add()");
    value_ += amount;
  }
  void inc() { add(1); }
  void dec() {
    runtime_.step(Point::atomic, commutes(this));
    order::modify(this);
    const order::Unchecked atomic("atomic_dec()");
    --value_;
  }
  // xchg(): returns the old value.
  T exchange(T value) {
    runtime_.step(Point::atomic, writes(this));
    order::modify_ordered(this);
    const order::Unchecked atomic("xchg()");
    return std::exchange(value_, value);
  }
  // cmpxchg(): sets `value` if it is `expected`. Returns the old value.
  T compare_exchange(T expected, T value) {
    runtime_.step(Point::atomic, writes(this));
    order::modify_ordered(this);
    const order::Unchecked atomic("cmpxchg()");
    return value_ == expected ? std::exchange(value_, value) : value_;
  }
  // Returns whether the new value is zero.
  [[nodiscard]] bool dec_and_test() {
    runtime_.step(Point::atomic, counts_down(this));
    order::modify_ordered(this);
    const order::Unchecked atomic("atomic_dec_and_test()");
    --value_;
    runtime_.left(static_cast<std::int64_t>(value_));
    return value_ == 0;
  }
  // The same, where it makes no difference who is the last one while `flag` is clear: the last one wakes
  // those that set it before they look and wait.
  template <class Flag>
  [[nodiscard]] bool dec_and_test_if(const AtomicFlags<Flag>& flags, Flag flag) {
    runtime_.step(Point::atomic, counts_down(this), "", flags.reading(flag));
    order::modify_ordered(this);
    const order::Unchecked atomic("atomic_dec_and_test()");
    --value_;
    if (flags.is_set(flags.reading(flag))) {
      runtime_.left(static_cast<std::int64_t>(value_));
    } else {
      runtime_.turned_out(AccessKind::commutes);
    }
    return value_ == 0;
  }

 private:
  Runtime& runtime_;
  T value_;
};

// atomic_dec_and_test() of a member (order.h), in a step that was declared as counts_down().
template <class T>
[[nodiscard]] bool count_down(Runtime& runtime, T& value) {
  const bool is_last = atomic_dec_and_test(value);
  const order::Unchecked atomic("atomic_dec_and_test()");
  runtime.left(static_cast<std::int64_t>(value));
  return is_last;
}

// The same as a load and a store, between which others come: for defects.
template <class T>
[[nodiscard]] bool count_down_torn(Runtime& runtime, const void* object, T& value) {
  const order::Unchecked torn("a defect");
  const T before = value;
  runtime.fine_step(Point::atomic, writes(object), "torn count");
  value = before - 1;
  return value == 0;
}

// this_cpu_inc(), this_cpu_dec(): a counter with a part for each processor. Changes are not ordered with each
// other, or tasks that only pass the counter would be; a reader of the sum sees them all.
class PerCpuCounter {
 public:
  explicit PerCpuCounter(Runtime& runtime) : runtime_(runtime) {}

  [[nodiscard]] unsigned sum() const {
    runtime_.step(Point::atomic, reads(this));
    order::load(this);
    const order::Unchecked atomic("this_cpu_read() of each processor");
    return sum_;
  }
  void inc() { change(commutes(this), 1); }
  void dec() { change(commutes(this), -1); }
  // Returns whether the sum is zero, for a task that polls for that in the kernel.
  [[nodiscard]] bool dec_and_test() {
    const unsigned sum = change(counts_down(this), -1);
    runtime_.left(static_cast<int>(sum));
    return sum == 0;
  }

 private:
  unsigned change(Access access, int by) {
    runtime_.step(Point::atomic, access);
    order::modify_per_cpu(this);
    const order::Unchecked atomic("this_cpu_add()");
    sum_ += static_cast<unsigned>(by);
    return sum_;
  }

  Runtime& runtime_;
  unsigned sum_ = 0;
};

// The bits of an unsigned long: set_bit(), clear_bit(), test_bit(), test_and_set_bit(). `Flag` is an enum of
// bit numbers.
template <class Flag>
class AtomicFlags {
 public:
  explicit AtomicFlags(Runtime& runtime) : runtime_(runtime) {}

  [[nodiscard]] bool test(Flag flag) const { return test(flag, nullptr); }
  // For a task that waits until it is clear, or until it has set it; with `waits`, which may be is_set().
  [[nodiscard]] bool test(Flag flag, Waits waits) const {
    runtime_.step(Point::flag, reads(this, number(flag)), "", {}, waits);
    order::load(this);
    const order::Unchecked atomic("test_bit()");
    return (bits_ & mask(flag)) != 0;
  }
  // test(), of a task that waits until it is clear if it is set, and lets others in meanwhile. If it is
  // clear, it is as if the task had waited and none had come in.
  [[nodiscard]] bool test_to_wait(Flag flag) const {
    const bool is_set = test(flag);
    if (is_set) runtime_.turned_out(AccessKind::waits_next);
    return is_set;
  }
  void set(Flag flag) {
    runtime_.step(Point::flag, writes(this, number(flag)));
    order::modify(this);
    const order::Unchecked atomic("set_bit()");
    bits_ |= mask(flag);
  }
  void clear(Flag flag) {
    runtime_.step(Point::flag, releases(this, number(flag)));
    order::modify(this);
    const order::Unchecked atomic("clear_bit()");
    bits_ &= ~mask(flag);
  }
  // Whether all are clear.
  [[nodiscard]] bool none() const {
    runtime_.step(Point::flag, reads(this, Access::whole));
    order::acquire(this);
    const order::Unchecked atomic("smp_load_acquire()");
    return bits_ == 0;
  }
  // Returns the old value.
  [[nodiscard]] bool test_and_set(Flag flag) { return test_and_set(flag, nullptr); }
  [[nodiscard]] bool test_and_set(Flag flag, Waits waits) {
    runtime_.step(Point::flag, writes(this, number(flag)), "", {}, waits);
    order::modify_ordered(this);
    const order::Unchecked atomic("test_and_set_bit()");
    const bool before = (bits_ & mask(flag)) != 0;
    bits_ |= mask(flag);
    return before;
  }

  // What a look at it touches.
  [[nodiscard]] Access reading(Flag flag) const { return reads(this, number(flag)); }
  // Whether the bit is set that `access` touches: for what is no step of a task.
  [[nodiscard]] static bool is_set(const Access& access) {
    const order::Unchecked no_step("a look from outside");
    return (static_cast<const AtomicFlags*>(access.object)->bits_ & (1UL << access.part)) != 0;
  }

 private:
  static constexpr unsigned number(Flag flag) { return static_cast<unsigned>(flag); }
  static constexpr unsigned long mask(Flag flag) { return 1UL << number(flag); }
  Runtime& runtime_;
  unsigned long bits_ = 0;
};

}  // namespace dmcore
