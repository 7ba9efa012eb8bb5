// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/timer.h"

#include <algorithm>
#include <fmt/format.h>

namespace dmcore {

std::uint64_t timer_wheel_expiry(std::uint64_t now_jiffies, std::uint64_t expires) {
  constexpr unsigned buckets_per_level = 64;
  constexpr unsigned bits_per_level = 3;
  constexpr unsigned levels = 9;
  const std::uint64_t delta = expires > now_jiffies ? expires - now_jiffies : 0;
  if (delta == 0) return now_jiffies + 1;
  unsigned level = 0;
  while (level + 1 < levels && delta >= (std::uint64_t{buckets_per_level} - 1) << (level * bits_per_level)) {
    ++level;
  }
  const unsigned shift = level * bits_per_level;
  const std::uint64_t grain = std::uint64_t{1} << shift;
  return ((expires + grain) >> shift) << shift;
}

Timer::Timer(Runtime& runtime, const char* name, std::function<void()> function, bool housekeeping)
    : runtime_(runtime), event_(name, TaskKind::softirq, std::move(function)) {
  event_.housekeeping = housekeeping;
}

Timer::~Timer() {
  if (runtime_.dying() || event_.state == Event::State::idle) return;
  runtime_.note_violation(fmt::format("timer '{}' is destroyed while it is armed", event_.name));
  // The runtime must not find it any more.
  runtime_.cancel(event_);
}

void Timer::modify(std::uint64_t expires, Place place) {
  if (runtime_.fine_step({Point::timer, place}, writes(&event_), event_.name)) arm(expires);
}

void Timer::arm(std::uint64_t expires) {
  if (runtime_.dying()) return;
  runtime_.cancel(event_);
  expires_ = expires;
  runtime_.post_at(event_, jiffy * timer_wheel_expiry(runtime_.jiffies(), expires));
}

bool Timer::cancel(Place place) {
  return runtime_.fine_step({Point::timer, place}, writes(&event_), event_.name) && disarm();
}

bool Timer::disarm() {
  return !runtime_.dying() && runtime_.cancel(event_);
}

}  // namespace dmcore
