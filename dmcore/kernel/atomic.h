// SPDX-License-Identifier: GPL-2.0-or-later
// atomic_t and the atomic bit operations. Each access is a step. Any context.
#pragma once

#include <utility>

#include "dmcore/kernel/runtime.h"

namespace dmcore {

template <class T>
class Atomic {
 public:
  Atomic(Runtime& runtime, T initial) : runtime_(runtime), value_(initial) {}

  [[nodiscard]] T read() const {
    runtime_.step(Point::atomic, reads(this));
    return value_;
  }
  void set(T value) {
    runtime_.step(Point::atomic, writes(this));
    value_ = value;
  }
  void add(T amount) {
    runtime_.step(Point::atomic, commutes(this));
    value_ += amount;
  }
  void inc() { add(1); }
  void dec() {
    runtime_.step(Point::atomic, commutes(this));
    --value_;
  }
  // xchg(): returns the old value.
  T exchange(T value) {
    runtime_.step(Point::atomic, writes(this));
    return std::exchange(value_, value);
  }
  // cmpxchg(): sets `value` if it is `expected`. Returns the old value.
  T compare_exchange(T expected, T value) {
    runtime_.step(Point::atomic, writes(this));
    return value_ == expected ? std::exchange(value_, value) : value_;
  }
  // Returns whether the new value is zero.
  [[nodiscard]] bool dec_and_test() {
    runtime_.step(Point::atomic, {this, 0, AccessKind::dec_and_test});
    return --value_ == 0;
  }

 private:
  Runtime& runtime_;
  T value_;
};

// The bits of an unsigned long: set_bit(), clear_bit(), test_bit(), test_and_set_bit(). `Flag` is an enum of
// bit numbers.
template <class Flag>
class AtomicFlags {
 public:
  explicit AtomicFlags(Runtime& runtime) : runtime_(runtime) {}

  [[nodiscard]] bool test(Flag flag) const {
    runtime_.step(Point::flag, reads(this, number(flag)));
    return (bits_ & mask(flag)) != 0;
  }
  void set(Flag flag) {
    runtime_.step(Point::flag, writes(this, number(flag)));
    bits_ |= mask(flag);
  }
  void clear(Flag flag) {
    runtime_.step(Point::flag, writes(this, number(flag)));
    bits_ &= ~mask(flag);
  }
  // Whether all are clear.
  [[nodiscard]] bool none() const {
    runtime_.step(Point::flag, reads(this, Access::whole));
    return bits_ == 0;
  }
  // Returns the old value.
  [[nodiscard]] bool test_and_set(Flag flag) {
    runtime_.step(Point::flag, writes(this, number(flag)));
    const bool before = (bits_ & mask(flag)) != 0;
    bits_ |= mask(flag);
    return before;
  }

 private:
  static constexpr unsigned number(Flag flag) { return static_cast<unsigned>(flag); }
  static constexpr unsigned long mask(Flag flag) { return 1UL << number(flag); }
  Runtime& runtime_;
  unsigned long bits_ = 0;
};

}  // namespace dmcore
