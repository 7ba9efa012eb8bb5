// SPDX-License-Identifier: GPL-2.0-or-later
// atomic_t and atomic flags. Each access is a place where another task may run. Any context.
#pragma once

#include "dmcore/kernel/runtime.h"

namespace dmcore {

template <class T>
class Atomic {
 public:
  Atomic(Runtime& runtime, T initial) : runtime_(runtime), value_(initial) {}

  [[nodiscard]] T read() const {
    runtime_.schedule_point(Point::atomic, this);
    return value_;
  }
  void set(T value) {
    runtime_.schedule_point(Point::atomic, this);
    value_ = value;
  }
  void add(T amount) {
    runtime_.schedule_point(Point::atomic, this);
    value_ += amount;
  }
  void inc() { add(1); }
  void dec() {
    runtime_.schedule_point(Point::atomic, this);
    --value_;
  }
  // True if the value is zero now.
  [[nodiscard]] bool dec_and_test() {
    runtime_.schedule_point(Point::atomic, this);
    return --value_ == 0;
  }

 private:
  Runtime& runtime_;
  T value_;
};

// An unsigned long of flag bits (set_bit, clear_bit, test_bit, test_and_set_bit). `Flag` is an enum of bit
// numbers.
template <class Flag>
class AtomicFlags {
 public:
  explicit AtomicFlags(Runtime& runtime) : runtime_(runtime) {}

  [[nodiscard]] bool test(Flag flag) const {
    runtime_.schedule_point(Point::flag, this);
    return (bits_ & mask(flag)) != 0;
  }
  void set(Flag flag) {
    runtime_.schedule_point(Point::flag, this);
    bits_ |= mask(flag);
  }
  void clear(Flag flag) {
    runtime_.schedule_point(Point::flag, this);
    bits_ &= ~mask(flag);
  }
  // What it was before.
  [[nodiscard]] bool test_and_set(Flag flag) {
    runtime_.schedule_point(Point::flag, this);
    const bool before = (bits_ & mask(flag)) != 0;
    bits_ |= mask(flag);
    return before;
  }

 private:
  static constexpr unsigned long mask(Flag flag) { return 1UL << static_cast<unsigned>(flag); }
  Runtime& runtime_;
  unsigned long bits_ = 0;
};

}  // namespace dmcore
