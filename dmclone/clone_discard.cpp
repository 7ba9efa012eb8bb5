// SPDX-License-Identifier: GPL-2.0-or-later
// Discards: the regions that they cover as a whole are marked as hydrated without being copied.
#include "dmclone/clone_target.h"

namespace dmclone {

using dmcore::Bio;
using dmcore::BioList;

// The regions that lie inside the bio as a whole. A short last region never does: a discard cannot reach its
// end.
CloneTarget::RegionRange CloneTarget::whole_regions(const Bio& bio) const {
  const std::uint64_t first = dmcore::div_round_up(bio.sector, region_size_);
  const std::uint64_t end = bio.end_sector() >> region_shift_;
  return {first, first < end ? end - first : 0};
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
    // The regions cannot be marked. A discard is a hint, so it is not an error to ignore it.
    end_bio(bio);
    return;
  }
  {
    const dmcore::IrqSpinGuard guard(lock_);
    deferred_discards_.add(bio);
  }
  wake_worker();
}

// Passes the part that covers whole regions on to the destination, or ends the bio.
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

// Worker context.
void CloneTarget::process_deferred_discards() {
  BioList discards;
  {
    const dmcore::IrqSpinGuard guard(lock_);
    discards = deferred_discards_.take();
  }
  if (discards.empty()) return;

  bool marked = metadata_writable();
  for (const Bio* bio = discards.front(); marked && bio != nullptr; bio = bio->next) {
    const RegionRange regions = whole_regions(*bio);
    marked = metadata_->cond_set_range(regions.first, regions.count).ok();
  }
  while (Bio* bio = discards.pop()) complete_discard(*bio, marked);
}

}  // namespace dmclone
