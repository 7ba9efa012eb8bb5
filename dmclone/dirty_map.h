// SPDX-License-Identifier: GPL-2.0-or-later
// struct dirty_map of drivers/md/dm-clone-metadata.c: the regions that were hydrated since the last commit.
#pragma once

#include "dmclone/region_bitmap.h"

namespace dmclone {

// One bit for each region, and one for each word of 64 regions, so that a commit only visits words that
// changed. There are two dirty maps: while one is committed, new regions are marked in the other.
class DirtyMap {
 public:
  explicit DirtyMap(std::uint64_t nr_regions)
      : dirty_words_(RegionBitmap::words_for(nr_regions)), dirty_regions_(nr_regions) {}

  void mark(std::uint64_t region) {
    dirty_words_.set(region / RegionBitmap::word_bits);
    dirty_regions_.set(region);
    changed_ = true;
  }

  // Whether a region was marked since declare_clean().
  [[nodiscard]] bool changed() const { return changed_; }
  void declare_clean() { changed_ = false; }

  // For the commit: the words with dirty regions, and the dirty regions of a word.
  [[nodiscard]] std::uint64_t next_dirty_word(std::uint64_t start) const {
    return dirty_words_.find_next_set(start);
  }
  [[nodiscard]] std::uint64_t nr_words() const { return dirty_words_.size(); }
  [[nodiscard]] std::uint64_t dirty_regions_of(std::uint64_t word) const { return dirty_regions_.word(word); }
  void clear_region(std::uint64_t region) { dirty_regions_.clear(region); }
  void clear_word(std::uint64_t word) { dirty_words_.clear(word); }

 private:
  RegionBitmap dirty_words_;
  RegionBitmap dirty_regions_;
  bool changed_ = false;
};

}  // namespace dmclone
