// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/generate/metadata_image.h"

#include <algorithm>
#include <span>

#include "dmcore/persistent/array_format.h"
#include "dmcore/persistent/btree_format.h"
#include "dmcore/persistent/checksum.h"
#include "dmcore/persistent/space_map_format.h"

#include "dmclone/superblock.h"

#include "sim/language/parser.h"
#include "sim/machine/machine.h"
#include "sim/scenario/interpreter.h"

namespace sim::generate {
namespace {

using dmclone::SuperblockDisk;
using dmcore::ArrayBlockDisk;
using dmcore::BitmapHeaderDisk;
using dmcore::BtreeNodeHeaderDisk;
using dmcore::MetadataIndexDisk;
using dmcore::SpaceMapRootDisk;

constexpr std::size_t image_blocks = 64;  // all of a small clone's structures are there
constexpr std::size_t space_map_root = offsetof(SuperblockDisk, metadata_space_map_root);

// The offset of a node's first value: behind the space for all of its keys.
std::size_t first_value(std::uint64_t max_entries) {
  return sizeof(BtreeNodeHeaderDisk) + max_entries * sizeof(std::uint64_t);
}

Structure btree_node(std::uint64_t block, std::uint64_t max_entries) {
  Structure node{
      .block = block,
      .csum_xor = dmcore::btree_csum_xor,
      .fields = {{4, 4}, {8, 8}, {16, 4}, {20, 4}, {24, 4}, {28, 4}, {sizeof(BtreeNodeHeaderDisk), 8}}};
  if (first_value(max_entries) + 8 <= MetadataImage::block_size)
    node.fields.push_back({first_value(max_entries), 8});
  return node;
}

}  // namespace

MetadataImage::MetadataImage(std::string_view scenario, const std::string& disk) {
  const language::ParseResult parsed = language::parse_scenario(scenario);
  if (!parsed.ok()) return;
  Machine machine;
  scenario::Interpreter interpreter(machine, {}, [](std::string_view) {});
  try {
    interpreter.run(parsed.scenario.commands);
  } catch (const MachineStopped&) {
    return;  // the replay of the scenario reports it
  }
  const Store& store = machine.disk(disk)->store();
  content_.resize(std::min<std::uint64_t>(store.size(), image_blocks * block_size) / block_size * block_size);
  if (!store.read(0, content_).ok()) content_.clear();
}

std::uint64_t MetadataImage::number(std::uint64_t block, std::size_t offset) const {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;)
    value = value << 8U | std::to_integer<std::uint64_t>(content_[block * block_size + offset + i]);
  return value;
}

std::vector<Structure> MetadataImage::structures() const {
  if (content_.empty()) return {};
  const std::size_t blocks = content_.size() / block_size;
  Structure superblock{.block = 0,
                       .csum_xor = dmclone::superblock_csum_xor,
                       .fields = {{4, 4}, {8, 8}, {16, 16}, {32, 8}, {40, 4}}};
  for (std::size_t offset = 0; offset < sizeof(SpaceMapRootDisk); offset += 8)
    superblock.fields.push_back({space_map_root + offset, 8});
  for (const std::size_t offset :
       {offsetof(SuperblockDisk, region_size), offsetof(SuperblockDisk, target_size),
        offsetof(SuperblockDisk, bitset_root)})
    superblock.fields.push_back({offset, 8});
  superblock.fields.push_back({sizeof(SuperblockDisk) + 100, 1});

  const std::uint64_t index = number(0, space_map_root + offsetof(SpaceMapRootDisk, bitmap_root));
  const std::uint64_t counts = number(0, space_map_root + offsetof(SpaceMapRootDisk, ref_count_root));
  const std::uint64_t bitset = number(0, offsetof(SuperblockDisk, bitset_root));
  if (std::max({index, counts, bitset}) >= blocks) return {};
  const std::uint64_t bitmap = number(index, offsetof(MetadataIndexDisk, index));
  const std::uint64_t bitset_entries = number(bitset, offsetof(BtreeNodeHeaderDisk, nr_entries)) >> 32U;
  const std::uint64_t counts_entries = number(counts, offsetof(BtreeNodeHeaderDisk, nr_entries)) >> 32U;
  if (bitmap >= blocks || first_value(bitset_entries) + 8 > block_size) return {};
  const std::uint64_t array = number(bitset, first_value(bitset_entries));
  if (array >= blocks) return {};
  return {
      superblock,
      {.block = index,
       .csum_xor = dmcore::index_csum_xor,
       .fields = {{4, 4}, {8, 8}, {16, 8}, {24, 4}, {28, 4}, {100, 2}}},
      {.block = bitmap,
       .csum_xor = dmcore::bitmap_csum_xor,
       .fields =
           {{4, 4}, {8, 8}, {sizeof(BitmapHeaderDisk), 1}, {sizeof(BitmapHeaderDisk) + 1, 2}, {3000, 4}}},
      btree_node(bitset, bitset_entries),
      btree_node(counts, counts_entries),
      {.block = array,
       .csum_xor = dmcore::array_csum_xor,
       .fields = {
           {4, 4}, {8, 4}, {12, 4}, {16, 8}, {sizeof(ArrayBlockDisk), 8}, {sizeof(ArrayBlockDisk) + 8, 1}}}};
}

std::vector<std::byte> MetadataImage::bytes(std::uint64_t block, const Field& field) const {
  const auto at = content_.begin() + static_cast<std::ptrdiff_t>(block * block_size + field.offset);
  return {at, at + static_cast<std::ptrdiff_t>(field.size)};
}

bool MetadataImage::stops_linux() const {
  const std::uint64_t root = number(0, offsetof(SuperblockDisk, bitset_root));
  if (root >= content_.size() / block_size) return false;
  const std::uint64_t flags = number(root, offsetof(BtreeNodeHeaderDisk, flags)) & 0xffffffffU;
  const std::uint64_t entries = number(root, offsetof(BtreeNodeHeaderDisk, nr_entries)) & 0xffffffffU;
  return (flags & std::uint64_t{dmcore::btree_leaf_node}) == 0 || entries == 0;
}

void MetadataImage::change(std::uint64_t block, std::size_t offset, const std::vector<std::byte>& bytes) {
  std::copy(bytes.begin(), bytes.end(),
            content_.begin() + static_cast<std::ptrdiff_t>(block * block_size + offset));
}

std::vector<std::byte> MetadataImage::checksum(const Structure& structure) const {
  const std::span<const std::byte> block(content_.data() + structure.block * block_size, block_size);
  const std::uint32_t sum = dmcore::block_checksum(block, structure.csum_xor);
  std::vector<std::byte> out(4);
  for (unsigned i = 0; i < 4; i++) out[i] = static_cast<std::byte>(sum >> (8 * i));
  return out;
}

}  // namespace sim::generate
