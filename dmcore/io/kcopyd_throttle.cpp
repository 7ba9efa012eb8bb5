// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/io/kcopyd_throttle.h"

#include <bit>

#include "dmcore/kernel/timer.h"

namespace dmcore {

namespace {

// SHIFT_HZ, the binary logarithm of hz, rounded up: the accounts cover the last 1 to 2 times this many
// jiffies, older ones fade.
constexpr unsigned account_shift = std::bit_width(hz);

// msleep(100): one jiffy more than that, and then what the timer wheel makes of it.
constexpr std::uint64_t nap = 100 * hz / 1000 + 1;  // jiffies
// After so many naps the I/O goes on whatever the accounts say: clients that share a throttle could otherwise
// keep each other waiting for ever.
constexpr int naps_max = 10;

// The kernel's jiffies start five minutes before they wrap.
constexpr auto initial_jiffies = static_cast<std::uint32_t>(-300 * static_cast<std::int64_t>(hz));

}  // namespace

KcopydThrottle::KcopydThrottle(Runtime& runtime) : runtime_(runtime), lock_(runtime, "kcopyd throttle") {}

std::uint32_t KcopydThrottle::jiffies32() const {
  return initial_jiffies + static_cast<std::uint32_t>(runtime_.jiffies());
}

void KcopydThrottle::limit_io_period() {
  // A share above everything comes from an overflow that passes.
  if (io_period_ > total_period_) io_period_ = total_period_;
}

// Brings the accounts up to date. True if I/O has been in flight for more than its share of the time.
bool KcopydThrottle::above_share() {
  const std::uint32_t now = jiffies32();
  const std::uint32_t elapsed = now - last_jiffies_;
  last_jiffies_ = now;
  if (io_jobs_ != 0) io_period_ += elapsed;
  total_period_ += elapsed;
  limit_io_period();
  if (total_period_ >= 1U << account_shift) {
    const auto shift = static_cast<unsigned>(std::bit_width(total_period_ >> account_shift));
    total_period_ >>= shift;
    io_period_ >>= shift;
  }
  // In 32 bits, as the kernel computes it.
  return static_cast<std::int32_t>(io_period_ - percent * total_period_ / 100) > 0;
}

void KcopydThrottle::io_begins() {
  for (int naps = 0;; ++naps) {
    {
      const IrqSpinGuard guard(lock_);
      if (percent >= 100 || !above_share() || naps >= naps_max) {
        ++io_jobs_;
        return;
      }
    }
    const std::uint64_t now = runtime_.jiffies();
    runtime_.sleep_for(jiffy * timer_wheel_expiry(now, now + nap) - runtime_.now());
  }
}

void KcopydThrottle::io_ends() {
  const IrqSpinGuard guard(lock_);
  --io_jobs_;
  if (percent >= 100 || io_jobs_ != 0) return;
  const std::uint32_t now = jiffies32();
  const std::uint32_t elapsed = now - last_jiffies_;
  last_jiffies_ = now;
  io_period_ += elapsed;
  total_period_ += elapsed;
  limit_io_period();
}

}  // namespace dmcore
