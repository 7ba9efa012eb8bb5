// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/metadata/recover.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <vector>

#include "dmcore/persistent/array_format.h"
#include "dmcore/persistent/bitset.h"
#include "dmcore/persistent/space_map_format.h"

#include "sim/metadata/blocks.h"
#include "sim/metadata/check.h"
#include "sim/metadata/tree_walk.h"

namespace sim::metadata {

namespace {

using dmclone::SuperblockDisk;
using dmcore::ArrayBlockDisk;
using dmcore::block_t;
using dmcore::le64;

// The blocks that a fatal finding is about.
class Doubts {
 public:
  Doubts(const Report& report, block_t bitset_root) {
    std::vector<Range> ranges;
    for (const Finding& finding : report.findings) {
      // That a tree leads to no array block for some regions says nothing against the others.
      const bool gap = finding.kind == Kind::bitset_length && finding.block == bitset_root;
      if (is_fatal(finding.kind) && !gap) ranges.push_back({finding.block, finding.block + finding.blocks});
    }
    std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
    for (const Range& range : ranges) {
      if (ranges_.empty() || ranges_.back().end < range.begin) {
        ranges_.push_back(range);
      } else {
        ranges_.back().end = std::max(ranges_.back().end, range.end);
      }
    }
  }

  // About the block at the end of the path, or a node that leads to it.
  [[nodiscard]] bool about(const Path& path) const {
    if (path.parent == nullptr) return false;  // the superblock, which has been looked at
    return about(path.block) || about(*path.parent);
  }

 private:
  struct Range {
    block_t begin;
    block_t end;
  };

  [[nodiscard]] bool about(block_t block) const {
    const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), block,
                                        [](block_t one, const Range& range) { return one < range.begin; });
    return after != ranges_.begin() && std::prev(after)->end > block;
  }

  std::vector<Range> ranges_;  // ascending; they do not touch
};

class BitsetReader {
 public:
  BitsetReader(const Store& device, const Doubts& doubts, Contents& contents)
      : blocks_(device, ignored_), doubts_(doubts), contents_(contents), regions_(contents.regions()) {}

  void run(const Path& root) {
    TreeWalk walk(blocks_, {Use::bitset_node, sizeof(le64)},
                  [this](const Path& leaf, std::uint64_t index, const std::byte* value) {
                    visit({&leaf, "array block", *reinterpret_cast<const le64*>(value)}, index);
                  });
    walk.run(root);
    lose_up_to(regions_);
  }

 private:
  // `index` grows from call to call.
  void visit(const Path& path, std::uint64_t index) {
    if (index >= dmcore::div_round_up(regions_, array_block_regions)) return;
    lose_up_to(index * array_block_regions);
    Block block;
    if (!doubts_.about(path) && blocks_.read(path, Use::array_block, block)) take(block);
  }

  void lose_up_to(std::uint64_t end) {
    contents_.lost.append(next_, end - next_);
    next_ = end;
  }

  // The bits of the regions from `next_` on.
  void take(const Block& block) {
    const std::uint64_t end = std::min(next_ + array_block_regions, regions_);
    for (std::uint64_t word = 0; next_ < end; ++word) {
      const std::uint64_t bits = structure<le64>(block, sizeof(ArrayBlockDisk) + word * sizeof(le64));
      take_word(bits, std::min<std::uint64_t>(dmcore::DiskBitset::bits_per_word, end - next_));
    }
  }

  // Run by run, for there may be billions of regions.
  void take_word(std::uint64_t bits, std::uint64_t used) {
    for (std::uint64_t at = 0; at < used;) {
      const std::uint64_t rest = bits >> at;
      at += static_cast<unsigned>(std::countr_zero(rest));
      if (at >= used) break;
      const std::uint64_t ones =
          std::min<std::uint64_t>(static_cast<unsigned>(std::countr_one(bits >> at)), used - at);
      contents_.hydrated.append(next_ + at, ones);
      at += ones;
    }
    next_ += used;
  }

  std::vector<Finding> ignored_;  // check() has reported them
  Blocks blocks_;
  const Doubts& doubts_;
  Contents& contents_;
  std::uint64_t regions_;
  std::uint64_t next_ = 0;  // the first region that is neither known nor lost
};

// That a superblock says to be another block, and that no clone has its sizes, is all that makes one with the
// right checksum useless: the kernel does not open it either.
bool is_usable(const Report& report) {
  return report.summary && report.summary->regions != 0 &&
         std::none_of(report.findings.begin(), report.findings.end(), [](const Finding& finding) {
           return finding.kind == Kind::block_number && finding.block == dmclone::superblock_location;
         });
}

Layout layout_of(const Store& device, const SuperblockDisk& superblock, const Summary& summary) {
  dmcore::SpaceMapRootDisk map;
  std::memcpy(&map, superblock.metadata_space_map_root.data(), sizeof map);
  return {.device_size = dmcore::to_sectors(device.size()),
          .blocks = map.nr_blocks,
          .blocks_used = map.nr_allocated,
          .bitset_root = superblock.bitset_root,
          .index_block = map.bitmap_root,
          .count_root = map.ref_count_root,
          .digest = summary.digest};
}

}  // namespace

Recovery recover(const Store& device) {
  Recovery recovery{.report = check(device), .contents = std::nullopt};
  Block bytes;
  if (!is_usable(recovery.report) || !device.read(0, bytes).ok()) return recovery;
  const auto& superblock = structure<SuperblockDisk>(bytes);
  Contents& contents = recovery.contents.emplace();
  contents.uuid = superblock.uuid;
  contents.version = superblock.version;
  contents.flags = superblock.flags;
  contents.region_size = superblock.region_size;
  contents.target_size = superblock.target_size;
  contents.layout = layout_of(device, superblock, *recovery.report.summary);
  const Doubts doubts(recovery.report, superblock.bitset_root);
  const Path root{nullptr, "superblock", dmclone::superblock_location};
  BitsetReader(device, doubts, contents).run({&root, "bitset root", superblock.bitset_root});
  return recovery;
}

Contents all_lost(dmcore::sector_t target, dmcore::sector_t region_size) {
  Contents contents;
  contents.region_size = region_size;
  contents.target_size = target;
  contents.lost.append(0, contents.regions());
  return contents;
}

}  // namespace sim::metadata
