// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/metadata/blocks.h"

#include <algorithm>
#include <fmt/format.h>
#include <system_error>
#include <utility>

#include "dmcore/persistent/array_format.h"
#include "dmcore/persistent/btree_format.h"
#include "dmcore/persistent/checksum.h"
#include "dmcore/persistent/metadata_space_map.h"
#include "dmcore/persistent/space_map_format.h"

#include "dmclone/superblock.h"

namespace sim::metadata {

namespace {

using dmcore::block_t;

struct UseTraits {
  Use use;
  std::string_view name;
  std::uint32_t csum_xor;
};

constexpr auto all_traits = std::to_array<UseTraits>({
    {Use::superblock, "the superblock", dmclone::superblock_csum_xor},
    {Use::index, "the index block", dmcore::index_csum_xor},
    {Use::bitmap, "a bitmap of reference counts", dmcore::bitmap_csum_xor},
    {Use::count_node, "a node of the tree of reference counts", dmcore::btree_csum_xor},
    {Use::bitset_node, "a node of the bitset's tree", dmcore::btree_csum_xor},
    {Use::array_block, "an array block", dmcore::array_csum_xor},
});

const UseTraits& traits_of(Use use) {
  return *std::find_if(all_traits.begin(), all_traits.end(),
                       [use](const UseTraits& one) { return one.use == use; });
}

// Superblocks, nodes, index blocks and bitmaps have their number at the same place; array blocks behind the
// numbers of entries.
std::uint64_t block_number_in(Use use, const Block& block) {
  if (use == Use::array_block) return structure<dmcore::ArrayBlockDisk>(block).blocknr;
  return structure<dmcore::BitmapHeaderDisk>(block).blocknr;
}
static_assert(offsetof(dmcore::BitmapHeaderDisk, blocknr) == offsetof(dmclone::SuperblockDisk, blocknr));
static_assert(offsetof(dmcore::BitmapHeaderDisk, blocknr) == offsetof(dmcore::MetadataIndexDisk, blocknr));
static_assert(offsetof(dmcore::BitmapHeaderDisk, blocknr) == offsetof(dmcore::BtreeNodeHeaderDisk, blocknr));

// The checksum tells what a block is, which explains a pointer that leads to the wrong one.
std::string wrong_checksum(Use use, const Block& block) {
  const std::uint32_t stored = structure<dmcore::le32>(block);
  for (const UseTraits& other : all_traits) {
    if (checksum_for(other.use, block) != stored) continue;
    const std::string_view name = other.csum_xor == dmcore::btree_csum_xor ? "a B-tree node" : other.name;
    return fmt::format("is {} by its checksum, not {}", name, traits_of(use).name);
  }
  return fmt::format("checksum {:#010x}, expected {:#010x}", stored, checksum_for(use, block));
}

}  // namespace

std::uint32_t checksum_for(Use use, const Block& block) {
  return dmcore::block_checksum(block, traits_of(use).csum_xor);
}

Blocks::Blocks(const Store& store, std::vector<Finding>& findings)
    : store_(store),
      findings_(findings),
      size_(std::min<block_t>(store.size() / block_bytes, dmcore::MetadataSpaceMap::max_blocks)),
      limit_(size_),
      used_(size_) {}

void Blocks::report(Kind kind, const Path& path, std::string what) {
  report_range(kind, path, path.block, 1, std::move(what));
}

void Blocks::report_range(Kind kind, const Path& path, block_t first, block_t blocks, std::string what) {
  findings_.push_back(
      {.kind = kind, .block = first, .blocks = blocks, .what = std::move(what), .path = path.text()});
}

void Blocks::report_hiding(Kind kind, const Path& path, std::string what) {
  report(kind, path, std::move(what));
  hide_some();
}

bool Blocks::load(const Path& path, Block& block) {
  const dmcore::Status status = store_.read(path.block * block_bytes, block);
  if (status.ok()) return true;
  report_hiding(
      Kind::unreadable, path,
      fmt::format("cannot be read: {}", std::generic_category().message(static_cast<int>(status.error()))));
  return false;
}

bool Blocks::read_superblock(const Path& path, Block& block) {
  used_.add(path.block, Use::superblock);
  return load(path, block);
}

bool Blocks::within_limit(const Path& path) {
  if (path.block < limit_) return true;
  const bool on_device = path.block < size();
  report_hiding(Kind::beyond_end, path,
                on_device ? fmt::format("beyond the {} blocks that the space map counts", limit_)
                          : fmt::format("beyond the {} blocks of the device", size()));
  return false;
}

bool Blocks::is_sealed(const Path& path, Use use, const Block& block) {
  if (structure<dmcore::le32>(block) != checksum_for(use, block)) {
    report_hiding(Kind::checksum, path, wrong_checksum(use, block));
    return false;
  }
  if (const std::uint64_t number = block_number_in(use, block); number != path.block) {
    report_hiding(Kind::block_number, path, fmt::format("says that it is block {}", number));
    return false;
  }
  return true;
}

bool Blocks::read(const Path& path, Use use, Block& block) {
  if (!within_limit(path)) return false;
  if (const Use already = used_.use_of(path.block); already != Use::none) {
    report_hiding(Kind::double_use, path, fmt::format("is in use already, as {}", traits_of(already).name));
    return false;
  }
  if (!load(path, block) || !is_sealed(path, use, block)) return false;
  used_.add(path.block, use);
  digest(path.block, structure<dmcore::le32>(block));
  return true;
}

void Blocks::digest(block_t block, std::uint32_t checksum) {
  constexpr std::uint64_t prime = 0x100000001b3;
  digest_ = (digest_ ^ block) * prime;
  digest_ = (digest_ ^ checksum) * prime;
}

}  // namespace sim::metadata
