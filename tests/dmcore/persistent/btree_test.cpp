// SPDX-License-Identifier: GPL-2.0-or-later
// B-trees, compared with std::map, and what they leave behind.
#include "dmcore/persistent/btree.h"

#include <array>
#include <gmock/gmock.h>
#include <map>
#include <random>

#include "dmcore/persistent/btree_cursor.h"
#include "dmcore/persistent/btree_node.h"

#include "tests/dmcore/persistent/metadata_fixture.h"
#include "tests/dmcore/persistent/written_blocks.h"

namespace {

using dmcore::block_t;
using dmcore::Btree;
using dmcore::Errno;
using dmcore::le64;
using Model = std::map<std::uint64_t, std::uint64_t>;

class BtreeTest : public test::MetadataTest {
 protected:
  BtreeTest() : MetadataTest(20'000) {}

  void run(const std::function<void()>& body) {
    MetadataTest::run([&] {
      tree = std::make_unique<dmcore::Btree>(map->transactions(), values);
      root = test::value_of(tree->create_empty());
      body();
    });
  }

  void insert(std::uint64_t key, std::uint64_t value) {
    ASSERT_TRUE(tree->insert(root, key, le64(value)).ok());
    model[key] = value;
  }
  void remove(std::uint64_t key) {
    ASSERT_TRUE(tree->remove(root, key).ok());
    model.erase(key);
  }
  std::optional<std::uint64_t> lookup(block_t in_root, std::uint64_t key) {
    const dmcore::Result<le64> value = tree->lookup<le64>(in_root, key);
    EXPECT_TRUE(value.ok() || value.error() == Errno::nodata);
    return value.ok() ? std::optional<std::uint64_t>(*value) : std::nullopt;
  }
  Model contents(block_t in_root) {
    Model found;
    EXPECT_TRUE(tree->walk(in_root,
                           [&](std::uint64_t key, const std::byte* value) {
                             found.emplace_hint(found.end(), key, *reinterpret_cast<const le64*>(value));
                             return dmcore::Status();
                           })
                    .ok());
    return found;
  }
  // So that no two of the blocks that are free next are neighbours, whose writes would be merged.
  void leave_gaps() {
    const block_t last =
        test::value_of(map->transactions().new_block(dmcore::btree_node_validator())).location();
    for (block_t block = last + 2; block < last + 42; block += 2) map->transactions().inc(block);
    ASSERT_TRUE(commit().ok());
  }
  // Nodes in the tree, and the fewest entries of one that is not the root.
  void check_fill(block_t block, bool is_root, unsigned& nodes) {
    const dmcore::BlockRef locked = test::value_of(tree->read_node(block));
    const dmcore::BtreeNode node(locked);
    ++nodes;
    if (!is_root) {
      EXPECT_GE(node.nr_entries(), node.max_entries() / 3);
    }
    for (std::uint32_t i = 0; node.is_internal() && i < node.nr_entries(); ++i) {
      check_fill(node.child(i), false, nodes);
    }
  }

  dmcore::BtreeValues values{sizeof(le64)};
  std::unique_ptr<dmcore::Btree> tree;
  block_t root = 0;
  Model model;
};

TEST_F(BtreeTest, ANewTreeIsEmpty) {
  run([&] {
    EXPECT_EQ(lookup(root, 0), std::nullopt);
    EXPECT_EQ(tree->lowest_key(root).status(), Errno::nodata);
    EXPECT_EQ(tree->remove(root, 5), Errno::nodata);
  });
}

TEST_F(BtreeTest, AKeyThatIsInsertedTwiceHasTheSecondValue) {
  run([&] {
    insert(7, 1);
    insert(7, 2);
    EXPECT_EQ(lookup(root, 7), 2);
    EXPECT_EQ(contents(root), model);
  });
}

TEST_F(BtreeTest, KeysInSequenceAreFound) {
  run([&] {
    for (std::uint64_t key = 0; key < 3000; ++key) insert(key, key * key);
    EXPECT_EQ(contents(root), model);
  });
}

TEST_F(BtreeTest, KeysInFallingSequenceAreFound) {
  run([&] {
    for (std::uint64_t key = 3000; key-- > 0;) insert(key, key + 1);
    EXPECT_EQ(contents(root), model);
  });
}

TEST_F(BtreeTest, RandomKeysComeAndGo) {
  run([&] {
    std::mt19937_64 random(1);
    for (int round = 0; round < 20; ++round) {
      for (int i = 0; i < 800; ++i) insert(random() % 20'000, random());
      for (int i = 0; i < 500 && !model.empty(); ++i) {
        const auto it = model.lower_bound(random() % 20'000);
        remove(it == model.end() ? model.begin()->first : it->first);
      }
      ASSERT_TRUE(commit().ok());
    }
    EXPECT_EQ(contents(root), model);
  });
}

TEST_F(BtreeTest, RemovingEveryKeyLeavesOneNode) {
  run([&] {
    for (std::uint64_t key = 0; key < 2000; ++key) insert(key, key);
    std::mt19937_64 random(2);
    while (model.size() > 1) {
      const auto it = model.lower_bound(random() % 2000);
      remove(it == model.end() ? model.begin()->first : it->first);
    }
    EXPECT_EQ(contents(root), model);
    // The root turns into its only child on the next removal that comes by.
    remove(model.begin()->first);
    EXPECT_THAT(contents(root), testing::IsEmpty());
    unsigned nodes = 0;
    check_fill(root, true, nodes);
    EXPECT_EQ(nodes, 1);
  });
}

TEST_F(BtreeTest, NodesAreAtLeastAThirdFullAfterRemovals) {
  run([&] {
    std::mt19937_64 random(3);
    for (int i = 0; i < 5000; ++i) insert(random() % 100'000, i);
    for (int i = 0; i < 4000; ++i) {
      const auto it = model.lower_bound(random() % 100'000);
      remove(it == model.end() ? model.begin()->first : it->first);
    }
    unsigned nodes = 0;
    check_fill(root, true, nodes);
    EXPECT_EQ(contents(root), model);
  });
}

TEST_F(BtreeTest, TheNextKeyIsFoundAcrossNodes) {
  run([&] {
    for (std::uint64_t key = 0; key < 3000; ++key) insert(key * 10, key);
    for (const std::uint64_t key : {0, 1, 12345, 29990}) {
      EXPECT_EQ(test::value_of(tree->lookup_next<le64>(root, key)).key, (key + 9) / 10 * 10);
    }
    EXPECT_EQ(tree->lookup_next<le64>(root, 29991).status(), Errno::nodata);
  });
}

TEST_F(BtreeTest, TheLowestAndTheHighestKeyAreKnown) {
  run([&] {
    for (std::uint64_t key = 100; key < 1000; ++key) insert(key, key);
    EXPECT_EQ(test::value_of(tree->lowest_key(root)), 100);
    EXPECT_EQ(test::value_of(tree->highest_key(root)), 999);
  });
}

TEST_F(BtreeTest, ATreeThatSomebodyElseHoldsStaysAsItIs) {
  run([&] {
    for (std::uint64_t key = 0; key < 1000; ++key) insert(key, key);
    ASSERT_TRUE(commit().ok());
    const block_t snapshot = root;
    const Model before = model;
    map->transactions().inc(snapshot);
    for (std::uint64_t key = 0; key < 1500; key += 3) insert(key, 0);
    for (std::uint64_t key = 1; key < 400; key += 3) remove(key);
    EXPECT_EQ(contents(snapshot), before);
    EXPECT_EQ(contents(root), model);
  });
}

// Values that are references to something, which is to be kept as long as a tree refers to it.
class CountedValues final : public dmcore::BtreeValues {
 public:
  CountedValues() : BtreeValues(sizeof(le64)) {}
  void inc(const std::byte* values, std::uint32_t count) const override { change(values, count, 1); }
  void dec(const std::byte* values, std::uint32_t count) const override { change(values, count, -1); }

  mutable std::map<std::uint64_t, int> references;

 private:
  void change(const std::byte* values, std::uint32_t count, int by) const {
    for (std::uint32_t i = 0; i < count; ++i) references[reinterpret_cast<const le64*>(values)[i]] += by;
  }
};

TEST_F(BtreeTest, ARootThatTakesOverItsOnlyChildSharesItsValuesWithASnapshot) {
  run([&] {
    const CountedValues counted;
    tree = std::make_unique<dmcore::Btree>(map->transactions(), counted);
    for (std::uint64_t key = 0; key < 300; ++key) {
      insert(key, key);
      ++counted.references[key];
    }
    const auto has_one_child = [&] {
      const dmcore::BlockRef locked = test::value_of(tree->read_node(root));
      const dmcore::BtreeNode node(locked);
      return node.is_internal() && node.nr_entries() == 1;
    };
    std::uint64_t key = 0;
    for (; key < 300 && !has_one_child(); ++key) remove(key);
    ASSERT_TRUE(has_one_child());
    ASSERT_TRUE(commit().ok());
    const block_t snapshot = root;
    const Model before = model;
    map->transactions().inc(snapshot);
    remove(key);
    EXPECT_EQ(contents(snapshot), before);
    EXPECT_EQ(contents(root), model);
    for (const auto& [of, value] : before)
      EXPECT_EQ(counted.references[value], model.contains(of) ? 2 : 1) << value;
  });
}

TEST_F(BtreeTest, GivingUpATreeDropsOneReferenceToEachValue) {
  run([&] {
    const CountedValues counted;
    tree = std::make_unique<Btree>(map->transactions(), counted);
    for (std::uint64_t key = 0; key < 1000; ++key) {
      insert(key, key);
      counted.references[key] = 2;
    }
    ASSERT_TRUE(tree->destroy(root).ok());
    for (const auto& [value, references] : counted.references) EXPECT_EQ(references, 1) << value;
  });
}

TEST_F(BtreeTest, GivingUpATreeFreesAllItsBlocks) {
  run([&] {
    ASSERT_TRUE(commit().ok());
    const block_t root_of_empty = root;
    block_t used_before = 0;
    for (block_t block = 0; block < 200; ++block) used_before += count_of(block);
    for (std::uint64_t key = 0; key < 5000; ++key) insert(key, key);
    ASSERT_TRUE(commit().ok());
    ASSERT_TRUE(tree->destroy(root).ok());
    ASSERT_TRUE(commit().ok());
    block_t used_after = 0;
    for (block_t block = 0; block < 1000; ++block) used_after += count_of(block);
    EXPECT_EQ(used_after, used_before - 1) << "the empty tree's root at " << root_of_empty << " is gone too";
    EXPECT_THAT(logged(), testing::IsEmpty());  // as of a block that is freed twice
  });
}

TEST_F(BtreeTest, GivingUpATreeLeavesWhatASnapshotShares) {
  run([&] {
    for (std::uint64_t key = 0; key < 1000; ++key) insert(key, key);
    ASSERT_TRUE(commit().ok());
    const block_t snapshot = root;
    map->transactions().inc(snapshot);
    insert(500, 0);
    model[500] = 500;
    ASSERT_TRUE(tree->destroy(root).ok());
    EXPECT_EQ(contents(snapshot), model);
  });
}

TEST_F(BtreeTest, ACursorGoesThroughAllKeysInOrder) {
  run([&] {
    for (std::uint64_t key = 0; key < 2000; ++key) insert(key * 7 % 2003, 1);
    dmcore::BtreeCursor cursor(*tree);
    ASSERT_TRUE(cursor.begin(root).ok());
    for (const auto& [wanted, value] : model) {
      ASSERT_EQ(test::value_of(cursor.get()).key, wanted);
      EXPECT_EQ(cursor.next(),
                wanted == model.rbegin()->first ? dmcore::Status(Errno::nodata) : dmcore::Status());
    }
  });
}

TEST_F(BtreeTest, ACursorHasNoEntryBehindTheLastOne) {
  run([&] {
    insert(1, 1);
    dmcore::BtreeCursor cursor(*tree);
    ASSERT_TRUE(cursor.begin(root).ok());
    EXPECT_EQ(cursor.next(), Errno::nodata);
    EXPECT_EQ(cursor.get().status(), Errno::nodata);
  });
}

TEST_F(BtreeTest, ACursorFailsAtALeafThatIsDamaged) {
  run([&] {
    for (std::uint64_t key = 0; key < 1000; ++key) insert(key, 1);
    ASSERT_TRUE(commit().ok());
    block_t second = 0;
    std::uint64_t first_key_there = 0;
    {
      const dmcore::BlockRef locked = test::value_of(tree->read_node(root));
      second = dmcore::BtreeNode(locked).child(1);
      first_key_there = dmcore::BtreeNode(locked).key(1);
    }
    reopen();
    const std::array<std::byte, 8> damage{};
    ASSERT_TRUE(disk.poke(second * test::metadata_block_bytes, damage).ok());
    tree = std::make_unique<Btree>(map->transactions(), values);
    dmcore::BtreeCursor cursor(*tree);
    ASSERT_TRUE(cursor.begin(root).ok());
    for (std::uint64_t key = 1; key < first_key_there; ++key) ASSERT_TRUE(cursor.next().ok()) << key;
    EXPECT_EQ(cursor.next(), Errno::ilseq);
    EXPECT_THAT(logged(), testing::Contains("btree: find_leaf failed"));
  });
}

// As the space map does it with its counts.
TEST_F(BtreeTest, AValueThatIsChangedInItsLeafIsFoundFromTheRoot) {
  run([&] {
    for (std::uint64_t key = 0; key < 1000; ++key) insert(key, key);
    ASSERT_TRUE(commit().ok());
    for (std::uint64_t key = 0; key < 1000; key += 37) {
      const Btree::LeafEntry entry = test::value_of(tree->overwrite_leaf(root, key));
      *reinterpret_cast<le64*>(dmcore::BtreeNode(entry.leaf).value(entry.index)) = key + 5000;
      model[key] = key + 5000;
    }
    ASSERT_TRUE(commit().ok());
    EXPECT_EQ(contents(root), model);
  });
}

TEST_F(BtreeTest, AKeyThatIsNotThereHasNoValueToBeChanged) {
  run([&] {
    for (std::uint64_t key = 0; key < 1000; ++key) insert(2 * key + 2, key);
    for (const std::uint64_t key : {1, 701, 3001})
      EXPECT_EQ(tree->overwrite_leaf(root, key).status(), Errno::inval) << key;
    EXPECT_EQ(contents(root), model);
  });
}

// Blocks become dirty in the order in which they are unlocked, and a plug turns that around: the root of a
// tree is unlocked before the leaf, and written after it.
TEST_F(BtreeTest, ALeafIsWrittenBeforeTheRootThatLeadsToIt) {
  run([&] {
    for (std::uint64_t key = 0; key < 300; ++key) insert(key, key);
    ASSERT_TRUE(commit().ok());
    leave_gaps();
    test::WrittenBlocks written;
    disk.set_media_observer(&written);
    insert(0, 1);
    ASSERT_TRUE(commit().ok());
    disk.set_media_observer(nullptr);
    block_t leaf = 0;
    {
      const dmcore::BlockRef locked = test::value_of(tree->read_node(root));
      leaf = dmcore::BtreeNode(locked).child(0);
    }
    std::vector<block_t> of_tree;
    for (const block_t block : written.blocks)
      if (block == root || block == leaf) of_tree.push_back(block);
    EXPECT_THAT(of_tree, testing::ElementsAre(leaf, root));
  });
}

TEST_F(BtreeTest, ANodeWithTooManyEntriesIsRefused) {
  run([&] {
    insert(1, 1);
    {
      const dmcore::BlockRef locked =
          test::value_of(blocks->write_lock(root, &dmcore::btree_node_validator()));
      dmcore::BtreeNode(locked).set_nr_entries(10'000);
    }
    ASSERT_TRUE(commit().ok());
    reopen();
    tree = std::make_unique<dmcore::Btree>(map->transactions(), values);
    EXPECT_EQ(tree->lookup<le64>(root, 1).status(), Errno::ilseq);
    EXPECT_THAT(logged(), testing::Contains("btree spine: node_check failed: too many entries"));
  });
}

}  // namespace
