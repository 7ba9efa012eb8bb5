// SPDX-License-Identifier: GPL-2.0-or-later
// Mistakes that a machine's code can be given, to see whether a search finds them. docs/defects.md has the
// story of each. All are off, unless something is put in before anything runs.
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
};
inline constexpr std::size_t defect_count = static_cast<std::size_t>(Defect::copy_ends_early) + 1;

using Defects = Choices<Defect>;

}  // namespace dmcore
