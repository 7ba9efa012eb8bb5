// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/restore/restore.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <span>
#include <utility>
#include <variant>

#include "dmcore/persistent/space_map_format.h"

#include "dmclone/metadata.h"

#include "sim/metadata/check.h"
#include "sim/metadata/geometry.h"
#include "sim/tables/metadata_size.h"

namespace sim::restore {

namespace {

using metadata::Contents;
using metadata::Layout;
using metadata::RegionRange;

Commits in_one_commit(const Contents& contents) {
  if (contents.hydrated.empty()) return {};
  return {contents.hydrated.ranges()};
}

// All but the last mark a single region. There are as many regions.
Commits in_commits(const Contents& contents, unsigned count) {
  Commits commits;
  for (RegionRange range : contents.hydrated.ranges()) {
    for (; commits.size() + 1 < count && range.length != 0; ++range.begin, --range.length)
      commits.push_back({{range.begin, 1}});
    if (range.length == 0) continue;
    if (commits.size() < count) commits.emplace_back();
    commits.back().push_back(range);
  }
  return commits;
}

Commits by_array_blocks(const Contents& contents) {
  Commits commits;
  std::uint64_t last = 0;
  for (RegionRange range : contents.hydrated.ranges()) {
    while (range.length != 0) {
      const std::uint64_t block = range.begin / metadata::array_block_regions;
      const std::uint64_t length =
          std::min(range.length, (block + 1) * metadata::array_block_regions - range.begin);
      if (commits.empty() || block != last) commits.emplace_back();
      commits.back().push_back({range.begin, length});
      last = block;
      range = {range.begin + length, range.length - length};
    }
  }
  return commits;
}

std::unique_ptr<Image> write(const Contents& contents, dmcore::sector_t size, const Commits& commits) {
  auto image = std::make_unique<Image>(size);
  return image->write(contents.target_size, contents.region_size, commits).ok() ? std::move(image) : nullptr;
}

bool take(Restored& restored, const Contents& contents, dmcore::sector_t size, const Commits& commits) {
  auto image = write(contents, size, commits);
  if (image == nullptr) return false;
  restored.image = std::move(image);
  restored.commits = static_cast<unsigned>(commits.size());
  return true;
}

std::string why_too_small(const Contents& contents, dmcore::sector_t size) {
  const auto needed =
      std::get<tables::MetadataSize>(tables::metadata_size(contents.target_size, contents.region_size));
  return fmt::format(
      "{} sectors are too small for the metadata: formatting it takes {}, and {} are enough for every commit",
      size, needed.sectors_to_format(), needed.sectors_to_commit());
}

bool has_digest(const Image& image, std::uint64_t digest) {
  return metadata::check(image.store()).summary->digest == digest;
}

bool leads_to(const Image& image, const Layout& layout) {
  dmclone::SuperblockDisk superblock;
  if (!image.store().read(0, std::as_writable_bytes(std::span(&superblock, 1))).ok()) return false;
  dmcore::SpaceMapRootDisk map;
  std::memcpy(&map, superblock.metadata_space_map_root.data(), sizeof map);
  return superblock.bitset_root == layout.bitset_root && map.bitmap_root == layout.index_block &&
         map.ref_count_root == layout.count_root;
}

// After how many commits the superblock leads to the same blocks. Each commit of a clone hydrates a region,
// so there were not more than that.
std::vector<unsigned> fitting_numbers(const Contents& contents, dmcore::sector_t size) {
  std::vector<unsigned> fitting;
  Image image(size);
  unsigned count = 0;
  const auto compare = [&] {
    ++count;
    if (leads_to(image, *contents.layout)) fitting.push_back(count);
  };
  const auto most = static_cast<unsigned>(contents.hydrated.count());
  image.write(contents.target_size, contents.region_size, in_commits(contents, most), compare).ignore();
  return fitting;
}

// Where the bitset is one array block, each commit changes the same blocks, and so only their number decides
// where the next ones are taken from.
void try_more_commits(Restored& restored, const Contents& contents, dmcore::sector_t size) {
  constexpr std::size_t tries_max = 8;  // on a small device the places repeat
  if (contents.regions() > metadata::array_block_regions) return;
  std::vector<unsigned> numbers = fitting_numbers(contents, size);
  numbers.resize(std::min(numbers.size(), tries_max));
  for (const unsigned number : numbers) {
    const Commits commits = in_commits(contents, number);
    auto image = write(contents, size, commits);
    if (image == nullptr || !has_digest(*image, contents.layout->digest)) continue;
    restored.image = std::move(image);
    restored.commits = number;
    restored.same_bytes = true;
    return;
  }
}

// What can be known of it.
std::string why_other_bytes(const Contents& contents, const Restored& restored) {
  const Layout& layout = *contents.layout;
  if (!contents.lost.empty()) return "some of its regions are lost";
  const bool unwritable = contents.flags != 0 || std::any_of(contents.uuid.begin(), contents.uuid.end(),
                                                             [](auto byte) { return byte != 0; });
  if (unwritable) return "its superblock has flags or a uuid, which dm-clone leaves zero";
  const std::uint64_t blocks = metadata::check(restored.image->store()).summary->blocks;
  if (blocks != layout.blocks)
    return fmt::format("its space map counts {} blocks, here {}", layout.blocks, blocks);
  return "its blocks are at other places, which depend on what each commit changed and on when it was opened";
}

}  // namespace

Restored restore(const Contents& contents, dmcore::sector_t size) {
  Restored restored;
  if (size < dmclone::metadata_block_sectors ||
      (!take(restored, contents, size, in_one_commit(contents)) &&
       !take(restored, contents, size, by_array_blocks(contents)))) {
    restored.why_not = why_too_small(contents, size);
    return restored;
  }
  if (!contents.layout) return restored;
  restored.same_bytes = has_digest(*restored.image, contents.layout->digest);
  if (!*restored.same_bytes) try_more_commits(restored, contents, size);
  if (!*restored.same_bytes) restored.why_other_bytes = why_other_bytes(contents, restored);
  return restored;
}

dmcore::sector_t default_size(const Contents& contents) {
  if (contents.layout) return contents.layout->device_size;
  return std::get<tables::MetadataSize>(tables::metadata_size(contents.target_size, contents.region_size))
      .sectors_to_commit();
}

}  // namespace sim::restore
