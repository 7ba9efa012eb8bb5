// SPDX-License-Identifier: GPL-2.0-or-later
// Insertion (drivers/md/persistent-data/dm-btree.c). On the way down, room for one more entry is made in
// every node, so that a split always finds room in the parent and never propagates upwards.
#include <algorithm>

#include "dmcore/persistent/btree_spine.h"

namespace dmcore {

namespace {

// SPACE_THRESHOLD: the number of free entries from which on entries are moved into a sibling.
constexpr std::uint32_t space_threshold = 8;

// redistribute2(): distributes the entries of two neighbours evenly.
void redistribute(BtreeNode left, BtreeNode right) {
  const std::uint32_t nr_left = left.nr_entries();
  const std::uint32_t nr_right = right.nr_entries();
  const std::uint32_t target_left = (nr_left + nr_right) / 2;
  const std::uint32_t target_right = nr_left + nr_right - target_left;
  if (nr_left < target_left) {
    const std::uint32_t delta = target_left - nr_left;
    left.move_entries(nr_left, right, 0, delta);
    right.move_entries(0, right, delta, nr_right - delta);
  } else if (nr_left > target_left) {
    const std::uint32_t delta = nr_left - target_left;
    if (nr_right != 0) right.move_entries(delta, right, 0, nr_right);
    right.move_entries(0, left, target_left, delta);
  }
  left.set_nr_entries(target_left);
  right.set_nr_entries(target_right);
}

// redistribute3(): distributes the entries of two nodes evenly over them and an empty one between them.
void redistribute(BtreeNode left, BtreeNode center, BtreeNode right) {
  const std::uint32_t nr_left = left.nr_entries();
  const std::uint32_t nr_right = right.nr_entries();
  const std::uint32_t total = nr_left + nr_right;
  const std::uint32_t target_left = total / 3;
  const std::uint32_t target_center = (total - target_left) / 2;
  const std::uint32_t target_right = total - target_left - target_center;
  if (nr_left < target_left) {
    const std::uint32_t missing = target_left - nr_left;
    left.move_entries(nr_left, right, 0, missing);
    center.move_entries(0, right, missing, target_center);
    right.move_entries(0, right, nr_right - target_right, target_right);
  } else if (nr_left < target_left + target_center) {
    const std::uint32_t from_left = nr_left - target_left;
    center.move_entries(0, left, target_left, from_left);
    center.move_entries(from_left, right, 0, target_center - from_left);
    right.move_entries(0, right, nr_right - target_right, target_right);
  } else {
    const std::uint32_t missing = target_right - nr_right;
    right.move_entries(missing, right, 0, nr_right);
    right.move_entries(0, left, nr_left - missing, missing);
    // This also copies what went to the right, which remains behind the entries of the center, unused.
    center.move_entries(0, left, target_left, nr_left - target_left);
  }
  left.set_nr_entries(target_left);
  center.set_nr_entries(target_center);
  right.set_nr_entries(target_right);
}

// One insertion: the spine, and how to make room in its current node.
class Insertion {
 public:
  Insertion(Btree& tree, std::uint64_t key)
      : tree_(tree), transactions_(tree.transactions()), spine_(tree), key_(key) {}

  // Descends to the leaf, making room on the way, and finds the index of the key or where it belongs.
  Status descend(block_t root);
  Status set_value(std::span<const std::byte> value);
  [[nodiscard]] block_t root() const { return spine_.root(); }

 private:
  [[nodiscard]] bool has_room() const;
  Status make_room(int parent_index);
  Status split_beneath();
  Status rebalance_or_split(std::uint32_t parent_index);
  enum class Sibling : std::uint8_t { full, roomy, shared };
  Result<Sibling> look_at_sibling(std::uint32_t index);
  Status rebalance_left(std::uint32_t parent_index);
  Status rebalance_right(std::uint32_t parent_index);
  Status split_one_into_two(std::uint32_t parent_index);
  Status split_two_into_three(std::uint32_t parent_index);
  Result<BlockRef> new_node() { return transactions_.new_block(btree_node_validator()); }
  // The kernel relies on this, and copies beyond the block if a sibling is damaged.
  static Status check_alike(const BtreeNode& a, const BtreeNode& b) {
    return a.same_shape_as(b) ? Status() : Status(Errno::ilseq);
  }

