// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/metadata_size.h"

#include "dmcore/persistent/array.h"
#include "dmcore/persistent/bitset.h"
#include "dmcore/persistent/metadata_space_map.h"
#include "dmcore/persistent/space_map_bitmap.h"

#include "dmclone/metadata.h"

#include "sim/machine/machine.h"
#include "sim/metadata/geometry.h"
#include "sim/store/memory_store.h"

namespace sim::tables {

namespace {

using dmcore::block_t;
using dmcore::div_round_up;

constexpr auto block_bytes = static_cast<std::uint32_t>(dmcore::to_bytes(dmclone::metadata_block_sectors));

// Blocks that stay what they are: the superblock is written in place, and the root of the reference count
// tree is never touched, since no block of a clone's metadata has more than two references.
constexpr std::uint64_t unmoved_blocks = 2;
// The index of the space map's bitmaps.
constexpr std::uint64_t index_blocks = 1;

struct TreeNodes {
  std::uint64_t formatted = 0;
  std::uint64_t most = 0;
};

// Asks the B-tree itself: inserts so many keys in order, as formatting does, and then writes each of them
// anew, as commits do. On the way down a full node is split even if nothing will be added to it.
TreeNodes count_tree_nodes(std::uint64_t entries) {
  // Half-full nodes are the worst; a node has room for more than a hundred.
  const block_t blocks = 64 + entries / 32;
  Machine machine;
  dmcore::BlockDevice& disk =
      machine.add_disk("loop0", std::make_unique<MemoryStore>(blocks * block_bytes), DiskOptions{});
  TreeNodes nodes;
  machine.run([&] {
    dmcore::BlockManager manager(machine.kernel(), disk, block_bytes, dmclone::max_concurrent_locks);
    dmcore::MetadataSpaceMap map(manager);
    const dmcore::BtreeValues values(sizeof(dmcore::le64));
    dmcore::Btree tree(map.transactions(), values);
    block_t root = 0;
    const auto write_all = [&]() -> dmcore::Status {
      for (std::uint64_t key = 0; key < entries; ++key) DMCORE_TRY(tree.insert(root, key, dmcore::le64(0)));
      return {};
    };
    const auto count = [&]() -> dmcore::Status {
      DMCORE_TRY(map.create(blocks, dmclone::superblock_location));
      const block_t free = map.nr_free();
      DMCORE_TRY_ASSIGN(root, tree.create_empty());
      DMCORE_TRY(write_all());
      nodes.formatted = free - map.nr_free();
      DMCORE_TRY(write_all());
      nodes.most = free - map.nr_free();
      return {};
    };
    if (!count().ok()) machine.runtime().violation("a B-tree on a disk that works has failed");
    manager.destroy();
  });
  return nodes;
}

// The size of a device with `others` blocks and, `times` over, the bitmaps that count all of its blocks.
std::uint64_t with_bitmaps(std::uint64_t others, std::uint64_t times, std::uint64_t& bitmaps) {
  const std::uint64_t counted = dmcore::SpaceMapBitmap::entries_per_block(block_bytes);
  bitmaps = 1;
  for (;;) {
    const std::uint64_t size = others + times * bitmaps;
    if (size <= bitmaps * counted) return size;
    ++bitmaps;
  }
}

}  // namespace

dmcore::sector_t MetadataSize::sectors_to_format() const {
  return to_format * dmclone::metadata_block_sectors;
}

dmcore::sector_t MetadataSize::sectors_to_commit() const {
  return to_commit * dmclone::metadata_block_sectors;
}

std::variant<MetadataSize, std::string> metadata_size(dmcore::sector_t target, dmcore::sector_t region_size) {
  if (const auto refused = metadata::refusal(target, region_size)) return std::string(*refused);
  MetadataSize size;
  size.regions = div_round_up(target, region_size);
  size.array_blocks = div_round_up(div_round_up(size.regions, dmcore::DiskBitset::bits_per_word),
                                   dmcore::array_max_entries(sizeof(dmcore::le64), block_bytes));
  const TreeNodes nodes = count_tree_nodes(size.array_blocks);
  size.formatted_nodes = nodes.formatted;
  size.nodes = nodes.most;
  size.to_format = with_bitmaps(unmoved_blocks + index_blocks + size.array_blocks + size.formatted_nodes, 1,
                                size.formatted_bitmaps);
  size.to_commit =
      with_bitmaps(unmoved_blocks + 2 * (index_blocks + size.array_blocks + size.nodes), 2, size.bitmaps);
  return size;
}

}  // namespace sim::tables
