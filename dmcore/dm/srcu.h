// SPDX-License-Identifier: GPL-2.0-or-later
// A read-side section that may sleep, and a way to wait until all sections that began before have ended: what
// the kernel's SRCU gives device-mapper for the pointer to the live table.
#pragma once

#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/wait.h"

namespace dmcore {

class Srcu {
 public:
  Srcu(Runtime& runtime, const char* name)
      : readers_{{runtime, 0}, {runtime, 0}}, synchronizing_(runtime, name), drained_(runtime, name) {}

  // Begins a section; what it returns goes to leave(). Any context.
  unsigned enter() {
    const unsigned side = side_;
    readers_[side].inc();
    return side;
  }
  void leave(unsigned side) {
    if (readers_[side].dec_and_test() && drained_.has_sleeper()) [[unlikely]]
      drained_.wake_all();
  }

  // Returns when every section that had begun when it was called has ended. Sections that begin meanwhile are
  // counted on the other side, so they cannot keep it waiting. A reader may have read the old side just
  // before the flip, so both sides are waited for. May sleep; must not be called inside a section.
  void synchronize() {
    MutexGuard guard(synchronizing_);
    for (int flips = 0; flips < 2; ++flips) {
      const unsigned old_side = side_;
      side_ = 1 - old_side;
      drained_.wait_event([&] { return readers_[old_side].read() == 0; });
    }
  }

 private:
  unsigned side_ = 0;
  Atomic<unsigned> readers_[2];
  Mutex synchronizing_;
  WaitQueue drained_;
};

}  // namespace dmcore
