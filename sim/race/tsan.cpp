// SPDX-License-Identifier: GPL-2.0-or-later
// The functions that compilers call in code compiled with -fsanitize=thread. There they are those of libtsan,
// which is not linked; names and arguments are its interface (compiler-rt of LLVM).
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <cxxabi.h>

#include "dmcore/kernel/order.h"

#include "sim/race/detector.h"

// Shared pointers of libstdc++ count without atomic operations while the process has one thread; they would
// be taken for plain data.
extern "C" char __libc_single_threaded;  // NOLINT(bugprone-reserved-identifier)

namespace {

using sim::race::running;
using sim::race::TaskState;

inline void note(const void* address, std::size_t bytes, bool write, const void* place) {
  TaskState* task = running;
  if (task == nullptr || task->unchecked != 0) return;
  task->detector->access(*task, reinterpret_cast<std::uintptr_t>(address), bytes, write, place);
}

}  // namespace

// The address after the call, which is in the function that makes the access.
#define PLACE __builtin_return_address(0)

// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {

void __tsan_init() {
  __libc_single_threaded = 0;
}

void __tsan_func_entry(void* called_from) {
  if (TaskState* task = running) task->detector->enters(*task, called_from);
}
void __tsan_func_exit() {
  if (TaskState* task = running) task->detector->leaves(*task);
}

#define ACCESS(bytes)                                 \
  void __tsan_read##bytes(void* address) {            \
    note(address, bytes, false, PLACE);               \
  }                                                   \
  void __tsan_write##bytes(void* address) {           \
    note(address, bytes, true, PLACE);                \
  }                                                   \
  void __tsan_unaligned_read##bytes(void* address) {  \
    note(address, bytes, false, PLACE);               \
  }                                                   \
  void __tsan_unaligned_write##bytes(void* address) { \
    note(address, bytes, true, PLACE);                \
  }                                                   \
  void __tsan_read_write##bytes(void* address) {      \
    note(address, bytes, true, PLACE);                \
  }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
#undef ACCESS

void __tsan_read_range(void* address, std::size_t bytes) {
  note(address, bytes, false, PLACE);
}
void __tsan_write_range(void* address, std::size_t bytes) {
  note(address, bytes, true, PLACE);
}
void __tsan_vptr_read(void** address) {
  note(address, sizeof *address, false, PLACE);
}
void __tsan_vptr_update(void** address, void* value) {
  if (*address != value) note(address, sizeof *address, true, PLACE);
}

void* __tsan_memcpy(void* to, const void* from, std::size_t bytes) {
  note(from, bytes, false, PLACE);
  note(to, bytes, true, PLACE);
  return std::memcpy(to, from, bytes);
}
void* __tsan_memmove(void* to, const void* from, std::size_t bytes) {
  note(from, bytes, false, PLACE);
  note(to, bytes, true, PLACE);
  return std::memmove(to, from, bytes);
}
void* __tsan_memset(void* to, int value, std::size_t bytes) {
  note(to, bytes, true, PLACE);
  return std::memset(to, value, bytes);
}

// Not of libtsan's interface: own_copies.sh sends calls here.
int dmsim_race_memcmp(const void* a, const void* b, std::size_t bytes) {
  note(a, bytes, false, PLACE);
  note(b, bytes, false, PLACE);
  return std::memcmp(a, b, bytes);
}
int dmsim_race_guard_acquire(abi::__guard* guard) {
  const int must_initialise = abi::__cxa_guard_acquire(guard);
  dmcore::order::acquire(guard);
  return must_initialise;
}
void dmsim_race_guard_release(abi::__guard* guard) {
  dmcore::order::release(guard);
  abi::__cxa_guard_release(guard);
}

}  // extern "C"

// Atomic operations: of static variables' guards and of shared pointers. The compilers pass the order as C++
// numbers it; all are done in the strongest one, and each orders as acquire and release.
namespace {

template <class T>
T ordered_load(const volatile T* object) {
  dmcore::order::acquire(const_cast<const T*>(object));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  return __atomic_load_n(object, __ATOMIC_SEQ_CST);
}

template <class T>
void order_both(const volatile T* object) {
  dmcore::order::serialise(const_cast<const T*>(object));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

template <class T>
bool compare_exchange(volatile T* object, T* expected, T desired) {
  order_both(object);
  return __atomic_compare_exchange_n(object, expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

}  // namespace

extern "C" {

#define MODIFY(bits, name)                                                               \
  std::uint##bits##_t __tsan_atomic##bits##_##name(volatile std::uint##bits##_t* object, \
                                                   std::uint##bits##_t value, int) {     \
    order_both(object);                                                                  \
    return __atomic_##name(object, value, __ATOMIC_SEQ_CST);                             \
  }
#define ATOMIC(bits)                                                                                       \
  std::uint##bits##_t __tsan_atomic##bits##_load(const volatile std::uint##bits##_t* object, int) {        \
    return ordered_load(object);                                                                           \
  }                                                                                                        \
  void __tsan_atomic##bits##_store(volatile std::uint##bits##_t* object, std::uint##bits##_t value, int) { \
    order_both(object);                                                                                    \
    __atomic_store_n(object, value, __ATOMIC_SEQ_CST);                                                     \
  }                                                                                                        \
  std::uint##bits##_t __tsan_atomic##bits##_exchange(volatile std::uint##bits##_t* object,                 \
                                                     std::uint##bits##_t value, int) {                     \
    order_both(object);                                                                                    \
    return __atomic_exchange_n(object, value, __ATOMIC_SEQ_CST);                                           \
  }                                                                                                        \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile std::uint##bits##_t* object,                  \
                                                    std::uint##bits##_t* expected,                         \
                                                    std::uint##bits##_t desired, int, int) {               \
    return compare_exchange(object, expected, desired);                                                    \
  }                                                                                                        \
  int __tsan_atomic##bits##_compare_exchange_weak(volatile std::uint##bits##_t* object,                    \
                                                  std::uint##bits##_t* expected,                           \
                                                  std::uint##bits##_t desired, int, int) {                 \
    return compare_exchange(object, expected, desired);                                                    \
  }                                                                                                        \
  MODIFY(bits, fetch_add)                                                                                  \
  MODIFY(bits, fetch_sub)                                                                                  \
  MODIFY(bits, fetch_and)                                                                                  \
  MODIFY(bits, fetch_or)                                                                                   \
  MODIFY(bits, fetch_xor)                                                                                  \
  MODIFY(bits, fetch_nand)
ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)
#undef ATOMIC
#undef MODIFY

void __tsan_atomic_thread_fence(int) {
  dmcore::order::full_barrier();
}
void __tsan_atomic_signal_fence(int) {}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier)
