// SPDX-License-Identifier: GPL-2.0-or-later
// Mistakes that a machine's code can be given, to see whether a search finds them: that of power cuts finds
// the first ones, that of schedules those from bitmap_unlocked on. docs/defects.md has the story of each. All
// are off, unless something is put in before anything runs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dmcore/kernel/choices.h"

namespace dmcore {

// In the order of docs/defects.md.
enum class Defect : std::uint8_t {
  // dmclone
  commit_before_flush,
  one_phase_commit,
  whole_word_commit,
  flush_uncommitted,
  flush_not_passed,
  flush_during_commit,
  overwrite_uncommitted,
  suspend_uncommitted,
  overwrite_marked_early,
  copy_marked_early,
  failed_copy_marked,
  partial_overwrite,
  write_past_copy,
  discard_outward,
  bitset_unflushed,
  // dmcore/persistent
  early_space_map_root,
  superblock_with_blocks,
  metadata_unflushed,
  freed_block_reused,
  // dmcore/io
  copy_ends_early,

  // dmclone
  bitmap_unlocked,
  discard_unlocked,
  hydrated_again,
  hydrated_twice,
  hydration_removed_early,
  waiters_let_go_early,
  deferred_torn,
  hydration_wakes_early,
  waker_not_cancelled,
  waker_rearmed,
  allocated_under_lock,
  irqs_left_on,
  commit_unlocked,
  // dmcore/dm
  pending_torn,
  counted_down_early,
  ended_before_freed,
  suspend_unsynced,
  table_let_go_early,
  released_early,
  opened_while_removed,
  // dmcore/io
  sub_jobs_torn,
  buffer_reused_early,
  failed_job_unwoken,
  // dmcore/persistent
  buffer_wakes_early,
};
inline constexpr std::size_t defect_count = static_cast<std::size_t>(Defect::buffer_wakes_early) + 1;

using Defects = Choices<Defect>;

}  // namespace dmcore
