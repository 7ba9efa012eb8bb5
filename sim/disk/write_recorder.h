// SPDX-License-Identifier: GPL-2.0-or-later
// Records the changes of a disk, for computing what a power cut may leave.
#pragma once

#include <span>

#include "dmcore/kernel/types.h"

namespace sim {

// Called for each change, in order, in softirq context: must not sleep. A change is in the volatile cache,
// and may be lost, until a flush has ended that began after it.
class WriteRecorder {
 public:
  virtual ~WriteRecorder() = default;
  // The data are valid only during the call.
  virtual void written(dmcore::sector_t sector, std::span<const std::byte> data) = 0;
  // By a discard or write-zeroes: the sectors read as zeroes.
  virtual void zeroed(dmcore::sector_t sector, dmcore::sector_t count) = 0;
  // Only one flush is in flight at a time.
  virtual void flush_begins() = 0;
  virtual void flush_ended() = 0;
};

}  // namespace sim
