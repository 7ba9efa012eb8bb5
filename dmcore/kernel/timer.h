// SPDX-License-Identifier: GPL-2.0-or-later
// Timers with the grain of the kernel's timer wheel.
#pragma once

#include "dmcore/kernel/runtime.h"

namespace dmcore {

// When a timer that is armed at `now_jiffies` for `expires` (both in jiffies) goes off. The wheel
// (kernel/time/timer.c) never fires early: it rounds up to the grain of the level that the distance falls
// into, 1 jiffy for less than 63 jiffies, then 8, 64, ... times that. A one-second chore at 100 jiffies a
// second so comes every 1.01 to 1.08 s, which is why dm-clone's commit period, "more than a second since the
// last", is met at its first tick.
std::uint64_t timer_wheel_expiry(std::uint64_t now_jiffies, std::uint64_t expires);

// Calls a function in softirq context when its time has come. Owner keeps it alive while armed.
class Timer {
 public:
  Timer(Runtime& runtime, const char* name, std::function<void()> function, bool housekeeping = false);

  // mod_timer(): goes off at `expires` jiffies, also if it was armed for another time. Any context.
  void modify(std::uint64_t expires);
  // Any context; false if it was not armed.
  bool cancel();
  [[nodiscard]] bool armed() const { return event_.state != Event::State::idle; }
  [[nodiscard]] std::uint64_t expires() const { return expires_; }

 private:
  Runtime& runtime_;
  Event event_;
  std::uint64_t expires_ = 0;
};

}  // namespace dmcore
