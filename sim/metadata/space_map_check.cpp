// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/metadata/space_map_check.h"

#include <algorithm>
#include <fmt/format.h>
#include <span>
#include <utility>

#include "dmcore/kernel/types.h"

#include "sim/metadata/tree_walk.h"

namespace sim::metadata {

namespace {

using dmcore::BitmapHeaderDisk;
using dmcore::block_t;
using dmcore::IndexEntryDisk;
using dmcore::le32;
using dmcore::MetadataIndexDisk;

constexpr std::uint32_t counts_per_bitmap = CountBitmap::entries_max;
static_assert(sizeof(BitmapHeaderDisk) + CountBitmap::bytes_max == block_bytes);
static_assert(counts_per_bitmap == CountBitmap::bytes_max * dmcore::bitmap_entries_per_byte);

}  // namespace

void SpaceMapCheck::read(const Path& superblock) {
  check_size(superblock);
  const Path index_path{&superblock, "index block", root_.bitmap_root};
  Block index;
  if (blocks_.read(index_path, Use::index, index))
    read_bitmaps(index_path, structure<MetadataIndexDisk>(index));
  read_count_tree({&superblock, "reference count root", root_.ref_count_root});
}

// With a wrong number, the blocks of the device are looked at, and what is about others is not.
void SpaceMapCheck::check_size(const Path& superblock) {
  const std::uint64_t counted = root_.nr_blocks;
  size_is_right_ = counted != 0 && counted <= blocks_.size();
  if (!size_is_right_) {
    blocks_.report_hiding(Kind::space_map_size, superblock,
                          fmt::format("the space map counts {} blocks; the device has {} that it can count",
                                      counted, blocks_.size()));
  }
  nr_blocks_ = size_is_right_ ? counted : blocks_.size();
  blocks_.limit_to(nr_blocks_);
}

std::uint32_t SpaceMapCheck::entries_of(std::size_t bitmap) const {
  return static_cast<std::uint32_t>(
      std::min<block_t>(counts_per_bitmap, nr_blocks_ - bitmap * counts_per_bitmap));
}

void SpaceMapCheck::read_bitmaps(const Path& index_path, const MetadataIndexDisk& index) {
  const std::uint64_t needed = dmcore::div_round_up(nr_blocks_, counts_per_bitmap);
  bitmaps_.reserve(needed);
  bitmaps_whole_ = true;
  for (std::uint64_t i = 0; i < index.index.size(); ++i) {
    const IndexEntryDisk& entry = index.index[i];
    if (i < needed) {
      read_bitmap({&index_path, "bitmap", entry.blocknr}, entry);
    } else if (!size_is_right_) {
      return;
    } else if (entry.blocknr != 0 || entry.nr_free != 0 || entry.none_free_before != 0) {
      blocks_.report(Kind::index_entry, index_path,
                     fmt::format("entry {} is in use, where {} are needed", i, needed));
    }
  }
}

void SpaceMapCheck::read_bitmap(const Path& path, const IndexEntryDisk& entry) {
  const std::size_t i = bitmaps_.size();
  Bitmap& bitmap = bitmaps_.emplace_back(Bitmap{.location = path.block, .counts = std::nullopt});
  Block block;
  if (!blocks_.read(path, Use::bitmap, block)) {
    bitmaps_whole_ = false;
    return;
  }
  const CountBitmap& counts =
      bitmap.counts.emplace(std::span(block).subspan<sizeof(BitmapHeaderDisk), CountBitmap::bytes_max>());
  const std::uint32_t used = counts.used_before(counts_per_bitmap);
  const std::uint32_t spare = used - counts.used_before(entries_of(i));
  allocated_ += used - spare;
  if (spare != 0 && size_is_right_)
    blocks_.report(Kind::spare_counts, path, fmt::format("counts {} blocks beyond the last", spare));
  counts.for_each_three([&](std::uint32_t three) {
    if (three < entries_of(i)) in_tree_.push_back(i * counts_per_bitmap + three);
  });
  check_index_entry(path, entry, counts_per_bitmap - used, counts.first_free());
}

void SpaceMapCheck::check_index_entry(const Path& path, const IndexEntryDisk& entry, std::uint32_t free,
                                      std::uint32_t first_free) {
  if (entry.nr_free != free) {
    blocks_.report(Kind::index_entry, *path.parent,
                   fmt::format("says that {} entries of bitmap {} are free, which has {}",
                               entry.nr_free.value(), path.block, free));
  }
  if (entry.none_free_before > first_free) {
    blocks_.report(Kind::index_entry, *path.parent,
                   fmt::format("says that no entry of bitmap {} before {} is free, but {} is", path.block,
                               entry.none_free_before.value(), first_free));
  }
}

// --- the tree of counts of three or more -----------------------------------------------------------------

void SpaceMapCheck::read_count_tree(const Path& root) {
  TreeWalk walk(blocks_, {Use::count_node, sizeof(le32)},
                [this](const Path& leaf, std::uint64_t block, const std::byte* value) {
                  take_tree_count(leaf, block, *reinterpret_cast<const le32*>(value));
                });
  tree_whole_ = walk.run(root);
  check_count_tree(root);
}

void SpaceMapCheck::take_tree_count(const Path& leaf, block_t block, std::uint32_t count) {
  if (block >= nr_blocks_) {
    if (!size_is_right_) return;
    blocks_.report(Kind::reference_count, leaf, fmt::format("counts block {}, of {}", block, nr_blocks_));
  } else if (count < dmcore::bitmap_count_in_tree) {
    blocks_.report(Kind::reference_count, leaf,
                   fmt::format("has a count of {} for block {}, which belongs in a bitmap", count, block));
  } else {
    tree_counts_.emplace(block, count);
  }
}

// Each block in the tree has an entry that says so, and the other way round.
void SpaceMapCheck::check_count_tree(const Path& root) {
  for (const auto& [block, count] : tree_counts_) {
    const std::size_t i = block / counts_per_bitmap;
    if (i >= bitmaps_.size() || !bitmaps_[i].counts) continue;
    const std::uint32_t entry = bitmaps_[i].counts->at(static_cast<std::uint32_t>(block % counts_per_bitmap));
    if (entry == dmcore::bitmap_count_in_tree) continue;
    blocks_.report(Kind::reference_count, root,
                   fmt::format("has a count of {} for block {}, whose bitmap says {}", count, block, entry));
  }
  if (!tree_whole_) return;
  for (const block_t block : in_tree_) {
    if (tree_counts_.contains(block)) continue;
    blocks_.report(Kind::reference_count, root,
                   fmt::format("has no count for block {}, whose bitmap says that it has", block));
  }
}

}  // namespace sim::metadata
