// SPDX-License-Identifier: GPL-2.0-or-later
// Metadata commits, the worker, and the bios that wait for a commit.
#include "dmcore/block/lib.h"
#include "dmcore/block/plug.h"
#include "dmcore/dm/table.h"

#include "dmclone/clone_target.h"

namespace dmclone {

using dmcore::Bio;
using dmcore::BioList;
using dmcore::Defect;
using dmcore::Errno;
using dmcore::Result;
using dmcore::Status;

// Handles the error of a step of a commit: the metadata become read-only, or fail.
Status CloneTarget::commit_step(std::string_view operation, Status status) {
  if (!status.ok()) metadata_operation_failed(operation, status);
  return status;
}

// commit_metadata(). May sleep. Fails if the metadata are read-only, or become so. Returns whether the
// destination was flushed: then flush bios need not be sent to it.
Result<CloneTarget::Flushed> CloneTarget::commit_metadata() {
  if (has(Defect::commit_unlocked)) return commit_locked();
  const dmcore::MutexGuard guard(commit_lock_);
  return commit_locked();
}

Result<CloneTarget::Flushed> CloneTarget::commit_locked() {
  if (!metadata_->changed_this_transaction()) return Flushed::no;
  if (!metadata_writable()) return Errno::perm;

  // Data of regions that become hydrated on disk must be durable on the destination before.
  DMCORE_TRY(commit_step("dm_clone_metadata_pre_commit", metadata_->pre_commit()));
  const bool flushes = !has(Defect::commit_before_flush);
  if (flushes) DMCORE_TRY(commit_step("flush destination device", issue_flush(*destination_->device)));
  DMCORE_TRY(commit_step("dm_clone_metadata_commit", metadata_->commit()));
  if (metadata_->is_hydration_done()) table().event();
  return flushes ? Flushed::yes : Flushed::no;
}

bool CloneTarget::commit_is_due() const {
  return runtime().jiffies() > last_commit_jiffies_ + commit_period_jiffies;
}

// `list`: deferred_bios_ or deferred_discards_.
BioList CloneTarget::take_deferred(BioList& list) {
  if (has(Defect::irqs_left_on)) {
    const dmcore::SpinGuard guard(lock_);
    return list.take();
  }
  BioList bios;
  {
    const dmcore::IrqSpinGuard guard(lock_);
    bios = has(Defect::deferred_torn) ? list : list.take();
  }
  if (has(Defect::deferred_torn)) {
    const dmcore::IrqSpinGuard guard(lock_);
    list = {};
  }
  return bios;
}

void CloneTarget::process_deferred_bios() {
  BioList bios = take_deferred(deferred_bios_);
  const dmcore::Plug plug(runtime());
  while (Bio* bio = bios.pop()) submit_bio(*bio);
}

// One commit for all bios that wait; without such bios, if the last commit is longer ago than the commit
// period.
void CloneTarget::process_deferred_flushes() {
  BioList bios;
  BioList completions;
  {
    const dmcore::IrqSpinGuard guard(lock_);
    bios = deferred_flushes_.take();
    completions = deferred_flush_completions_.take();
  }
  const bool bios_wait = !bios.empty() || !completions.empty();
  if (!bios_wait && !(metadata_->changed_this_transaction() && commit_is_due())) return;

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

// do_worker(): what may sleep, and so cannot be done in bio completions.
void CloneTarget::do_work() {
  process_deferred_bios();
  process_deferred_discards();
  process_deferred_flushes();
  hydrate_in_background();
}

// do_waker(): once a second, to commit changes and to restart background hydration that paused for I/O.
void CloneTarget::do_waker() {
  wake_worker();
  work_queue_->queue_delayed(*waker_, commit_period_jiffies);
}

}  // namespace dmclone
