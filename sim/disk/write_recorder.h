// SPDX-License-Identifier: GPL-2.0-or-later
// Watches what changes on a disk: the raw material for what a power cut may leave.
#pragma once

#include <span>

#include "dmcore/kernel/types.h"

namespace sim {

// Told of each change in the order in which changes reach the disk, in softirq context; must not sleep. What
// was written, discarded or zeroed is in the disk's volatile cache, and may get lost, until a flush has ended
// that began after it.
class WriteRecorder {
 public:
  virtual ~WriteRecorder() = default;
  // The data is the submitter's, and is there only during the call.
  virtual void written(dmcore::sector_t sector, std::span<const std::byte> data) = 0;
  // Both discards and write-zeroes: this disk makes no difference, the sectors now read as zero.
  virtual void zeroed(dmcore::sector_t sector, dmcore::sector_t count) = 0;
  // One flush is in flight at a time.
  virtual void flush_begins() = 0;
  virtual void flush_ended() = 0;
};

}  // namespace sim
