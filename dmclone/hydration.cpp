// SPDX-License-Identifier: GPL-2.0-or-later
// Hydration of a region: by copying it from the source, or by a write that covers it completely.
#include <array>

#include "dmclone/clone_target.h"

namespace dmclone {

using dmcore::Bio;
using dmcore::BioList;
using dmcore::BlockStatus;
using dmcore::Defect;
using dmcore::Fix;
using dmcore::IoRegion;

Hydration& CloneTarget::take_hydration(std::uint64_t region) {
  Hydration& hydration = *hydration_pool_.take_or_wait();
  hydration.clone = this;
  hydration.init(region);
  return hydration;
}

// hydrate_bio_region(). Process context. The bio is a write, remapped to the destination, to a region that
// was not hydrated when it was mapped. It waits for the hydration of the region, which is started if none is
// running.
void CloneTarget::hydrate_for(Bio& bio) {
  const std::uint64_t region = region_of(bio);
  HydrationTable::Bucket& bucket = hydrations_->bucket_of(region);

  bucket.lock();
  if (Hydration* running = bucket.find(region)) {
    const bool waits = !has(Defect::write_past_copy);
    if (waits) running->deferred_bios.add(bio);
    bucket.unlock();
    if (!waits) issue(bio);
    return;
  }
  if (metadata_->is_region_hydrated(region)) {
    bucket.unlock();
    issue(bio);
    return;
  }
  // In the kernel the allocation may sleep, so the lock is released; everything is re-checked under the lock
  // then.
  if (has(Defect::allocated_under_lock)) hydration_pool_.give_back(&take_hydration(region));
  bucket.unlock();
  Hydration& hydration = take_hydration(region);

  bucket.lock();
  if (!has(Defect::hydrated_again) && metadata_->is_region_hydrated(region)) {
    bucket.unlock();
    hydration_pool_.give_back(&hydration);
    issue(bio);
    return;
  }
  if (Hydration* running = has(Defect::hydrated_twice) ? nullptr : bucket.find(region)) {
    running->deferred_bios.add(bio);
    bucket.unlock();
    hydration_pool_.give_back(&hydration);
    return;
  }
  if (!metadata_writable()) {
    // The hydrated region could not be marked.
    bucket.unlock();
    hydration_pool_.give_back(&hydration);
    bio_io_error(bio);
    return;
  }
  bucket.insert(hydration);

  if (is_overwrite(bio)) {
    bucket.unlock();
    overwrite(hydration, bio);
  } else {
    hydration.deferred_bios.add(bio);
    bucket.unlock();
    copy(hydration, 1);
  }
}

// Never true for a short last region, since a bio that covers it is smaller than a region.
bool CloneTarget::is_overwrite(const Bio& bio) const {
  return bio.is_write() && (bio.sectors() == region_size_ || has(Defect::partial_overwrite));
}

// hydration_overwrite(): the bio itself, sent to the destination, is the hydration.
void CloneTarget::overwrite(Hydration& hydration, Bio& bio) {
  hydration.overwrite_bio = &bio;
  hydration.overwrite_end_io = bio.end_io;
  hydration.overwrite_owner = bio.owner;
  hydration.overwrite_fua = bio.has(dmcore::bio_fua);
  bio.owner = &hydration;
  bio.end_io = [](Bio& ended) {
    auto& done = *static_cast<Hydration*>(ended.owner);
    ended.end_io = done.overwrite_end_io;
    ended.owner = done.overwrite_owner;
    catch_bio(ended);
    done.status = ended.status;
    done.clone->complete(done);
  };
  hydrations_in_flight_.inc();
  if (has(Defect::overwrite_marked_early)) metadata_->set_region_hydrated(hydration.region_nr).ignore();
  submit_bio(bio);
}

// hydration_copy(): copies the adjacent regions of a batch with one job.
void CloneTarget::copy(Hydration& first, unsigned nr_regions) {
  const std::uint64_t end = first.region_nr + nr_regions;
  // The last region of the device may be short.
  const dmcore::sector_t end_sector = end == nr_regions_ ? len() : region_start(end);

  IoRegion from;
  from.device = source_->device;
  from.sector = region_start(first.region_nr);
  from.count = end_sector - from.sector;
  const std::array<IoRegion, 1> to = {IoRegion{destination_->device, from.sector, from.count}};

  hydrations_in_flight_.add(nr_regions);
  if (has(Defect::copy_marked_early)) metadata_->set_region_hydrated(first.region_nr).ignore();
  kcopyd_->copy(
      from, to, 0,
      [](bool read_error, unsigned long write_errors, void* context) {
        auto& copied = *static_cast<Hydration*>(context);
        copied.clone->copied(copied, read_error || write_errors != 0);
      },
      &first);
}

void CloneTarget::copied(Hydration& first, bool failed) {
  if (failed && log().ratelimit("clone: hydration failed")) {
    log().err(log_prefix, "{}: hydration failed", device_name());
  }
  for (Hydration* hydration = &first; hydration != nullptr;) {
    Hydration* next = hydration->next_in_batch;
    hydration->status = failed && !has(Defect::failed_copy_marked) ? BlockStatus::ioerr : BlockStatus::ok;
    complete(*hydration);
    hydration = next;
  }
  // Continue background hydration at once if there is no other I/O; else the waker does.
  if (flags_.test(CloneFlag::hydration_enabled) && ios_in_flight_.read() == 0) wake_worker();
}

// hydration_complete(): in worker context after a copy, in softirq context after an overwrite.
void CloneTarget::complete(Hydration& hydration) {
  if (has(Defect::waiters_let_go_early)) issue_deferred(hydration.deferred_bios);
  const dmcore::Status updated = update_metadata(hydration);

  if (updated.ok() && hydration.status == BlockStatus::ok) {
    if (hydration.overwrite_bio != nullptr) complete_overwrite(hydration);
    if (!has(Defect::waiters_let_go_early)) issue_deferred(hydration.deferred_bios);
  } else {
    const BlockStatus status = updated.ok() ? hydration.status : BlockStatus::ioerr;
    if (hydration.overwrite_bio != nullptr) hydration.deferred_bios.add(*hydration.overwrite_bio);
    while (Bio* bio = hydration.deferred_bios.pop()) {
      bio->status = status;
      end_bio(*bio);
    }
  }
  hydration_pool_.give_back(&hydration);
  one_hydration_less();
}

// hydration_update_metadata(): marks the region as hydrated if it was copied, then removes the hydration from
// the table. In this order: a task that does not find the hydration must find the region marked. Fails if the
// metadata cannot be changed, whether the region was copied or not.
dmcore::Status CloneTarget::update_metadata(Hydration& hydration) {
  if (has(Defect::hydration_removed_early)) remove_hydration(hydration);
  dmcore::Status updated = metadata_writable() ? dmcore::Errno::ok : dmcore::Errno::perm;
  if (updated.ok() && hydration.status == BlockStatus::ok)
    updated = metadata_->set_region_hydrated(hydration.region_nr);
  if (!has(Defect::hydration_removed_early)) remove_hydration(hydration);
  return updated;
}

void CloneTarget::remove_hydration(Hydration& hydration) {
  HydrationTable::Bucket& bucket = hydrations_->bucket_of(hydration.region_nr);
  bucket.lock();
  bucket.remove(hydration);
  bucket.unlock();
}

// complete_overwrite_bio(): the write has reached the destination. With FUA it may complete only after a
// commit of the metadata, which have just changed. As in the kernel the bio itself is asked, from which the
// block layer has taken FUA if the destination has no write cache: docs/findings.md.
void CloneTarget::complete_overwrite(Hydration& hydration) {
  Bio& bio = *hydration.overwrite_bio;
  const bool fua = has(Fix::fua_overwrite) ? hydration.overwrite_fua : bio.has(dmcore::bio_fua);
  if (!fua || has(Defect::overwrite_uncommitted)) {
    end_bio(bio);
    return;
  }
  defer_until_commit(deferred_flush_completions_, bio);
}

// issue_deferred_bios(). Any context: the worker submits the bios that waited for a region.
void CloneTarget::issue_deferred(BioList& bios) {
  if (bios.empty()) return;
  BioList flushes;
  BioList others;
  while (Bio* bio = bios.pop()) (triggers_commit(*bio) ? flushes : others).add(*bio);
  {
    const dmcore::IrqSpinGuard guard(lock_);
    deferred_bios_.merge(others);
    deferred_flushes_.merge(flushes);
  }
  wake_worker();
}

void CloneTarget::one_hydration_less() {
  if (has(Defect::hydration_wakes_early)) {
    hydration_stopped_.wake_all();
    return hydrations_in_flight_.dec();
  }
  if (hydrations_in_flight_.dec_and_test_if(flags_, CloneFlag::hydration_suspended))
    hydration_stopped_.wake_all();
}

}  // namespace dmclone
