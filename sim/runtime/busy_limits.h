// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>

#include "dmcore/kernel/types.h"

namespace sim {

// What a machine that is never idle does with its time.
//
// Steps take no time, and virtual time moves only while the processor is idle. Work that is retried without a
// pause (the hydration of a region whose device fails at once) would stop the clock for ever. So the
// processor counts as busy after `steps_until_busy` steps without an idle moment, and a tick of the timer
// interrupt (1 / HZ s) then passes after each `steps_per_tick` steps: sleeps and timers end, as they do on a
// kernel. It stays busy until it is idle once. A step is what a task does until it waits.
struct BusyLimits {
  // At least 1. Above what the longest burst of finite work takes, in transcripts that were recorded on a
  // kernel whose steps take no time either.
  std::uint64_t steps_until_busy = 1'000'000;
  // At least 1. 10 us a step: about what one takes on a real processor.
  std::uint64_t steps_per_tick = 1'000;
  // Virtual time. A processor that is busy for longer, while every process waits, stops the machine.
  dmcore::Duration busy_max = std::chrono::hours(1);
};

}  // namespace sim
