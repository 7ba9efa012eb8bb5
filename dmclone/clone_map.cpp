// SPDX-License-Identifier: GPL-2.0-or-later
// Where a bio goes: to the source, to the destination, or aside until its region is hydrated or the metadata
// committed.
#include "dmclone/clone_target.h"

namespace dmclone {

using dmcore::Bio;
using dmcore::BioList;
using dmcore::MapResult;

MapResult CloneTarget::map(Bio& bio) {
  ios_in_flight_.inc();

  if (mode_.read() == MetadataMode::fail) return MapResult::kill;

  // An empty flush: what was written is only safe once the metadata that say where it is are on disk.
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
  return bio.is_flush() && metadata_->changed_this_transaction();
}

// Submits a bio that has been remapped, or, if it promises durability and the metadata has changed, puts it
// aside until the next commit. All that wait for a commit share one.
void CloneTarget::issue(Bio& bio) {
  if (!triggers_commit(bio)) {
    submit_bio(bio);
    return;
  }
  defer_until_commit(deferred_flushes_, bio);
}

// To one of the two lists that process_deferred_flushes() works through.
void CloneTarget::defer_until_commit(BioList& list, Bio& bio) {
  if (!metadata_writable()) {
    // There will be no commit, so nothing can be promised.
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
