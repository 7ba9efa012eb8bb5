// SPDX-License-Identifier: GPL-2.0-or-later
// What an insertion or a removal does to the neighbours of the leaf that it comes to: for leaves of chosen
// sizes, and for one that is damaged.
#include <gmock/gmock.h>
#include <map>
#include <ostream>
#include <set>

#include "dmcore/persistent/btree.h"
#include "dmcore/persistent/btree_node.h"

#include "tests/dmcore/persistent/metadata_fixture.h"
#include "tests/dmcore/persistent/written_blocks.h"

namespace {

using dmcore::block_t;
using dmcore::BtreeNode;
using dmcore::Errno;
using dmcore::le64;
using Model = std::map<std::uint64_t, std::uint64_t>;

// The numbers of entries of a leaf and of those on its left and right.
struct Sizes {
  std::uint32_t left;
  std::uint32_t center;
  std::uint32_t right;
  std::size_t merged = 0;  // how many leaves fewer there are after a removal from the center
  friend std::ostream& operator<<(std::ostream& out, const Sizes& sizes) {
    return out << sizes.left << ", " << sizes.center << ", " << sizes.right;
  }
};

class BtreeSiblings : public test::MetadataTest, public testing::WithParamInterface<Sizes> {
 protected:
  static constexpr std::uint32_t full = 252;
  // So that a leaf has room for keys of the tests' own.
  static constexpr std::uint64_t keys_apart = 1000;
  // There is one more leaf before them, so that the one in the middle is not at an end.
  enum Leaf : std::uint32_t { first, left, center, right, leaves };

  BtreeSiblings() : MetadataTest(2000) {}

  void run(const Sizes& sizes, const std::function<void()>& body) {
    MetadataTest::run([&] {
      begins.clear();
      tree = std::make_unique<dmcore::Btree>(map->transactions(), values);
      root = test::value_of(tree->create_empty());
      for (std::uint64_t i = 0; begins.size() < leaves; ++i) {
        ASSERT_TRUE(tree->insert(root, i * keys_apart, le64(i)).ok());
        begins = first_keys();
      }
      const std::vector<std::uint32_t> wanted = {full / 2, sizes.left, sizes.center, sizes.right};
      for (std::uint32_t leaf = first; leaf < leaves; ++leaf) {
        change(leaf, [&](BtreeNode node) {
          node.set_nr_entries(wanted[leaf]);
          for (std::uint32_t i = 0; i < wanted[leaf]; ++i) {
            node.set_key(i, begins[leaf] + i);
            *reinterpret_cast<le64*>(node.value(i)) = begins[leaf] + i + 1;
          }
        });
      }
      ASSERT_TRUE(commit().ok());
      model = contents();
      ASSERT_EQ(model.size(), full / 2 + sizes.left + sizes.center + sizes.right);
      body();
    });
  }

  // Of the children of the root.
  std::vector<std::uint64_t> first_keys() {
    const dmcore::BlockRef locked = test::value_of(tree->read_node(root));
    const BtreeNode node(locked);
    std::vector<std::uint64_t> keys;
    for (std::uint32_t i = 0; node.is_internal() && i < node.nr_entries(); ++i) keys.push_back(node.key(i));
    return keys;
  }
  void change(std::uint32_t leaf, const std::function<void(BtreeNode)>& how) {
    block_t block = 0;
    {
      const dmcore::BlockRef locked = test::value_of(tree->read_node(root));
      block = BtreeNode(locked).child(leaf);
    }
    const dmcore::BlockRef locked =
        test::value_of(blocks->write_lock(block, &dmcore::btree_node_validator()));
    how(BtreeNode(locked));
  }
  void set_value_size(std::uint32_t leaf) {
    change(leaf, [](BtreeNode node) {
      const std::uint32_t entries = node.nr_entries();
      node.init(dmcore::btree_leaf_node, node.max_entries(), 4);
      node.set_nr_entries(entries);
    });
  }
  void set_max_entries(std::uint32_t leaf) {
    change(leaf, [](BtreeNode node) {
      const std::uint32_t entries = node.nr_entries();
      node.init(dmcore::btree_leaf_node, node.max_entries() - 3, node.value_size());
      node.set_nr_entries(entries);
    });
  }

