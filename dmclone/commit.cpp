// SPDX-License-Identifier: GPL-2.0-or-later
// Metadata commits, the worker that makes them, and the bios that wait for them.
#include "dmcore/block/lib.h"
#include "dmcore/dm/table.h"

#include "dmclone/clone_target.h"

namespace dmclone {

using dmcore::Bio;
using dmcore::BioList;
using dmcore::Errno;
using dmcore::Result;
using dmcore::Status;

// A step of a commit: if it failed, the metadata is read-only from now on, or worse.
Status CloneTarget::commit_step(std::string_view operation, Status status) {
  if (!status.ok()) metadata_operation_failed(operation, status);
  return status;
}

// May sleep. Fails only if the metadata is read-only, or is now. Returns whether the destination was flushed,
// which saves a flush bio the trip.
Result<CloneTarget::Flushed> CloneTarget::commit_metadata() {
  const dmcore::MutexGuard guard(commit_lock_);

  if (!metadata_->changed_this_transaction()) return Flushed::no;
  if (!metadata_writable()) return Errno::perm;

  // What the new metadata will say is on the destination has to be there first, for good.
  DMCORE_TRY(commit_step("dm_clone_metadata_pre_commit", metadata_->pre_commit()));
  DMCORE_TRY(commit_step("flush destination device", issue_flush(*destination_->device)));
  DMCORE_TRY(commit_step("dm_clone_metadata_commit", metadata_->commit()));
  if (metadata_->is_hydration_done()) table().event();
  return Flushed::yes;
}

bool CloneTarget::commit_is_due() const {
  return runtime().jiffies() > last_commit_jiffies_ + commit_period_jiffies;
}

void CloneTarget::process_deferred_bios() {
  BioList bios;
  {
    const dmcore::IrqSpinGuard guard(lock_);
    bios = deferred_bios_.take();
  }
  while (Bio* bio = bios.pop()) submit_bio(*bio);
}

// One commit for all that waits for one; or for nobody, if the last was long ago.
void CloneTarget::process_deferred_flushes() {
  BioList bios;
  BioList completions;
  {
    const dmcore::IrqSpinGuard guard(lock_);
    bios = deferred_flushes_.take();
    completions = deferred_flush_completions_.take();
  }
  const bool somebody_waits = !bios.empty() || !completions.empty();
  if (!somebody_waits && !(metadata_->changed_this_transaction() && commit_is_due())) return;

  const Result<Flushed> flushed = commit_metadata();
  if (!flushed.ok()) {
    bios.merge(completions);
    while (Bio* bio = bios.pop()) bio_io_error(*bio);
    return;
  }
  last_commit_jiffies_ = runtime().jiffies();

  while (Bio* bio = completions.pop()) end_bio(*bio);
  while (Bio* bio = bios.pop()) {
    if (bio->has(dmcore::bio_preflush) && *flushed == Flushed::yes) {
      end_bio(*bio);
    } else {
      submit_bio(*bio);
    }
  }
}

// The worker: everything that must not be done where it comes up, because it may sleep.
void CloneTarget::do_work() {
  process_deferred_bios();
  process_deferred_discards();
  process_deferred_flushes();
  hydrate_in_background();
}

// Once a second: commits what has changed, and restarts background hydration that made way for I/O.
void CloneTarget::do_waker() {
  wake_worker();
  work_queue_->queue_delayed(*waker_, commit_period_jiffies);
}

}  // namespace dmclone
