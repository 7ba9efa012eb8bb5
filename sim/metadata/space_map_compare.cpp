// SPDX-License-Identifier: GPL-2.0-or-later
// The counts of the space map against what the blocks are used for.
#include <fmt/format.h>
#include <string>

#include "sim/metadata/space_map_check.h"

namespace sim::metadata {

namespace {

using dmcore::block_t;

std::string words_for(Kind kind, std::uint32_t count) {
  if (kind == Kind::undercount) return "free in the space map, but in use";
  if (kind == Kind::overcount) return fmt::format("{} references in the space map, 1 in use", count);
  return fmt::format("{} {} in the space map, but not in use", count,
                     count == 1 ? "reference" : "references");
}

}  // namespace

std::optional<SpaceMapCheck::WrongCounts> SpaceMapCheck::wrong_count(block_t block,
                                                                     std::uint32_t entry) const {
  // An entry of 0 that is not what it should be is of a block in use.
  if (entry == 0) return WrongCounts{.kind = Kind::undercount, .count = 0, .first = block, .blocks = 1};
  // What has not been read may refer to it.
  if (!blocks_.all_seen()) return std::nullopt;
  std::uint32_t count = entry;
  if (entry == dmcore::bitmap_count_in_tree) {
    const auto found = tree_counts_.find(block);
    if (found == tree_counts_.end()) return std::nullopt;
    count = found->second;
  }
  const bool in_use = blocks_.used().use_of(block) != Use::none;
  return WrongCounts{
      .kind = in_use ? Kind::overcount : Kind::leak, .count = count, .first = block, .blocks = 1};
}

std::vector<SpaceMapCheck::WrongCounts> SpaceMapCheck::wrong_counts_of(std::size_t bitmap) const {
  std::vector<WrongCounts> all;
  const CountBitmap& counts = *bitmaps_[bitmap].counts;
  counts.for_each_difference(blocks_.used().expected_bitmap(bitmap), [&](std::uint32_t entry) {
    // Beyond the last block are spare entries, which have been checked.
    if (entry >= entries_of(bitmap)) return;
    const auto wrong = wrong_count(bitmap * CountBitmap::entries_max + entry, counts.at(entry));
    if (!wrong) return;
    const bool continues = !all.empty() && all.back().first + all.back().blocks == wrong->first &&
                           all.back().kind == wrong->kind && all.back().count == wrong->count;
    if (continues) {
      ++all.back().blocks;
    } else {
      all.push_back(*wrong);
    }
  });
  return all;
}

void SpaceMapCheck::compare(const Path& superblock) {
  const Path index{&superblock, "index block", root_.bitmap_root};
  for (std::size_t i = 0; i < bitmaps_.size(); ++i) {
    if (!bitmaps_[i].counts) continue;
    for (const WrongCounts& wrong : wrong_counts_of(i)) {
      blocks_.report_range(wrong.kind, {&index, "bitmap", bitmaps_[i].location}, wrong.first, wrong.blocks,
                           words_for(wrong.kind, wrong.count));
    }
  }
  check_allocated(superblock);
}

void SpaceMapCheck::check_allocated(const Path& superblock) {
  if (!size_is_right_ || !bitmaps_whole_ || root_.nr_allocated == allocated_) return;
  blocks_.report(Kind::allocated, superblock,
                 fmt::format("says that {} blocks are in use; the space map has {}",
                             root_.nr_allocated.value(), allocated_));
}

}  // namespace sim::metadata
