// SPDX-License-Identifier: GPL-2.0-or-later
// The image of a metadata device, to be damaged in just one way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dmcore/persistent/array_format.h"
#include "dmcore/persistent/btree_format.h"
#include "dmcore/persistent/space_map_format.h"

#include "dmclone/superblock.h"

#include "sim/metadata/blocks.h"
#include "sim/metadata/check.h"
#include "sim/store/store.h"

#include "tests/support/metadata_samples.h"

namespace test {

class Image {
 public:
  explicit Image(const sim::Store& store);
  // Of metadata_samples(), by name.
  static Image of_sample(const std::string& name);
  // So many regions that the bitset's tree has an internal node. Made once in a process.
  static const Image& with_internal_node();
  // On a device of 17000 blocks, more than a bitmap of the space map counts. Made once in a process.
  static const Image& with_two_bitmaps();

  // The structure at a place, to be read or changed without a new checksum.
  template <class Disk>
  [[nodiscard]] Disk& at(std::uint64_t block, std::size_t offset = 0) {
    return *reinterpret_cast<Disk*>(bytes_.data() + block * sim::metadata::block_bytes + offset);
  }
  // Gives a block the checksum that it should have.
  void seal(std::uint64_t block, sim::metadata::Use use);

  [[nodiscard]] dmclone::SuperblockDisk& superblock() { return at<dmclone::SuperblockDisk>(0); }
  [[nodiscard]] dmcore::SpaceMapRootDisk& space_map() {
    return at<dmcore::SpaceMapRootDisk>(0, offsetof(dmclone::SuperblockDisk, metadata_space_map_root));
  }
  [[nodiscard]] std::uint64_t index_block() { return space_map().bitmap_root; }
  [[nodiscard]] dmcore::IndexEntryDisk& index_entry(std::size_t i = 0) {
    return at<dmcore::MetadataIndexDisk>(index_block()).index[i];
  }
  [[nodiscard]] std::uint64_t bitmap() { return index_entry().blocknr; }
  [[nodiscard]] std::uint64_t count_root() { return space_map().ref_count_root; }
  [[nodiscard]] std::uint64_t bitset_root() { return superblock().bitset_root; }
  // Entries of the nodes of the bitset's tree, whose values have 8 bytes.
  [[nodiscard]] dmcore::le64& key(std::uint64_t node, std::size_t i);
  [[nodiscard]] dmcore::le64& value(std::uint64_t node, std::size_t i);
  [[nodiscard]] std::uint64_t array_block(std::size_t i = 0) { return value(bitset_root(), i); }

  // An entry of the first bitmap; 0 to 3. The numbers of free and of used blocks are not changed.
  void set_entry(std::uint64_t block, unsigned value);
  // The same, with those numbers.
  void set_count(std::uint64_t block, unsigned value);
  [[nodiscard]] unsigned entry(std::uint64_t block);
  // An entry of the tree of counts, which is a leaf, behind those that there are.
  void add_tree_count(std::uint64_t block, std::uint32_t count);
  // The first block that is free.
  [[nodiscard]] std::uint64_t free_block();

  void seal_superblock() { seal(0, sim::metadata::Use::superblock); }
  void seal_index() { seal(index_block(), sim::metadata::Use::index); }
  void seal_bitmap() { seal(bitmap(), sim::metadata::Use::bitmap); }
  void seal_count_root() { seal(count_root(), sim::metadata::Use::count_node); }
  void seal_bitset_root() { seal(bitset_root(), sim::metadata::Use::bitset_node); }

  void resize(std::size_t bytes) { bytes_.resize(bytes); }
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }
  [[nodiscard]] std::vector<std::byte>& bytes() { return bytes_; }

  [[nodiscard]] sim::metadata::Report check(
      sim::metadata::Depth depth = sim::metadata::Depth::everything) const;
  // Each finding as "kind: block 7: what (path)".
  [[nodiscard]] std::vector<std::string> findings(
      sim::metadata::Depth depth = sim::metadata::Depth::everything) const;

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace test
