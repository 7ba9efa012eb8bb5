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
}};

}  // namespace

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
