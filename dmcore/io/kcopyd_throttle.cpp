// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/io/kcopyd_throttle.h"

#include <bit>

#include "dmcore/kernel/timer.h"

namespace dmcore {

namespace {

// ACCOUNT_INTERVAL_SHIFT (SHIFT_HZ): the periods are halved once they reach 2^account_shift jiffies, so that
// older time counts less.
constexpr unsigned account_shift = std::bit_width(hz);

// msleep(100): one jiffy longer, then rounded by the timer wheel.
constexpr std::uint64_t nap = 100 * hz / 1000 + 1;  // jiffies
// MAX_SLEEPS: then the I/O is submitted in any case, since clients that share a throttle could otherwise wait
// for each other for ever.
constexpr int naps_max = 10;

// INITIAL_JIFFIES: five minutes before they wrap.
constexpr auto initial_jiffies = static_cast<std::uint32_t>(-300 * static_cast<std::int64_t>(hz));

// The kernel has one lock for all throttles.
class Throttles final : public Module {
 public:
  static constexpr std::string_view module_name = "kcopyd";
  explicit Throttles(Kernel& kernel) : lock(kernel.runtime(), "kcopyd throttle") {}
  SpinLock lock;  // throttle_spinlock
};

}  // namespace

KcopydThrottle::KcopydThrottle(Kernel& kernel)
    : runtime_(kernel.runtime()), lock_(kernel.module<Throttles>().lock) {}

std::uint32_t KcopydThrottle::jiffies32() const {
  return initial_jiffies + static_cast<std::uint32_t>(runtime_.jiffies());
}

void KcopydThrottle::limit_io_period() {
  // After a temporary overflow it may be more.
  if (io_period_ > total_period_) io_period_ = total_period_;
}

// Updates the periods. True if I/O has been in flight for more than its share of the time.
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
