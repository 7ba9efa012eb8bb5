// SPDX-License-Identifier: GPL-2.0-or-later
// What happens before what: the kernel's marked accesses and barriers, and notes for the search for data
// races.
//
// In the preset `race` (docs/testing.md) dmcore and dmclone are compiled so that each access to memory is
// seen, and the functions below say which accesses are ordered. In other builds they are no code.
//
// The primitives (lock.h, wait.h, atomic.h, workqueue.h, timer.h) order what they promise to order; targets
// only need the second part.
#pragma once

#include <cstddef>
#include <type_traits>

namespace dmcore {

namespace order {

#ifdef DMSIM_RACE

// All that a task did before release(object) happens before what another does after a later acquire(object).
// The address is a name; nothing is read there.
void release(const void* object);
void acquire(const void* object);

// An unordered atomic operation: atomic_read(), atomic_set(), and what returns no value. By itself it orders
// nothing; between barriers it does.
void load(const void* object);
void store(const void* object);
void modify(const void* object);
// A change of the current processor's part of a counter: this_cpu_inc(). load() sees those of all processors,
// but none sees another.
void modify_per_cpu(const void* object);

// smp_mb(); so are smp_wmb() and smp_rmb(), which are weaker.
void full_barrier();

// A worker begins a work item, which is ordered after all release(item), but not after the items before.
void begins_work(const void* item);

// The memory is a new object: what was accessed there before does not count.
void fresh(const void* begin, std::size_t bytes);

// The memory is read and written without a lock, on purpose.
void racy(const void* begin, std::size_t bytes);

// The accesses of a scope are not looked at. `why` is for the reader: what orders them, or that they have no
// counterpart in the kernel.
class [[maybe_unused]] Unchecked {
 public:
  explicit Unchecked(const char* why);
  ~Unchecked();
  Unchecked(const Unchecked&) = delete;
  Unchecked& operator=(const Unchecked&) = delete;

 private:
  void* task_;
};

#else

constexpr void release(const void*) {}
constexpr void acquire(const void*) {}
constexpr void load(const void*) {}
constexpr void store(const void*) {}
constexpr void modify(const void*) {}
constexpr void modify_per_cpu(const void*) {}
constexpr void full_barrier() {}
constexpr void begins_work(const void*) {}
constexpr void fresh(const void*, std::size_t) {}
constexpr void racy(const void*, std::size_t) {}

class [[maybe_unused]] Unchecked {
 public:
  constexpr explicit Unchecked(const char*) {}
};

#endif

// An atomic operation that returns a value: ordered with all before and after it.
inline void modify_ordered(const void* object) {
  full_barrier();
  modify(object);
  full_barrier();
}

// What a lock inside of a primitive orders: all of its critical sections.
inline void serialise(const void* object) {
  acquire(object);
  release(object);
}

}  // namespace order

inline void smp_mb() {
  order::full_barrier();
}
inline void smp_wmb() {
  order::full_barrier();
}
inline void smp_rmb() {
  order::full_barrier();
}

// READ_ONCE() and WRITE_ONCE(): accesses that may meet others, and are meant to. They order nothing.
template <class T>
[[nodiscard]] T read_once(const T& value) {
  order::load(&value);
  const order::Unchecked marked("READ_ONCE()");
  return value;
}
template <class T, class U>
void write_once(T& value, U&& to) {
  order::store(&value);
  const order::Unchecked marked("WRITE_ONCE()");
  value = static_cast<U&&>(to);
}

// Members that are atomic_t in the kernel, and whose changes are no schedule points of their own:
// atomic_inc(), and atomic_dec_and_test(), which returns whether the new value is zero.
template <class T>
void atomic_inc(T& value) {
  order::modify(&value);
  const order::Unchecked atomic("atomic_inc()");
  ++value;
}
template <class T>
[[nodiscard]] bool atomic_dec_and_test(T& value) {
  order::modify_ordered(&value);
  const order::Unchecked atomic("atomic_dec_and_test()");
  return --value == 0;
}

// data_race(): the value of a variable that the kernel reads without a lock, although others may change it,
// because a stale value does no harm. The place in the kernel belongs beside the call.
template <class T>
[[nodiscard]] T data_race(const T& value) {
  const order::Unchecked marked("data_race()");
  return value;
}

// The same for a whole member: a T that the kernel reads and writes without a lock.
template <class T>
class Racy : public T {
 public:
  Racy() { order::racy(this, sizeof(*this)); }
  using T::operator=;
};
template <class T>
requires(!std::is_class_v<T>) class Racy<T> {
 public:
  Racy(T value) : value_(value) { order::racy(this, sizeof(*this)); }  // NOLINT(google-explicit-constructor)
  Racy(const Racy& other) : value_(other.value_) {}                    // a value that was read
  Racy& operator=(const Racy& other) { return *this = other.value_; }  // NOLINT(misc-unconventional-assign*)
  Racy& operator=(T value) {
    value_ = value;
    return *this;
  }
  operator T() const { return value_; }  // NOLINT(google-explicit-constructor)

 private:
  T value_;
};

// smp_load_acquire() and smp_store_release().
template <class T>
[[nodiscard]] T load_acquire(const T& value) {
  const order::Unchecked marked("smp_load_acquire()");
  order::acquire(&value);
  return value;
}
template <class T, class U>
void store_release(T& value, U&& to) {
  const order::Unchecked marked("smp_store_release()");
  order::release(&value);
  value = static_cast<U&&>(to);
}

}  // namespace dmcore
