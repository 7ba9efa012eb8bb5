// SPDX-License-Identifier: GPL-2.0-or-later
// Mapping of bios: to the source or the destination, possibly deferred until the region is hydrated or the
// metadata committed.
#include "dmclone/clone_target.h"

namespace dmclone {

using dmcore::Bio;
using dmcore::BioList;
using dmcore::Defect;
using dmcore::MapResult;

MapResult CloneTarget::map(Bio& bio) {
  ios_in_flight_.inc();

  if (mode_.read() == MetadataMode::fail) return MapResult::kill;

  // An empty flush: data written to hydrated regions are only durable once the metadata are committed.
  if (bio.has(dmcore::bio_preflush)) {
    remap_to_destination(bio);
    issue(bio);
    return MapResult::submitted;
  }

  bio.sector = target_sector(bio.sector);

  if (bio.op == dmcore::BioOp::discard) {
    process_discard(bio);
    return MapResult::submitted;
  }

  if (metadata_->is_region_hydrated(region_of(bio))) {
    remap_to_destination(bio);
    issue(bio);
    return MapResult::submitted;
  }
  if (!bio.is_write()) {
    remap_to_source(bio);
    return MapResult::remapped;
  }
  remap_to_destination(bio);
  hydrate_for(bio);
  return MapResult::submitted;
}

dmcore::EndIoResult CloneTarget::end_io(Bio&, dmcore::BlockStatus&) {
  ios_in_flight_.dec();
  return dmcore::EndIoResult::done;
}

bool CloneTarget::triggers_commit(const Bio& bio) const {
  if (has(Defect::flush_uncommitted) && bio.has(dmcore::bio_preflush)) return false;
  return bio.is_flush() && metadata_->changed_this_transaction();
}

// issue_bio(): submits a remapped bio; if it is a flush or FUA and the metadata changed, defers it until
// after a commit, which all deferred bios share.
void CloneTarget::issue(Bio& bio) {
  if (!triggers_commit(bio)) {
    if (has(Defect::flush_not_passed) && bio.has(dmcore::bio_preflush)) return end_bio(bio);
    submit_bio(bio);
    return;
  }
  defer_until_commit(deferred_flushes_, bio);
}

// `list`: one of those of process_deferred_flushes().
void CloneTarget::defer_until_commit(BioList& list, Bio& bio) {
  if (!metadata_writable()) {
    // Durability cannot be guaranteed without a commit.
    bio_io_error(bio);
    return;
  }
  {
    const dmcore::IrqSpinGuard guard(lock_);
    list.add(bio);
  }
  wake_worker();
}

}  // namespace dmclone
