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

  [[nodiscard]] T read(Place place = Place::here()) const {
    runtime_.step({Point::atomic, place}, reads(this));
    order::load(this);
    const order::Unchecked atomic("atomic_read()");
    return value_;
  }
  void set(T value, Place place = Place::here()) {
    runtime_.step({Point::atomic, place}, writes(this));
    order::store(this);
    const order::Unchecked atomic("atomic_set()");
    value_ = value;
  }
  void add(T amount, Place place = Place::here()) {
    if (amount == 1) return inc(place);
    runtime_.step({Point::atomic, place}, writes(this));
    order::modify(this);
    const order::Unchecked atomic("atomic_add()");
    value_ += amount;
  }
  // Only from zero and to zero they make a difference to a task that waits for zero.
  void inc(Place place = Place::here()) {
    runtime_.step({Point::atomic, place}, decides_wait(this));
    order::modify(this);
    const order::Unchecked atomic("atomic_inc()");
    runtime_.counted(static_cast<std::int64_t>(++value_), 1);
  }
  void dec(Place place = Place::here()) {
    runtime_.step({Point::atomic, place}, decides_wait(this));
    order::modify(this);
    const order::Unchecked atomic("atomic_dec()");
    runtime_.counted(static_cast<std::int64_t>(--value_), 0);
  }
  // xchg(): returns the old value.
  T exchange(T value, Place place = Place::here()) {
    runtime_.step({Point::atomic, place}, writes(this));
    order::modify_ordered(this);
    const order::Unchecked atomic("xchg()");
    return std::exchange(value_, value);
  }
  // cmpxchg(): sets `value` if it is `expected`. Returns the old value.
  T compare_exchange(T expected, T value, Place place = Place::here()) {
    runtime_.step({Point::atomic, place}, writes(this));
    order::modify_ordered(this);
    const order::Unchecked atomic("cmpxchg()");
    return value_ == expected ? std::exchange(value_, value) : value_;
  }
  // Returns whether the new value is zero.
  [[nodiscard]] bool dec_and_test(Place place = Place::here()) {
    runtime_.step({Point::atomic, place}, counts_down(this));
    const T left = one_less();
    runtime_.left(static_cast<std::int64_t>(left));
    return left == 0;
  }
  // The same, where it makes no difference who is the last one while `flag` is clear: the last one wakes
  // those that set it before they look and wait.
  template <class Flag>
  [[nodiscard]] bool dec_and_test_if(const AtomicFlags<Flag>& flags, Flag flag, Place place = Place::here()) {
    runtime_.step({Point::atomic, place}, counts_down(this), "", flags.reading(flag));
    const T left = one_less();
    runtime_.left(static_cast<std::int64_t>(left), flags.has(flag));
    return left == 0;
  }
  // The same, where it makes no difference who is the last one while no task waits for that.
  template <class IsAwaited>
  [[nodiscard]] bool dec_and_test_if(IsAwaited is_awaited, Place place = Place::here()) {
    runtime_.step({Point::atomic, place}, counts_down(this));
    const T left = one_less();
    runtime_.left(static_cast<std::int64_t>(left), is_awaited());
    return left == 0;
  }
  // Whether the value is zero, of a task that waits for that if it is not.
  [[nodiscard]] bool is_zero_to_wait(Place place = Place::here()) const {
    const bool is_zero = read(place) == 0;
    runtime_.waits_next(!is_zero);
    return is_zero;
  }
  // Whether the value is zero and `flag` set, which are looked at in this order. While `flag` is clear the
  // value makes no difference.
  template <class Flag>
  [[nodiscard]] bool is_zero_and(const AtomicFlags<Flag>& flags, Flag flag,
                                 Place place = Place::here()) const {
    const bool presumes = runtime_.presumes();
    runtime_.step({Point::atomic, place}, reads(this), "", presumes ? flags.reading(flag) : Access());
    order::load(this);
    if (presumes && flags.stays_clear(flag)) runtime_.turned_out(AccessKind::none);
    bool zero = false;
    {
      const order::Unchecked atomic("atomic_read()");
      zero = value_ == 0;
    }
    return zero && flags.test(flag, place);
  }

 private:
  T one_less() {
    order::modify_ordered(this);
    const order::Unchecked atomic("atomic_dec_and_test()");
    return --value_;
  }

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
[[nodiscard]] bool count_down_torn(Runtime& runtime, const void* object, T& value,
                                   Place place = Place::here()) {
  const order::Unchecked torn("a defect");
  const T before = value;
  runtime.fine_step({Point::atomic, place}, writes(object), "torn count");
  value = before - 1;
  return value == 0;
}

