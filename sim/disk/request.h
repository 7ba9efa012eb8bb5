// SPDX-License-Identifier: GPL-2.0-or-later
// struct request: what a disk does at once, for one bio or for several that were merged.
#pragma once

#include "dmcore/block/bio.h"
#include "dmcore/block/plug.h"
#include "dmcore/block/queue_limits.h"

#include "sim/disk/fault_map.h"
#include "sim/disk/flush_queue.h"

namespace sim {

class VirtualDisk;

struct Request : FlushedRequest, dmcore::PluggedRequest {
  Request();

  VirtualDisk* disk = nullptr;
  dmcore::BioList bios;  // adjacent, in the order of their sectors
  dmcore::BioOp op = dmcore::BioOp::read;
  bool mergeable = false;  // rq_mergeable()
  dmcore::sector_t sector = 0;
  unsigned segments = 0;
  bool flushed = false;  // passes the flush queue
  dmcore::BlockStatus status = dmcore::BlockStatus::ok;
  std::uint64_t submitted_at = 0;  // of one that passes the flush queue: MediaObserver::Moment
  std::uint64_t write = 0;         // MediaObserver::WriteId of one that changes the medium
  Fate fate;                       // from when it is sent

  // The steps of its way through the disk.
  dmcore::Event requeued;  // sends the data of a flushed request
  dmcore::Event done;
  dmcore::Event completed;

  [[nodiscard]] dmcore::sector_t sectors() const { return bytes >> dmcore::sector_shift; }

  // Makes the request one for `bio`.
  void begin(VirtualDisk& its_disk, dmcore::Bio& bio);

  // blk_attempt_bio_merge().
  //   no      they do not fit together
  //   merged  the bio is part of the request
  //   failed  they fit, but the request would be too large
  enum class Merge : std::uint8_t { no, merged, failed };
  Merge try_merge(dmcore::Bio& bio, const dmcore::QueueLimits& limits);

 private:
  bool grow(const dmcore::Bio& bio, const dmcore::QueueLimits& limits);
};

// bio_mergeable()
inline bool is_mergeable(const dmcore::Bio& bio) {
  return !bio.is_flush() && !bio.has(dmcore::bio_nomerge);
}

}  // namespace sim
