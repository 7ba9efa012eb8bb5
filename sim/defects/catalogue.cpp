// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/defects/catalogue.h"

#include <array>

#include "sim/defects/named.h"

namespace sim {

namespace {

using dmcore::Defect;

constexpr std::array<DefectEntry, dmcore::defect_count> entries = {{
    {Defect::commit_before_flush, "commit-before-flush",
     "metadata are committed without a flush of the destination",
     "regions are marked whose data are not on the destination", "8b3fd1f53af3", ""},
    {Defect::one_phase_commit, "one-phase-commit",
     "regions that are hydrated while the destination is flushed belong to the same commit",
     "regions are marked whose data are not on the destination", "8fdbfe8d1690", ""},
    {Defect::whole_word_commit, "whole-word-commit",
     "a commit writes each word of the bitmap as it is now, not the changes of its transaction",
     "regions are marked whose data are not on the destination", "e6a505f3f9fa", ""},
    {Defect::flush_uncommitted, "flush-uncommitted", "a flush does not commit the metadata",
     "all writes since the last commit, though they were flushed", "", ""},
    {Defect::flush_not_passed, "flush-not-passed",
     "a flush that needs no commit is completed instead of being passed to the destination",
     "writes to hydrated regions, though they were flushed", "", "dm-integrity 9b5948267adc"},
    {Defect::flush_during_commit, "flush-during-commit",
     "a flush that arrives during a commit does not wait for it",
     "writes whose regions are being committed, though they were flushed", "", "dm-era 2099b145d77c"},
    {Defect::overwrite_uncommitted, "overwrite-uncommitted",
     "a FUA write that hydrates a region does not wait for a commit",
     "FUA writes of whole regions, though they were acknowledged", "", "dm-thin 4ae280b4ee34"},
    {Defect::suspend_uncommitted, "suspend-uncommitted", "suspending does not commit the metadata",
     "all writes since the last commit, without any power cut", "", "dm-era 9ae6e8b1c9bb"},
    {Defect::overwrite_marked_early, "overwrite-marked-early",
     "a region is marked when the write that hydrates it is submitted",
     "a region that is marked though nothing was written to it", "", ""},
    {Defect::copy_marked_early, "copy-marked-early", "a region is marked when its copy begins",
     "a region that is marked though nothing was copied to it", "", ""},
    {Defect::failed_copy_marked, "failed-copy-marked", "a region is marked though its copy has failed",
     "what the source holds there", "", ""},
    {Defect::partial_overwrite, "partial-overwrite",
     "a write to a part of a region replaces the copy of all of it", "the rest of the region", "", ""},
    {Defect::write_past_copy, "write-past-copy",
     "a write to a region that is being copied does not wait for the copy", "the write, under the copy", "",
     ""},
    {Defect::discard_outward, "discard-outward", "a discard takes in the regions that it covers in part only",
     "what is in the rest of those regions", "", "dm-clone 4b5142905d4f"},
    {Defect::bitset_unflushed, "bitset-unflushed",
     "the word of the bitset that is cached is not written at a commit",
     "all writes to regions of that word, though they were flushed", "", ""},
    {Defect::early_space_map_root, "early-space-map-root",
     "the root of the space map is copied before the space map is committed",
     "blocks of the metadata are in use and count as free", "", "dm-era 117aceb03030"},
    {Defect::superblock_with_blocks, "superblock-with-blocks",
     "the superblock is written together with the blocks that it refers to",
     "all metadata: the superblock refers to blocks that were not written", "",
     "persistent-data a9d45396f595"},
    {Defect::metadata_unflushed, "metadata-unflushed", "the metadata device is never flushed",
     "all metadata, or the last commits", "", "dm-writecache aa9509209c5a"},
    {Defect::freed_block_reused, "freed-block-reused",
     "a block that the last transaction uses is allocated as soon as it is free in this one",
     "all metadata: the superblock refers to what has another content now", "",
     "persistent-data 4feaef830de7"},
    {Defect::copy_ends_early, "copy-ends-early", "a copy is reported as done when it was only read",
     "a region that is marked though nothing was copied to it", "", ""},
    {Defect::bitmap_unlocked, "bitmap-unlocked",
     "a region is marked without the lock of the bitmap, by a load and a store",
     "a mark that another one overwrites: the region is copied again, over what was written", "", "",
     Search::schedules},
    {Defect::discard_unlocked, "discard-unlocked",
     "a discard marks its regions without the lock of the bitmap",
     "a mark that another one overwrites: the region is copied again, over what was written", "", "",
     Search::schedules},
    {Defect::hydrated_again, "hydrated-again",
     "after its allocation a hydration begins without another look at whether the region is hydrated by now",
     "what was written to the region since, under a second copy", "", "", Search::schedules},
    {Defect::hydrated_twice, "hydrated-twice",
     "after its allocation a hydration begins without another look for one that began meanwhile",
     "what was written to the region since, under a second copy", "", "", Search::schedules},
    {Defect::hydration_removed_early, "hydration-removed-early",
     "a hydration is removed from the table before its region is marked",
     "what was written to the region, under a second copy", "", "", Search::schedules},
    {Defect::waiters_let_go_early, "waiters-let-go-early",
     "bios that wait for a hydration are let go before it is removed from the table",
     "a write that joins it in between waits for ever", "", "", Search::schedules},
    {Defect::deferred_torn, "deferred-torn",
     "the worker reads its list of bios and empties it under the lock, but lets go of it in between",
     "a bio that arrives in between waits for ever", "", "", Search::schedules},
    {Defect::hydration_wakes_early, "hydration-wakes-early",
     "a hydration that ends wakes those that wait for its end before it counts down", "a suspend never ends",
     "", "", Search::schedules},
    {Defect::waker_not_cancelled, "waker-not-cancelled",
     "neither a suspend nor the end of a table cancels the timer that wakes the worker",
     "memory that was freed is used when the timer fires", "", "dm-thin 88430ebcbc0e", Search::schedules},
    {Defect::waker_rearmed, "waker-rearmed",
     "the end of a table does not cancel the waker, and a device that is being removed can be resumed",
     "memory that was freed is used when the timer fires", "e4b5957c6f74", "", Search::schedules},
    {Defect::allocated_under_lock, "allocated-under-lock",
     "a hydration is allocated while the bucket is locked, which may sleep",
     "a processor that waits for ever for the lock", "", "", Search::schedules},
    {Defect::irqs_left_on, "irqs-left-on", "the worker takes the lock of its lists with interrupts enabled",
     "a completion on the same processor waits for ever for the lock", "", "", Search::schedules},
    {Defect::commit_unlocked, "commit-unlocked", "two commits may run at once",
     "the second fails, the transaction is aborted, and regions count as not hydrated", "", "",
     Search::schedules},
    {Defect::pending_torn, "pending-torn",
     "device-mapper counts the parts of a bio down by a load and a store", "a bio never ends", "", "",
     Search::schedules},
    {Defect::counted_down_early, "counted-down-early",
     "a bio counts as ended before its target has seen the end",
     "a suspend does not wait for it, and its table is freed", "9f6dc6337610", "", Search::schedules},
    {Defect::ended_before_freed, "ended-before-freed",
     "a bio is ended before what device-mapper has of it is freed",
     "its device may be gone by then: freed memory is used", "a97f925a32aa", "", Search::schedules},
    {Defect::suspend_unsynced, "suspend-unsynced",
     "a suspend does not wait for those that looked at the device before it was suspended",
     "bios reach a table that is suspended, or freed", "", "", Search::schedules},
    {Defect::table_let_go_early, "table-let-go-early",
     "who submits a bio lets go of the live table before it maps the bio",
     "a table is freed while it is used", "", "dm 5d7362d0d56d", Search::schedules},
    {Defect::released_early, "released-early",
     "a resume wakes the worker for deferred bios before the device counts as resumed",
     "a bio that was deferred waits for ever", "", "", Search::schedules},
    {Defect::opened_while_removed, "opened-while-removed", "a device that is being removed can be opened",
     "writes to a clone that has committed for the last time", "", "", Search::schedules},
    {Defect::sub_jobs_torn, "sub-jobs-torn",
     "kcopyd counts the parts of a long copy down by a load and a store", "a copy never ends", "", "",
     Search::schedules},
    {Defect::buffer_reused_early, "buffer-reused-early",
     "the memory of a copy is free as soon as it was read", "a region that gets the data of another one", "",
     "", Search::schedules},
    {Defect::failed_job_unwoken, "failed-job-unwoken",
     "a copy that fails is put on the list of those that are done, and the worker is not woken",
     "a write never ends", "d1fef41465f0", "", Search::schedules},
    {Defect::buffer_wakes_early, "buffer-wakes-early",
     "a metadata block whose I/O ends wakes those that wait for it before it counts as ended",
     "a commit never ends", "", "", Search::schedules},
}};

}  // namespace

std::string_view name_of(Search search) {
  return search == Search::power_cuts ? "crash" : "schedules";
}

std::span<const DefectEntry> defect_catalogue() {
  return entries;
}

std::optional<Defect> defect_named(std::string_view name) {
  return kind_named(defect_catalogue(), &DefectEntry::defect, name);
}

std::string defect_names(const dmcore::Defects& defects, std::string_view separator) {
  return names_of(defect_catalogue(), &DefectEntry::defect, defects, separator);
}

}  // namespace sim
