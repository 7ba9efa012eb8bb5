// SPDX-License-Identifier: GPL-2.0-or-later
// Discards: regions that are covered completely are marked as hydrated without being copied.
#include "dmcore/block/plug.h"

#include "dmclone/clone_target.h"

namespace dmclone {

using dmcore::Bio;
using dmcore::BioList;
using dmcore::Defect;
using dmcore::Fix;

// bio_region_range(): the regions that the bio covers completely. A short last region never is: a bio cannot
// reach beyond its end.
CloneTarget::RegionRange CloneTarget::whole_regions(const Bio& bio) const {
  if (has(Defect::discard_outward)) return touched_regions(bio);
  const std::uint64_t first = dmcore::div_round_up(bio.sector, region_size_);
  const std::uint64_t end = bio.end_sector() >> region_shift_;
  return {first, first < end ? end - first : 0};
}

// Defect::discard_outward: those that it covers in part, too.
CloneTarget::RegionRange CloneTarget::touched_regions(const Bio& bio) const {
  const std::uint64_t first = bio.sector >> region_shift_;
  return {first, dmcore::div_round_up(bio.end_sector(), region_size_) - first};
}

void CloneTarget::process_discard(Bio& bio) {
  const RegionRange regions = whole_regions(bio);
  if (regions.count == 0) {
    end_bio(bio);
    return;
  }
  if (metadata_->is_range_hydrated(regions.first, regions.count)) {
    complete_discard(bio, true);
    return;
  }
  if (!metadata_writable()) {
    // The regions cannot be marked. Discards are hints: ignoring one is not an error.
    end_bio(bio);
    return;
  }
  {
    const dmcore::IrqSpinGuard guard(lock_);
    deferred_discards_.add(bio);
  }
  wake_worker();
}

// Passes the part of the bio that covers whole regions down to the destination, or completes the bio.
void CloneTarget::complete_discard(Bio& bio, bool marked) {
  if (!marked || !flags_.test(CloneFlag::discard_passdown)) {
    end_bio(bio);
    return;
  }
  const RegionRange regions = whole_regions(bio);
  remap_to_destination(bio);
  bio.sector = region_start(regions.first);
  bio.size = static_cast<std::uint32_t>(dmcore::to_bytes(regions.count << region_shift_));
  submit_bio(bio);
}

dmcore::Status CloneTarget::mark_discarded(RegionRange regions) {
  if (!has(Fix::discard_under_copy)) return metadata_->cond_set_range(regions.first, regions.count);
  // A region that is being hydrated is left to that: marked now, later writes would not wait for it, and a
  // copy would overwrite them. Under the bucket's lock no hydration begins in between.
  dmcore::Status marked;
  for (std::uint64_t region = regions.first; marked.ok() && region < regions.first + regions.count;
       ++region) {
    HydrationTable::Bucket& bucket = hydrations_->bucket_of(region);
    bucket.lock();
    if (bucket.find(region) == nullptr && !metadata_->is_region_hydrated(region))
      marked = metadata_->set_region_hydrated(region);
    bucket.unlock();
  }
  return marked;
}

// Worker context.
void CloneTarget::process_deferred_discards() {
  BioList discards = take_deferred(deferred_discards_);
  if (discards.empty()) return;

  bool marked = metadata_writable();
  for (const Bio* bio = discards.front(); marked && bio != nullptr; bio = bio->next) {
    const RegionRange regions = whole_regions(*bio);
    marked = mark_discarded(regions).ok();
  }
  const dmcore::Plug plug(runtime());
  while (Bio* bio = discards.pop()) complete_discard(*bio, marked);
}

}  // namespace dmclone
