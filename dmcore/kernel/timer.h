// SPDX-License-Identifier: GPL-2.0-or-later
// Timers with the granularity of the kernel's timer wheel.
#pragma once

#include "dmcore/kernel/order.h"
#include "dmcore/kernel/runtime.h"

namespace dmcore {

// When a timer that is armed at `now_jiffies` for `expires` (both in jiffies) expires. The wheel
// (kernel/time/timer.c) never fires early: it rounds up to the granularity of the level that the distance
// falls into, 1 jiffy below 63 jiffies, then 8, 64, ... jiffies. A timer of one second at HZ=100 therefore
// expires after 1.01 to 1.08 s, so that dm-clone's commit period ("more than a second since the last") has
// passed each time.
std::uint64_t timer_wheel_expiry(std::uint64_t now_jiffies, std::uint64_t expires);

// struct timer_list: calls a function in softirq context when it expires. Its owner must cancel it before it
// is destroyed: one that is armed then stops the machine, as with CONFIG_DEBUG_OBJECTS_TIMERS.
class Timer {
 public:
  Timer(Runtime& runtime, const char* name, std::function<void()> function, bool housekeeping = false);

  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer();

  // mod_timer(): expires at `expires` jiffies, even if it was armed for another time. Any context.
  void modify(std::uint64_t expires, Place place = Place::here());
  // The same as a part of the step that the caller has declared, which touches identity() too.
  void arm(std::uint64_t expires);
  // del_timer(): false if it was not armed. Any context.
  bool cancel(Place place = Place::here());
  bool disarm();  // the same as a part of the caller's step
  [[nodiscard]] bool armed() const { return read_once(event_.state) != Event::State::idle; }
  // The object of the steps that arm, cancel and fire it.
  [[nodiscard]] const void* identity() const { return &event_; }
  [[nodiscard]] std::uint64_t expires() const { return read_once(expires_); }

 private:
  Runtime& runtime_;
  Event event_;
  std::uint64_t expires_ = 0;
};

}  // namespace dmcore