  Model contents() {
    Model found;
    EXPECT_TRUE(tree->walk(root,
                           [&](std::uint64_t key, const std::byte* value) {
                             found.emplace(key, *reinterpret_cast<const le64*>(value));
                             return dmcore::Status();
                           })
                    .ok());
    return found;
  }
  void collect(block_t block, std::set<block_t>& nodes) {
    const dmcore::BlockRef locked = test::value_of(tree->read_node(block));
    const BtreeNode node(locked);
    nodes.insert(block);
    for (std::uint32_t i = 0; node.is_internal() && i < node.nr_entries(); ++i) collect(node.child(i), nodes);
  }
  // Blocks that are in use and are no nodes of the tree.
  std::uint32_t others_in_use() {
    std::set<block_t> nodes;
    collect(root, nodes);
    std::uint32_t sum = 0;
    for (block_t block = 0; block < nr_blocks_; ++block) sum += count_of(block);
    return sum - static_cast<std::uint32_t>(nodes.size());
  }

  dmcore::BtreeValues values{sizeof(le64)};
  std::unique_ptr<dmcore::Btree> tree;
  block_t root = 0;
  std::vector<std::uint64_t> begins;  // the first key of each leaf
  Model model;
};

class BtreeRemovalAmongSiblings : public BtreeSiblings {};

TEST_P(BtreeRemovalAmongSiblings, KeepsAllOtherEntriesAndFreesWhatIsMerged) {
  run(GetParam(), [&] {
    const std::uint32_t before = others_in_use();
    const std::uint64_t key = begins[center] + 3;
    ASSERT_TRUE(tree->remove(root, key).ok());
    ASSERT_TRUE(commit().ok());
    model.erase(key);
    EXPECT_EQ(contents(), model);
    EXPECT_EQ(first_keys().size(), leaves - GetParam().merged);
    EXPECT_EQ(others_in_use(), before);
    EXPECT_THAT(logged(), testing::IsEmpty());
  });
}

TEST_P(BtreeRemovalAmongSiblings, FailsIfOneHasValuesOfAnotherSize) {
  for (const Leaf damaged : {left, right}) {
    run(GetParam(), [&] {
      set_value_size(damaged);
      EXPECT_EQ(tree->remove(root, begins[center] + 3), Errno::ilseq) << "leaf " << damaged;
      EXPECT_THAT(logged(), testing::ElementsAre("btree: mismatched value size"));
    });
  }
}

TEST_P(BtreeRemovalAmongSiblings, FailsIfOneHoldsFewerEntries) {
  for (const Leaf damaged : {left, center, right}) {
    run(GetParam(), [&] {
      set_max_entries(damaged);
      EXPECT_EQ(tree->remove(root, begins[center] + 3), Errno::ilseq) << "leaf " << damaged;
      EXPECT_THAT(logged(), testing::ElementsAre("btree: bad btree metadata, max_entries differ"));
    });
  }
}

// Evenly distributed with the center as a source or not; the center merged into both, or into the left; all
// three in one.
INSTANTIATE_TEST_SUITE_P(Sizes, BtreeRemovalAmongSiblings,
                         testing::Values(Sizes{126, 126, 222}, Sizes{222, 126, 126}, Sizes{40, 50, 249},
                                         Sizes{249, 50, 40}, Sizes{112, 112, 112, 1}, Sizes{112, 112, 113},
                                         Sizes{100, 90, 100, 1}, Sizes{200, 60, 60, 1},
                                         Sizes{30, 20, 20, 2}));

class BtreeInsertionAmongSiblings : public BtreeSiblings {};

TEST_P(BtreeInsertionAmongSiblings, KeepsAllOtherEntries) {
  for (const std::uint64_t place : {0, 100, 251}) {
    run(GetParam(), [&] {
      const std::uint32_t before = others_in_use();
      const std::uint64_t key = begins[center] + 252;
      for (std::uint64_t i = 0; i < 3; ++i) {
        const std::uint64_t new_key = key + (2 - i) + place;
        ASSERT_TRUE(tree->insert(root, new_key, le64(i)).ok());
        model[new_key] = i;
      }
      ASSERT_TRUE(commit().ok());
      EXPECT_EQ(contents(), model);
      EXPECT_EQ(others_in_use(), before);
    });
  }
}

TEST_P(BtreeInsertionAmongSiblings, FailsIfTheOneThatGetsEntriesHasAnotherShape) {
  run(GetParam(), [&] {
    set_value_size(GetParam().right < full ? right : left);
    EXPECT_EQ(tree->insert(root, begins[center] + 500, le64(1)), Errno::ilseq);
  });
}

// Entries go to the left, or to the right; or a new leaf comes between the left and the center.
INSTANTIATE_TEST_SUITE_P(Sizes, BtreeInsertionAmongSiblings,
                         testing::Values(Sizes{100, 252, 252}, Sizes{252, 252, 100}, Sizes{252, 252, 252}));

// Blocks become dirty in the order in which they are unlocked, and a plug turns that around: of three leaves
// the one that gets the key is unlocked last, and written first.
class BtreeSplitIntoThree : public BtreeSiblings {
 protected:
  // Which of the leaves, from the left: 0 is the left one, 1 the new one, and 2 that which was in the center.
  std::vector<unsigned> order_of_writes(std::uint64_t key_in_center) {
    std::vector<unsigned> order;
    run({252, 252, 252}, [&] {
      leave_gaps();
      spread_keys_of_center();
      test::WrittenBlocks written;
      disk.set_media_observer(&written);
      ASSERT_TRUE(tree->insert(root, begins[center] + key_in_center, le64(1)).ok());
      ASSERT_TRUE(commit().ok());
      disk.set_media_observer(nullptr);
      ASSERT_EQ(first_keys().size(), leaves + 1);
      std::vector<block_t> three;
      {
        const dmcore::BlockRef locked = test::value_of(tree->read_node(root));
        for (std::uint32_t i = left; i < left + 3U; ++i) three.push_back(BtreeNode(locked).child(i));
      }
      for (const block_t block : written.blocks) {
        const auto found = std::find(three.begin(), three.end(), block);
        if (found != three.end()) order.push_back(static_cast<unsigned>(found - three.begin()));
      }
    });
    return order;
  }

