// SPDX-License-Identifier: GPL-2.0-or-later
// Damage that any block can have, and of the nodes of the bitset's tree.
#include "tests/sim/metadata/metadata_damage.h"

namespace {

using dmcore::BtreeNodeHeaderDisk;
using sim::metadata::Use;
using test::DamagedMetadataCheck;
using test::Image;
using testing::ElementsAre;
using testing::StartsWith;

TEST_F(DamagedMetadataCheck, ChecksumsOfBlocks) {
  array().max_entries = 510;
  EXPECT_THAT(image.findings(),
              ElementsAre(StartsWith(fmt::format("checksum: block {}: checksum 0x", image.array_block()))));
}

TEST_F(DamagedMetadataCheck, BlocksOfAnotherKind) {
  image.seal(image.array_block(), Use::bitmap);
  EXPECT_THAT(image.findings(),
              ElementsAre("checksum: " + of_array("is a bitmap of reference counts by its checksum, not an "
                                                  "array block")));
}

TEST_F(DamagedMetadataCheck, BlocksThatSayTheyAreOthers) {
  array().blocknr = 999;
  seal_array();
  EXPECT_THAT(image.findings(), ElementsAre("block-number: " + of_array("says that it is block 999")));
}

TEST_F(DamagedMetadataCheck, NodesThatSayTheyAreOthers) {
  node(image.bitset_root()).blocknr = 999;
  image.seal_bitset_root();
  EXPECT_THAT(image.findings(), ElementsAre("block-number: " + of_root("says that it is block 999")));
}

TEST_F(DamagedMetadataCheck, PointersBeyondTheDevice) {
  for (const std::uint64_t block : {std::uint64_t{1024}, ~std::uint64_t{0}}) {
    image.superblock().bitset_root = block;
    image.seal_superblock();
    EXPECT_THAT(image.findings(),
                ElementsAre("beyond-end: " + of_root("beyond the 1024 blocks of the device")));
  }
}

TEST_F(DamagedMetadataCheck, PointersBeyondWhatTheSpaceMapCounts) {
  image.resize(image.bytes().size() + 8192);
  image.superblock().bitset_root = 1024;
  image.seal_superblock();
  EXPECT_THAT(image.findings(),
              ElementsAre("beyond-end: " + of_root("beyond the 1024 blocks that the space map counts")));
}

TEST_F(DamagedMetadataCheck, BlocksInTwoUsesThatAreFree) {
  image.set_count(image.index_block(), 0);
  image.superblock().bitset_root = image.index_block();
  image.seal_superblock();
  EXPECT_THAT(image.findings(),
              ElementsAre(StartsWith("double-use: "),
                          StartsWith(fmt::format("undercount: block {}: ", image.index_block()))));
}

TEST_F(DamagedMetadataCheck, BlocksInTwoUses) {
  image.superblock().bitset_root = image.index_block();
  image.seal_superblock();
  EXPECT_THAT(image.findings(),
              ElementsAre("double-use: " + of_root("is in use already, as the index block")));
}

// --- nodes -----------------------------------------------------------------------------------------------

TEST_F(DamagedMetadataCheck, NodesThatAreNeitherInternalNorLeaves) {
  for (const std::uint32_t flags : {0U, 3U, 6U}) {
    node(image.bitset_root()).flags = flags;
    image.seal_bitset_root();
    EXPECT_THAT(image.findings(),
                ElementsAre("node: " +
                            of_root(fmt::format("flags {:#x}: neither an internal node nor a leaf", flags))));
  }
}

TEST_F(DamagedMetadataCheck, NodesOfAnotherValueSize) {
  node(image.bitset_root()).value_size = 4;
  image.seal_bitset_root();
  EXPECT_THAT(image.findings(), ElementsAre("node: " + of_root("values of 4 bytes, expected 8")));
}

TEST_F(DamagedMetadataCheck, InternalNodesOfAnotherValueSize) {
  image = Image::with_internal_node();
  node(image.bitset_root()).value_size = 4;
  image.seal_bitset_root();
  EXPECT_THAT(image.findings(), ElementsAre("node: " + of_root("values of 4 bytes, expected 8")));
}

TEST_F(DamagedMetadataCheck, NodesWithAnotherRoom) {
  node(image.bitset_root()).max_entries = 251;
  image.seal_bitset_root();
  EXPECT_THAT(image.findings(), ElementsAre("node: " + of_root("room for 251 entries, expected 252")));
}

TEST_F(DamagedMetadataCheck, NodesWithTooManyEntries) {
  node(image.bitset_root()).nr_entries = 253;
  image.seal_bitset_root();
  EXPECT_THAT(image.findings(), ElementsAre("node: " + of_root("253 entries, with room for 252")));
}

TEST_F(DamagedMetadataCheck, InternalNodesWithoutEntries) {
  node(image.bitset_root()).flags = dmcore::btree_internal_node;
  node(image.bitset_root()).nr_entries = 0;
  image.seal_bitset_root();
  EXPECT_THAT(image.findings(), ElementsAre("empty-node: " + of_root("has no entries")));
}

TEST_F(DamagedMetadataCheck, LeavesWithoutEntriesBelowTheRoot) {
  image = Image::with_internal_node();
  const std::uint64_t leaf = image.value(image.bitset_root(), 1);
  node(leaf).nr_entries = 0;
  image.seal(leaf, Use::bitset_node);
  EXPECT_THAT(
      image.findings(),
      ElementsAre(fmt::format("empty-node: block {0}: has no entries ({1} > node {0})", leaf, root_path())));
}

TEST_F(DamagedMetadataCheck, KeysThatDoNotAscend) {
  image = Image::with_internal_node();
  const std::uint64_t leaf = image.value(image.bitset_root(), 0);
  image.key(leaf, 5) = 4;
  image.seal(leaf, Use::bitset_node);
  EXPECT_THAT(image.findings(),
              ElementsAre(fmt::format("keys: block {0}: key 4 is followed by key 4 ({1} > node {0})", leaf,
                                      root_path())));
  EXPECT_EQ(image.check().summary->regions_read, (300U - node(leaf).nr_entries) * 32576);
}

TEST_F(DamagedMetadataCheck, TwoKeysThatAreTheSame) {
  image = Image::of_sample("many-array-blocks");
  image.key(image.bitset_root(), 1) = 0;
  image.seal_bitset_root();
  EXPECT_THAT(image.findings(), ElementsAre("keys: " + of_root("key 0 is followed by key 0")));
}

TEST_F(DamagedMetadataCheck, KeysBelowTheRangeOfTheParent) {
  image = Image::with_internal_node();
  const std::uint64_t leaf = image.value(image.bitset_root(), 1);
  const std::uint64_t first = image.key(leaf, 0);
  const std::uint64_t last = image.key(leaf, node(leaf).nr_entries - 1);
  image.key(leaf, 0) = first - 1;
  image.seal(leaf, Use::bitset_node);
  EXPECT_THAT(image.findings(),
              ElementsAre(fmt::format("keys: block {0}: has keys {1} to {2}, but its parent says {3} to {4} "
                                      "({5} > node {0})",
                                      leaf, first - 1, last, first, ~std::uint64_t{0}, root_path())));
}

TEST_F(DamagedMetadataCheck, KeysAboveTheRangeOfTheParent) {
  image = Image::with_internal_node();
  const std::uint64_t leaf = image.value(image.bitset_root(), 0);
  const std::uint64_t entries = node(leaf).nr_entries;
  image.key(leaf, entries - 1) = entries;
  image.seal(leaf, Use::bitset_node);
  EXPECT_THAT(image.findings(), ElementsAre(fmt::format(
                                    "keys: block {0}: has keys 0 to {1}, but its parent says 0 to {2} ({3} > "
                                    "node {0})",
                                    leaf, entries, entries - 1, root_path())));
}

TEST_F(DamagedMetadataCheck, ACycle) {
  image = Image::with_internal_node();
  image.value(image.bitset_root(), 1) = image.bitset_root();
  image.seal_bitset_root();
  EXPECT_THAT(
      image.findings(),
      ElementsAre(fmt::format("double-use: block {0}: is in use already, as a node of the bitset's tree "
                              "({1} > node {0})",
                              image.bitset_root(), root_path())));
}

// Makes a free block an internal node with one child, and returns where it is.
std::uint64_t add_internal_node(Image& image, std::uint64_t child) {
  const std::uint64_t block = image.free_block();
  auto& header = image.at<BtreeNodeHeaderDisk>(block);
  header.flags = dmcore::btree_internal_node;
  header.blocknr = block;
  header.nr_entries = 1;
  header.max_entries = 252;
  header.value_size = 8;
  image.key(block, 0) = 0;
  image.value(block, 0) = child;
  image.seal(block, Use::bitset_node);
  image.set_count(block, 1);
  return block;
}

// A node's last child may have no more keys than the node itself.
TEST_F(DamagedMetadataCheck, KeysAboveTheRangeOfTheParentsParent) {
  image = Image::with_internal_node();
  const std::uint64_t leaf = image.value(image.bitset_root(), 0);
  const std::uint64_t between = add_internal_node(image, leaf);
  image.value(image.bitset_root(), 0) = between;
  image.seal_bitset_root();
  EXPECT_THAT(image.findings(), testing::IsEmpty());
  const std::uint64_t entries = node(leaf).nr_entries;
  image.key(leaf, entries - 1) = entries;
  image.seal(leaf, Use::bitset_node);
  EXPECT_THAT(image.findings(), ElementsAre(fmt::format(
                                    "keys: block {0}: has keys 0 to {1}, but its parent says 0 to {2} ({3} > "
                                    "node {4} > node {0})",
                                    leaf, entries, entries - 1, root_path(), between)));
}

// Puts internal nodes of one child each before the root.
void deepen(Image& image, unsigned levels) {
  for (unsigned i = 0; i < levels; ++i) {
    image.superblock().bitset_root = add_internal_node(image, image.bitset_root());
    image.seal_superblock();
  }
}

TEST_F(DamagedMetadataCheck, AsManyLevelsAsTheKernelDescends) {
  deepen(image, 14);
  EXPECT_THAT(image.findings(), testing::IsEmpty());
}

TEST_F(DamagedMetadataCheck, MoreLevelsThanTheKernelDescends) {
  deepen(image, 15);
  EXPECT_THAT(image.findings(), ElementsAre(StartsWith("depth: block ")));
}

}  // namespace
