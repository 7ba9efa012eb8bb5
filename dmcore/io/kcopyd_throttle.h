// SPDX-License-Identifier: GPL-2.0-or-later
// struct dm_kcopyd_throttle: limits the share of time in which kcopyd has I/O in flight
// (drivers/md/dm-kcopyd.c).
#pragma once

#include "dmcore/kernel/kernel.h"
#include "dmcore/kernel/lock.h"

namespace dmcore {

// Shared by clients that are throttled as a group: in the kernel all those of a module.
class KcopydThrottle {
 public:
  explicit KcopydThrottle(Kernel& kernel);

  // The module parameter: the share of time in percent. 100 or more: no limit.
  unsigned percent = 100;

  // io_job_start(): called before each I/O. Sleeps while the share is used up, for about a second at most.
  // Process context.
  void io_begins();
  // io_job_finish(). Any context.
  void io_ends();

 private:
  [[nodiscard]] std::uint32_t jiffies32() const;
  [[nodiscard]] bool above_share();
  void limit_io_period();

  Runtime& runtime_;
  SpinLock& lock_;
  // 32 bits as in the kernel; the periods are in jiffies.
  std::uint32_t io_jobs_ = 0;       // I/O in flight
  std::uint32_t io_period_ = 0;     // time with I/O in flight
  std::uint32_t total_period_ = 0;  // all time
  std::uint32_t last_jiffies_ = 0;
};

}  // namespace dmcore