 private:
  // So that no two of the blocks that are free next are neighbours, whose writes would be merged.
  void leave_gaps() {
    const block_t last =
        test::value_of(map->transactions().new_block(dmcore::btree_node_validator())).location();
    for (block_t block = last + 2; block < last + 42; block += 2) map->transactions().inc(block);
    ASSERT_TRUE(commit().ok());
  }
  // And there is room for a key between any two.
  void spread_keys_of_center() {
    change(center, [&](BtreeNode node) {
      for (std::uint32_t i = 0; i < full; ++i) node.set_key(i, begins[center] + std::uint64_t{2} * i);
    });
    ASSERT_TRUE(commit().ok());
  }
};

TEST_F(BtreeSplitIntoThree, WritesTheRightOneFirstIfItGetsTheKey) {
  EXPECT_THAT(order_of_writes(301), testing::ElementsAre(2, 1, 0));
}
TEST_F(BtreeSplitIntoThree, WritesTheMiddleOneFirstIfItGetsTheKey) {
  EXPECT_THAT(order_of_writes(101), testing::ElementsAre(1, 2, 0));
}

class BtreeOfFourLeaves : public BtreeSiblings {};

// A chain of nodes, of which each has the key that is looked for behind its second child.
TEST_F(BtreeOfFourLeaves, TheNextKeyIsNotLookedForDeeperThanATreeMayBe) {
  run({126, 126, 126}, [&] {
    const auto make = [&](std::uint32_t flags, const std::vector<std::uint64_t>& keys) {
      dmcore::BlockRef made = test::value_of(map->transactions().new_block(dmcore::btree_node_validator()));
      BtreeNode node(made);
      node.init(flags, full, sizeof(le64));
      node.set_nr_entries(static_cast<std::uint32_t>(keys.size()));
      for (std::uint32_t i = 0; i < keys.size(); ++i) node.set_key(i, keys[i]);
      return made;
    };
    const block_t below = make(dmcore::btree_leaf_node, {0}).location();
    block_t top = make(dmcore::btree_leaf_node, {20}).location();
    const auto put_above = [&] {
      const dmcore::BlockRef made = make(dmcore::btree_internal_node, {0, 10});
      BtreeNode(made).set_child(0, below);
      BtreeNode(made).set_child(1, top);
      top = made.location();
    };
    for (unsigned depth = 1; depth < dmcore::Btree::max_depth; ++depth) put_above();
    EXPECT_EQ(test::value_of(tree->lookup_next<le64>(top, 5)).key, 20U);
    put_above();
    EXPECT_EQ(tree->lookup_next<le64>(top, 5).status(), Errno::inval);
  });
}

TEST_F(BtreeOfFourLeaves, GivingItUpUnlocksAllNodesIfOneCannotBeRead) {
  run({126, 126, 126}, [&] {
    {
      const dmcore::BlockRef locked =
          test::value_of(blocks->write_lock(root, &dmcore::btree_node_validator()));
      BtreeNode(locked).set_child(left, 1'000'000);
    }
    EXPECT_EQ(tree->destroy(root), Errno::inval);
    EXPECT_TRUE(blocks->write_lock(root, &dmcore::btree_node_validator()).ok());
  });
}

TEST_F(BtreeOfFourLeaves, RemovingAllKeysFreesAllNodesButOne) {
  run({126, 126, 126}, [&] {
    const std::uint32_t before = others_in_use();
    for (const auto& [key, value] : model) ASSERT_TRUE(tree->remove(root, key).ok());
    ASSERT_TRUE(commit().ok());
    EXPECT_THAT(contents(), testing::IsEmpty());
    EXPECT_EQ(others_in_use(), before);
  });
}

TEST_F(BtreeOfFourLeaves, TheNextKeyIsNotLookedForBehindTheLastChild) {
  run({126, 126, 126}, [&] {
    {
      const dmcore::BlockRef locked =
          test::value_of(blocks->write_lock(root, &dmcore::btree_node_validator()));
      BtreeNode(locked).set_nr_entries(leaves - 1);
    }
    EXPECT_EQ(tree->lookup_next<le64>(root, begins[center] + 126).status(), Errno::nodata);
  });
}

TEST_F(BtreeOfFourLeaves, EntriesAreNotMovedToALeafThatASnapshotShares) {
  run({100, 252, 252}, [&] {
    map->transactions().inc(root);
    ASSERT_TRUE(tree->insert(root, begins[center] + 252, le64(1)).ok());
    EXPECT_EQ(first_keys().size(), leaves + 1);
  });
}

TEST_F(BtreeOfFourLeaves, NothingIsInUseAnyMoreWhenATreeAndItsSnapshotAreGivenUp) {
  run({126, 126, 126}, [&] {
    const std::uint32_t others = others_in_use();
    const block_t snapshot = root;
    map->transactions().inc(snapshot);
    ASSERT_TRUE(tree->insert(root, begins[center] + 200, le64(1)).ok());
    ASSERT_TRUE(commit().ok());
    ASSERT_TRUE(tree->destroy(root).ok());
    ASSERT_TRUE(tree->destroy(snapshot).ok());
    ASSERT_TRUE(commit().ok());
    std::uint32_t sum = 0;
    for (block_t block = 0; block < nr_blocks_; ++block) sum += count_of(block);
    EXPECT_EQ(sum, others);
  });
}

}  // namespace
