// SPDX-License-Identifier: GPL-2.0-or-later
// How much of the time kcopyd may keep devices busy (struct dm_kcopyd_throttle, drivers/md/dm-kcopyd.c).
#pragma once

#include "dmcore/kernel/lock.h"

namespace dmcore {

// Shared by the clients that are to be throttled as a group: in the kernel, all of one module.
class KcopydThrottle {
 public:
  explicit KcopydThrottle(Runtime& runtime);

  // The module parameter: the share of time, in percent, in which I/O may be in flight. 100 and more: no
  // limit.
  unsigned percent = 100;

  // An I/O begins; before that, sleeps while the share is used up, but never for more than a second. Process
  // context.
  void io_begins();
  // It has ended. Any context.
  void io_ends();

 private:
  [[nodiscard]] std::uint32_t jiffies32() const;
  [[nodiscard]] bool above_share();
  void limit_io_period();

  Runtime& runtime_;
  SpinLock lock_;
  // In jiffies, of 32 bits as in the kernel.
  std::uint32_t io_jobs_ = 0;       // I/O in flight
  std::uint32_t io_period_ = 0;     // how long there was some, lately
  std::uint32_t total_period_ = 0;  // of how long
  std::uint32_t last_jiffies_ = 0;
};

}  // namespace dmcore
