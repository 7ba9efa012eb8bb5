// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/disk/request.h"

#include "sim/disk/virtual_disk.h"

namespace sim {

using dmcore::Bio;
using dmcore::BioOp;
using dmcore::QueueLimits;
using dmcore::sector_t;
using dmcore::TaskKind;

namespace {

constexpr unsigned page_bytes = 4096;

// The segments of a bio, if none of its pages are neighbours in memory. In the kernel some may be, which only
// the limit of segments of a merged request shows.
unsigned segments_of(const Bio& bio) {
  return bio.has_data() ? (bio.size + page_bytes - 1) / page_bytes : 1;
}

// blk_queue_get_max_sectors()
sector_t max_sectors(BioOp op, const QueueLimits& limits) {
  return op == BioOp::discard ? limits.max_discard_sectors : limits.max_sectors;
}

}  // namespace

Request::Request()
    : requeued("kblockd", TaskKind::worker, [this] { disk->requeued(*this); }),
      done("disk I/O", TaskKind::softirq, [this] { disk->request_done(*this); }),
      completed("disk completion", TaskKind::softirq, [this] { disk->request_completed(*this); }) {}

void Request::begin(VirtualDisk& its_disk, Bio& bio) {
  disk = &its_disk;
  bios.add(bio);
  op = bio.op;
  mergeable = is_mergeable(bio) && op != BioOp::write_zeroes;
  sector = bio.sector;
  bytes = bio.size;
  segments = segments_of(bio);
  flushed = bio.is_flush();
  write = 0;
}

Request::Merge Request::try_merge(Bio& bio, const QueueLimits& limits) {
  if (!mergeable || op != bio.op) return Merge::no;
  const bool at_end = sector + sectors() == bio.sector;
  if (!at_end && bio.end_sector() != sector) return Merge::no;
  if (!grow(bio, limits)) return Merge::failed;
  if (at_end) {
    bios.add(bio);
  } else {
    bios.add_head(bio);
    sector = bio.sector;
  }
  return Merge::merged;
}

// ll_back_merge_fn(), ll_front_merge_fn(). A request that has once been too large for a bio is not merged any
// more.
bool Request::grow(const Bio& bio, const QueueLimits& limits) {
  const unsigned added = op == BioOp::discard ? 0 : segments_of(bio);
  if (sectors() + bio.sectors() > max_sectors(op, limits) || segments + added > limits.max_segments) {
    mergeable = false;
    return false;
  }
  bytes += bio.size;
  segments += added;
  return true;
}

}  // namespace sim