// this_cpu_inc(), this_cpu_dec(): a counter with a part for each processor. Changes are not ordered with each
// other, or tasks that only pass the counter would be; a reader of the sum sees them all.
class PerCpuCounter {
 public:
  explicit PerCpuCounter(Runtime& runtime) : runtime_(runtime) {}

  [[nodiscard]] unsigned sum(Place place = Place::here()) const {
    runtime_.step({Point::atomic, place}, reads(this));
    order::load(this);
    const order::Unchecked atomic("this_cpu_read() of each processor");
    return sum_;
  }
  void inc(Place place = Place::here()) { runtime_.counted(change(decides_wait(this), 1, place), 1); }
  void dec(Place place = Place::here()) { runtime_.counted(change(decides_wait(this), -1, place), 0); }
  // Returns whether the sum is zero, for a task that polls for that in the kernel. While none does, it makes
  // no difference who is the last one.
  template <class IsPolled>
  [[nodiscard]] bool dec_and_test_if(IsPolled is_polled, Place place = Place::here()) {
    const unsigned sum = change(counts_down(this), -1, place);
    runtime_.left(static_cast<int>(sum), is_polled());
    return sum == 0;
  }
  // Whether the sum is zero, of a task that waits for that if it is not.
  [[nodiscard]] bool is_zero_to_wait(Place place = Place::here()) const {
    const bool is_zero = sum(place) == 0;
    runtime_.waits_next(!is_zero);
    return is_zero;
  }

 private:
  unsigned change(Access access, int by, Place place) {
    runtime_.step({Point::atomic, place}, access);
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

  [[nodiscard]] bool test(Flag flag, Place place = Place::here()) const {
    runtime_.step({Point::flag, place}, reading(flag));
    order::load(this);
    const order::Unchecked atomic("test_bit()");
    return (bits_ & mask(flag)) != 0;
  }
  // The same, of a task that waits for it to be clear if it is set.
  [[nodiscard]] bool test_to_wait(Flag flag, Place place = Place::here()) const {
    const bool is_set = test(flag, place);
    runtime_.waits_next(is_set);
    return is_set;
  }
  void set(Flag flag, Place place = Place::here()) {
    runtime_.step({Point::flag, place}, writes(this, number(flag)));
    order::modify(this);
    const order::Unchecked atomic("set_bit()");
    put_in(flag);
  }
  void clear(Flag flag, Place place = Place::here()) {
    runtime_.step({Point::flag, place}, releases(this, number(flag)));
    order::modify(this);
    const order::Unchecked atomic("clear_bit()");
    bits_ &= ~mask(flag);
  }
  // Whether all are clear.
  [[nodiscard]] bool none(Place place = Place::here()) const {
    runtime_.step({Point::flag, place}, reads(this, Access::whole));
    order::acquire(this);
    const order::Unchecked atomic("smp_load_acquire()");
    return bits_ == 0;
  }
  // Returns the old value.
  [[nodiscard]] bool test_and_set(Flag flag, Place place = Place::here()) {
    runtime_.step({Point::flag, place}, writes(this, number(flag)));
    order::modify_ordered(this);
    const order::Unchecked atomic("test_and_set_bit()");
    const bool before = (bits_ & mask(flag)) != 0;
    put_in(flag);
    return before;
  }
  [[nodiscard]] bool test_and_set_to_wait(Flag flag, Place place = Place::here()) {
    const bool was_set = test_and_set(flag, place);
    runtime_.waits_next(was_set);
    return was_set;
  }

  // What a look at it touches.
  [[nodiscard]] Access reading(Flag flag) const { return reads(this, number(flag)); }
  // Whether it is set now: no step of a task, but for what another step turns out to be.
  [[nodiscard]] bool has(Flag flag) const {
    const order::Unchecked no_step("for what a step turns out to be");
    return (bits_ & mask(flag)) != 0;
  }
  // Whether it is clear and presumed to stay so (Runtime::presumes()).
  [[nodiscard]] bool stays_clear(Flag flag) const {
    if (has(flag)) return false;
    presumed_clear_ |= mask(flag);
    return true;
  }

 private:
  static constexpr unsigned number(Flag flag) { return static_cast<unsigned>(flag); }
  static constexpr unsigned long mask(Flag flag) { return 1UL << number(flag); }
  void put_in(Flag flag) {
    bits_ |= mask(flag);
    if ((presumed_clear_ & mask(flag)) != 0) runtime_.presumption_failed();
  }

  Runtime& runtime_;
  unsigned long bits_ = 0;
  mutable unsigned long presumed_clear_ = 0;
};

}  // namespace dmcore
