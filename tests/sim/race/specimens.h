// SPDX-License-Identifier: GPL-2.0-or-later
// Code as targets have it, compiled so that its accesses are seen: what the tests of the search run on tasks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/lock.h"
#include "dmcore/kernel/mempool.h"
#include "dmcore/kernel/order.h"
#include "dmcore/kernel/timer.h"
#include "dmcore/kernel/wait.h"
#include "dmcore/kernel/workqueue.h"

namespace specimens {

// A number without a lock. All functions are out of line, so that reports name them.
struct Number {
  std::uint64_t value = 0;
  void add();
  [[nodiscard]] std::uint64_t get() const;
};

struct Bytes {
  std::uint8_t first = 0;
  std::uint8_t second = 0;
  void set_first();
  void set_second();
};

// A number under a lock, and those who forget it.
class Guarded {
 public:
  explicit Guarded(dmcore::Runtime& runtime) : lock_(runtime, "number's lock") {}
  void add();
  [[nodiscard]] std::uint64_t get_without_lock() const;
  // READ_ONCE() and data_race().
  [[nodiscard]] std::uint64_t get_once() const;
  [[nodiscard]] std::uint64_t get_stale() const;

 private:
  dmcore::SpinLock lock_;
  Number number_;
};

// A library's code: instances of templates.
void append(std::vector<std::uint64_t>& to, std::uint64_t value);
void set_all(std::vector<std::uint64_t>& of, std::uint64_t value);
[[nodiscard]] std::uint64_t copy_of(const std::vector<std::uint64_t>& from, std::vector<std::uint64_t>& to);

// One writes, then says so; another sees it, then reads.
class Message {
 public:
  explicit Message(dmcore::Runtime& runtime) : said_(runtime, false), count_(runtime, 2) {}
  void write_then_set();
  [[nodiscard]] bool read_if_set() const;
  void write_then_barrier_then_set();
  [[nodiscard]] bool read_after_barrier_if_set() const;
  void write_then_release();
  [[nodiscard]] bool read_if_acquired() const;
  // The last of two reads what both have written.
  void write_then_drop(unsigned part);

 private:
  dmcore::Atomic<bool> said_;
  dmcore::Atomic<unsigned> count_;
  bool released_ = false;
  Number numbers_[2];
};

[[nodiscard]] std::unique_ptr<Number> make();
// Uses stack that the next task may get.
[[nodiscard]] std::uint64_t use_stack(std::uint64_t seed);

}  // namespace specimens
