// SPDX-License-Identifier: GPL-2.0-or-later
// Sleepable read-side critical sections, and waiting until all that began earlier have ended: SRCU, for the
// pointer to the live table.
#pragma once

#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/order.h"
#include "dmcore/kernel/wait.h"

namespace dmcore {

class Srcu {
 public:
  Srcu(Runtime& runtime, const char* name)
      : runtime_(runtime),
        readers_{PerCpuCounter(runtime), PerCpuCounter(runtime)},
        synchronizing_(runtime, name),
        drained_(runtime, name) {}

  // srcu_read_lock(): the result is the argument of leave(). Any context.
  // A flip may come between the choice of a side and being counted there.
  unsigned enter() {
    runtime_.fine_step(Point::atomic, reads(&side_), "srcu side");
    const unsigned side = read_once(side_);
    readers_[side].inc();
    smp_mb();  // B
    return side;
  }
  void leave(unsigned side) {
    smp_mb();  // C
    const bool is_last = readers_[side].dec_and_test_if([this] { return drained_.has_waiters(); });
    if (is_last && drained_.has_sleeper()) [[unlikely]]
      drained_.wake_all();
  }

  // synchronize_srcu(), with the names of its barriers: waits until all sections that had begun at the call
  // have ended. Sections that begin later are counted on the other side and do not delay it. A reader may
  // have read the old side just before the flip, so it waits for both sides. May sleep; not within a section.
  void synchronize() {
    MutexGuard guard(synchronizing_);
    for (int flips = 0; flips < 2; ++flips) {
      runtime_.fine_step(Point::atomic, writes(&side_), "srcu side");
      const unsigned old_side = side_;
      smp_mb();  // E
      write_once(side_, 1 - old_side);
      smp_mb();  // D
      drained_.wait_event([&] { return readers_[old_side].is_zero_to_wait(); });
      smp_mb();  // A
    }
  }

 private:
  Runtime& runtime_;
  unsigned side_ = 0;
  PerCpuCounter readers_[2];
  Mutex synchronizing_;
  WaitQueue drained_;
};

}  // namespace dmcore
