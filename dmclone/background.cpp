// SPDX-License-Identifier: GPL-2.0-or-later
// Background hydration: which regions are next, how many at a time, and when to pause for other I/O.
//
// Adjacent regions are batched and copied with one kcopyd job, so that copying is fast although small
// regions, which make small writes cheap, are used.
#include "dmclone/clone_target.h"

namespace dmclone {

// do_hydration(). Worker context only: the worker alone uses hydration_offset_.
void CloneTarget::hydrate_in_background() {
  if (!metadata_writable() || metadata_->is_hydration_done()) return;

  // Incremented before the suspended flag is tested: postsuspend() sets the flag and then waits for the count
  // to drop to 0, so that it cannot miss a hydration that starts here.
  hydrations_in_flight_.inc();

  HydrationBatch batch;
  std::uint64_t region = hydration_offset_;
  while (may_hydrate_in_background() && region < nr_regions_) {
    // The count includes the increment above, so this means "less than the threshold".
    const unsigned volume = hydrations_in_flight_.read() + batch.nr_regions;
    if (dialect_.from_regions(volume, region_size_) > hydration_threshold_.read()) break;
    region = start_next_hydration(region, batch);
  }
  if (batch.head != nullptr) issue_batch(batch);

  hydration_offset_ = region >= nr_regions_ ? 0 : region;
  one_hydration_less();
}

bool CloneTarget::may_hydrate_in_background() const {
  return !flags_.test(CloneFlag::hydration_suspended) &&
         ios_in_flight_.is_zero_and(flags_, CloneFlag::hydration_enabled);
}

// __start_next_hydration(): starts the hydration of the first region from `region` on that is neither
// hydrated nor being hydrated. Returns the region after it; nr_regions_ if there is none.
std::uint64_t CloneTarget::start_next_hydration(std::uint64_t region, HydrationBatch& batch) {
  Hydration& hydration = take_hydration(region);
  do {
    region = metadata_->find_next_unhydrated_region(region);
    if (region == nr_regions_) break;

    HydrationTable::Bucket& bucket = hydrations_->bucket_of(region);
    bucket.lock();
    if (!metadata_->is_region_hydrated(region) && bucket.find(region) == nullptr) {
      hydration.init(region);
      bucket.insert(hydration);
      bucket.unlock();
      add_to_batch(batch, hydration);
      return region + 1;
    }
    bucket.unlock();
  } while (++region < nr_regions_);

  hydration_pool_.give_back(&hydration);
  return region;
}

void CloneTarget::add_to_batch(HydrationBatch& batch, Hydration& hydration) {
  const unsigned max_batch_size = hydration_batch_size_.read();
  bool added = false;
  if (batch.head != nullptr) {
    if (batch.nr_regions < max_batch_size &&
        batch.head->region_nr + batch.nr_regions == hydration.region_nr) {
      batch.head->last_in_batch->next_in_batch = &hydration;
      batch.head->last_in_batch = &hydration;
      ++batch.nr_regions;
      added = true;
    }
    if (batch.nr_regions >= max_batch_size || !added) issue_batch(batch);
  }
  if (added) return;

  // A batch size of 0 is the same as 1.
  if (max_batch_size <= 1) {
    copy(hydration, 1);
    return;
  }
  batch = {&hydration, 1};
}

void CloneTarget::issue_batch(HydrationBatch& batch) {
  const HydrationBatch issued = batch;
  batch = {};
  copy(*issued.head, issued.nr_regions);
}

}  // namespace dmclone