  Btree& tree_;
  TransactionManager& transactions_;
  ShadowSpine spine_;
  std::uint64_t key_;
  std::uint32_t index_ = 0;
};

Status Insertion::descend(block_t root) {
  int index = -1;
  for (;;) {
    DMCORE_TRY(spine_.step(root, index));
    if (!has_room()) DMCORE_TRY(make_room(index));
    BtreeNode node = spine_.current();
    index = node.lower_bound(key_);
    if (node.is_leaf()) break;
    if (index < 0) {
      node.set_key(0, key_);  // the lowest key in this subtree from now on
      index = 0;
    }
    root = node.child(static_cast<std::uint32_t>(index));
  }
  index_ = static_cast<std::uint32_t>(spine_.current().holds(index, key_) ? index : index + 1);
  return {};
}

Status Insertion::set_value(std::span<const std::byte> value) {
  BtreeNode leaf = spine_.current();
  if (!leaf.holds(static_cast<int>(index_), key_)) {
    return leaf.insert_at(transactions_.log(), index_, key_, value);
  }
  std::byte* place = leaf.value(index_);
  if (!tree_.values().equal(place, value.data())) tree_.values().dec(place, 1);
  std::copy(value.begin(), value.end(), place);
  return {};
}

// A leaf that has the key needs no room: the value is overwritten.
bool Insertion::has_room() const {
  const BtreeNode node = spine_.current();
  return !node.full() || (node.is_leaf() && node.holds(node.lower_bound(key_), key_));
}

Status Insertion::make_room(int parent_index) {
  return spine_.has_parent() ? rebalance_or_split(static_cast<std::uint32_t>(parent_index)) : split_beneath();
}

// btree_split_beneath(): the root stays where it is, and its entries move to two new children.
Status Insertion::split_beneath() {
  BtreeNode root = spine_.current();
  const std::uint32_t nr_left = root.nr_entries() / 2;
  const std::uint32_t nr_right = root.nr_entries() - nr_left;

  DMCORE_TRY_ASSIGN(BlockRef left, new_node());
  BtreeNode left_node(left);
  left_node.init_like(root);
  left_node.set_nr_entries(nr_left);
  left_node.move_entries(0, root, 0, nr_left);

  DMCORE_TRY_ASSIGN(BlockRef right, new_node());
  BtreeNode right_node(right);
  right_node.init_like(root);
  right_node.set_nr_entries(nr_right);
  right_node.move_entries(0, root, nr_left, nr_right);

  root.init(btree_internal_node, btree_max_entries(sizeof(le64), transactions_.block_bytes()), sizeof(le64));
  root.set_nr_entries(2);
  root.set_key(0, left_node.key(0));
  root.set_child(0, left.location());
  root.set_key(1, right_node.key(0));
  root.set_child(1, right.location());
  left.unlock();
  right.unlock();
  return {};
}

// Entries are not moved to shared siblings, which would have to be copied.
Result<Insertion::Sibling> Insertion::look_at_sibling(std::uint32_t index) {
  const block_t block = spine_.parent().child(index);
  DMCORE_TRY_ASSIGN(const bool shared, transactions_.block_is_shared(block));
  if (shared) return Sibling::shared;
  DMCORE_TRY_ASSIGN(const BlockRef sibling, tree_.read_node(block));
  return BtreeNode(sibling).free_entries() >= space_threshold ? Sibling::roomy : Sibling::full;
}

Status Insertion::rebalance_or_split(std::uint32_t parent_index) {
  const std::uint32_t nr_parent = spine_.parent().nr_entries();
  bool any_shared = false;
  if (parent_index > 0) {
    DMCORE_TRY_ASSIGN(const Sibling left, look_at_sibling(parent_index - 1));
    if (left == Sibling::roomy) return rebalance_left(parent_index);
    any_shared = left == Sibling::shared;
  }
  if (parent_index + 1 < nr_parent) {
    DMCORE_TRY_ASSIGN(const Sibling right, look_at_sibling(parent_index + 1));
    if (right == Sibling::roomy) return rebalance_right(parent_index);
    any_shared = any_shared || right == Sibling::shared;
  }
  // Splitting two into three leaves fuller nodes; at the ends, where sequential keys are inserted, one into
  // two is better.
  const bool at_an_end = parent_index == 0 || parent_index + 1 == nr_parent;
  if (any_shared || nr_parent <= 2 || at_an_end) return split_one_into_two(parent_index);
  return split_two_into_three(parent_index);
}

Status Insertion::rebalance_left(std::uint32_t parent_index) {
  BtreeNode parent = spine_.parent();
  DMCORE_TRY_ASSIGN(BlockRef sibling, tree_.shadow_child(parent, parent_index - 1));
  const BtreeNode right = spine_.current();
  DMCORE_TRY(check_alike(BtreeNode(sibling), right));
  redistribute(BtreeNode(sibling), right);
  parent.set_key(parent_index, right.key(0));
  if (key_ < right.key(0)) spine_.replace_current(std::move(sibling));
  return {};
}

Status Insertion::rebalance_right(std::uint32_t parent_index) {
  BtreeNode parent = spine_.parent();
  DMCORE_TRY_ASSIGN(BlockRef sibling, tree_.shadow_child(parent, parent_index + 1));
  const BtreeNode right(sibling);
  DMCORE_TRY(check_alike(spine_.current(), right));
  redistribute(spine_.current(), right);
  parent.set_key(parent_index + 1, right.key(0));
  if (key_ >= right.key(0)) spine_.replace_current(std::move(sibling));
  return {};
}

Status Insertion::split_one_into_two(std::uint32_t parent_index) {
  DMCORE_TRY_ASSIGN(BlockRef sibling, new_node());
  const BtreeNode left = spine_.current();
  BtreeNode right(sibling);
  right.init_like(left);
  redistribute(left, right);
  DMCORE_TRY(spine_.parent().insert_child_at(transactions_.log(), parent_index + 1, right.key(0),
                                             sibling.location()));
  if (key_ >= right.key(0)) spine_.replace_current(std::move(sibling));
  return {};
}

// Inserts a node between the current one and its left sibling, which exists: this is not done at the ends.
Status Insertion::split_two_into_three(std::uint32_t parent_index) {
  BtreeNode parent = spine_.parent();
  DMCORE_TRY_ASSIGN(BlockRef left, tree_.shadow_child(parent, parent_index - 1));
  DMCORE_TRY_ASSIGN(BlockRef middle, new_node());
  const BtreeNode left_node(left);
  BtreeNode middle_node(middle);
  const BtreeNode right_node = spine_.current();
  DMCORE_TRY(check_alike(left_node, right_node));
  middle_node.init_like(left_node);
  redistribute(left_node, middle_node, right_node);

  parent.set_key(parent_index, right_node.key(0));
  DMCORE_TRY(
      parent.insert_child_at(transactions_.log(), parent_index, middle_node.key(0), middle.location()));
  // The order of unlocking is the order in which blocks become dirty, and so that of the writes.
  if (key_ < middle_node.key(0)) {
    middle.unlock();
    spine_.replace_current(std::move(left));
  } else if (key_ < right_node.key(0)) {
    left.unlock();
    spine_.replace_current(std::move(middle));
  } else {
    left.unlock();
    middle.unlock();
  }
  return {};
}

}  // namespace

Status Btree::insert_value(block_t& root, std::uint64_t key, std::span<const std::byte> value) {
  Insertion insertion(*this, key);
  DMCORE_TRY(insertion.descend(root));
  DMCORE_TRY(insertion.set_value(value));
  root = insertion.root();
  return {};
}

}  // namespace dmcore
