// SPDX-License-Identifier: GPL-2.0-or-later
// Removal (drivers/md/persistent-data/dm-btree-remove.c). On the way down, the next node and its siblings are
// rebalanced or merged, so that it can lose an entry and nothing propagates upwards.
#include <algorithm>
#include <array>

#include "dmcore/persistent/btree_spine.h"

namespace dmcore {

namespace {

// A child of the current node, shadowed.
struct Child {
  std::uint32_t index;  // in the parent
  BlockRef block;
  [[nodiscard]] BtreeNode node() const { return BtreeNode(block); }
};

class Removal {
 public:
  explicit Removal(Btree& tree) : tree_(tree), transactions_(tree.transactions()), spine_(tree) {}

  // Descends to the leaf and finds the entry of the key. Errno::nodata if there is none.
  Status descend(block_t root, std::uint64_t key);
  void delete_entry();
  [[nodiscard]] block_t root() const { return spine_.root(); }

 private:
  Status find_in_leaf(std::uint64_t key);
  Status rebalance_children(std::uint64_t key);
  Status replace_by_only_child();
  Status lock_children(std::span<Child> children);
  Status rebalance2(std::uint32_t left_index);
  Status rebalance3(std::uint32_t left_index);
  Status join_or_even_out(Child& left, Child& right);
  Status delete_center(Child& left, Child& center, Child& right);
  Status redistribute(Child& left, Child& center, Child& right);
  Status shift(BtreeNode left, BtreeNode right, std::int64_t count);
  Status append_from(BtreeNode left, BtreeNode right, std::uint32_t count);
  Status prepend_from(BtreeNode right, BtreeNode left, std::uint32_t count);
  Errno error(std::string_view text, Errno code) {
    return transactions_.log().fail(code, btree_log_prefix, "{}", text);
  }

  Btree& tree_;
  TransactionManager& transactions_;
  ShadowSpine spine_;
  std::uint32_t index_ = 0;
};

// A node with fewer entries is merged with its siblings.
std::uint32_t merge_threshold(const BtreeNode& node) {
  return node.max_entries() / 3;
}

Status Removal::descend(block_t root, std::uint64_t key) {
  int parent_index = 0;
  for (;;) {
    DMCORE_TRY(spine_.step(root, parent_index));
    if (spine_.current().is_leaf()) return find_in_leaf(key);
    DMCORE_TRY(rebalance_children(key));
    // It may have been replaced by its only child.
    const BtreeNode node = spine_.current();
    if (node.is_leaf()) return find_in_leaf(key);
    parent_index = node.lower_bound(key);
    if (parent_index < 0) return Errno::nodata;
    root = node.child(static_cast<std::uint32_t>(parent_index));
  }
}

Status Removal::find_in_leaf(std::uint64_t key) {
  const BtreeNode leaf = spine_.current();
  const int index = leaf.lower_bound(key);
  if (!leaf.holds(index, key)) return Errno::nodata;
  index_ = static_cast<std::uint32_t>(index);
  return {};
}

void Removal::delete_entry() {
  BtreeNode leaf = spine_.current();
  tree_.values().dec(leaf.value(index_), 1);
  leaf.delete_at(index_);
}

Status Removal::rebalance_children(std::uint64_t key) {
  const BtreeNode node = spine_.current();
  if (node.nr_entries() == 1) return replace_by_only_child();
  const int found = node.lower_bound(key);
  if (found < 0) return Errno::nodata;
  const auto index = static_cast<std::uint32_t>(found);
  if (index == 0) return rebalance2(0);
  if (index == node.nr_entries() - 1) return rebalance2(index - 1);
  return rebalance3(index - 1);
}

// Only the root can have one child.
Status Removal::replace_by_only_child() {
  BtreeNode node = spine_.current();
  const block_t block = node.child(0);
  DMCORE_TRY_ASSIGN(const bool shared, transactions_.block_is_shared(block));
  DMCORE_TRY_ASSIGN(BlockRef child, tree_.read_node(block));
  if (shared) tree_.inc_children(BtreeNode(child));
  node.copy_from(BtreeNode(child));
  transactions_.dec(block);
  child.unlock();
  return {};
}

Status Removal::lock_children(std::span<Child> children) {
  for (Child& child : children) {
    DMCORE_TRY_ASSIGN(child.block, tree_.shadow_child(spine_.current(), child.index));
  }
  return {};
}

Status Removal::rebalance2(std::uint32_t left_index) {
  std::array<Child, 2> children{Child{left_index, {}}, Child{left_index + 1, {}}};
  Status status = lock_children(children);
  if (status.ok()) status = join_or_even_out(children[0], children[1]);
  for (Child& child : children) child.block.unlock();
  return status;
}

Status Removal::rebalance3(std::uint32_t left_index) {
  std::array<Child, 3> children{Child{left_index, {}}, Child{left_index + 1, {}}, Child{left_index + 2, {}}};
  auto& [left, center, right] = children;
  Status status = lock_children(children);
  if (status.ok()) {
    const std::uint32_t max_entries = left.node().max_entries();
    const std::uint32_t total =
        left.node().nr_entries() + center.node().nr_entries() + right.node().nr_entries();
    if (center.node().max_entries() != max_entries || right.node().max_entries() != max_entries) {
      status = error("bad btree metadata, max_entries differ", Errno::ilseq);
    } else if (total < merge_threshold(left.node()) * 4 + 1) {
      status = delete_center(left, center, right);
    } else {
      status = redistribute(left, center, right);
    }
  }
  for (Child& child : children) child.block.unlock();
  return status;
}

Status Removal::join_or_even_out(Child& left, Child& right) {
  const std::uint32_t nr_left = left.node().nr_entries();
  const std::uint32_t nr_right = right.node().nr_entries();
  // Each of the two must have enough entries even after the removal.
  if (nr_left + nr_right < 2 * (merge_threshold(left.node()) + 1)) {
    DMCORE_TRY(append_from(left.node(), right.node(), nr_right));
    left.node().set_nr_entries(nr_left + nr_right);
    spine_.current().delete_at(right.index);
    // The references of the right node have moved to the left one.
    transactions_.dec(right.block.location());
    return {};
  }
  const std::uint32_t target_left = (nr_left + nr_right) / 2;
  DMCORE_TRY(shift(left.node(), right.node(), std::int64_t{nr_left} - target_left));
  spine_.current().set_key(right.index, right.node().key(0));
  return {};
}

// Moves as many entries of the center as possible to the left, the rest to the right, and rebalances those.
Status Removal::delete_center(Child& left, Child& center, Child& right) {
  const std::uint32_t nr_left = left.node().nr_entries();
  const std::uint32_t nr_center = center.node().nr_entries();
  const std::uint32_t nr_right = right.node().nr_entries();
  const std::uint32_t to_left = std::min(left.node().free_entries(), nr_center);
  DMCORE_TRY(append_from(left.node(), center.node(), to_left));
  left.node().set_nr_entries(nr_left + to_left);
  if (const std::uint32_t to_right = nr_center - to_left; to_right != 0) {
    if (to_right > right.node().free_entries()) return error("node shift out of bounds", Errno::inval);
    right.node().move_entries(to_right, right.node(), 0, nr_right);
    DMCORE_TRY(prepend_from(right.node(), center.node(), to_right));
    right.node().set_nr_entries(nr_right + to_right);
  }
  BtreeNode parent = spine_.current();
  parent.set_key(right.index, right.node().key(0));
  parent.delete_at(center.index);
  --right.index;
  transactions_.dec(center.block.location());
  return join_or_even_out(left, right);
}

Status Removal::redistribute(Child& left_child, Child& center_child, Child& right_child) {
  const BtreeNode left = left_child.node();
  const BtreeNode center = center_child.node();
  const BtreeNode right = right_child.node();
  const std::int64_t nr_center = center.nr_entries();
  std::int64_t nr_left = left.nr_entries();
  std::int64_t nr_right = right.nr_entries();
  const std::int64_t total = nr_left + nr_center + nr_right;
  const std::int64_t target_right = total / 3;
  const std::int64_t target_left = target_right + (target_right * 3 != total ? 1 : 0);

  if (nr_left < nr_right) {
    std::int64_t surplus = nr_left - target_left;
    if (surplus < 0 && nr_center < -surplus) {
      // The center has too few entries to fill the left.
      DMCORE_TRY(shift(left, center, -nr_center));
      surplus += nr_center;
      DMCORE_TRY(shift(left, right, surplus));
      nr_right += surplus;
    } else {
      DMCORE_TRY(shift(left, center, surplus));
    }
    DMCORE_TRY(shift(center, right, target_right - nr_right));
  } else {
    std::int64_t missing = target_right - nr_right;
    if (missing > 0 && nr_center < missing) {
      // The center has too few entries to fill the right.
      DMCORE_TRY(shift(center, right, nr_center));
      missing -= nr_center;
      DMCORE_TRY(shift(left, right, missing));
      nr_left -= missing;
    } else {
      DMCORE_TRY(shift(center, right, missing));
    }
    DMCORE_TRY(shift(left, center, nr_left - target_left));
  }
  BtreeNode parent = spine_.current();
  parent.set_key(center_child.index, center.key(0));
  parent.set_key(right_child.index, right.key(0));
  return {};
}

// Moves `count` entries from the end of `left` to the beginning of `right`; if negative, the other way.
Status Removal::shift(BtreeNode left, BtreeNode right, std::int64_t count) {
  const std::int64_t max_entries = left.max_entries();
  const std::int64_t new_left = left.nr_entries() - count;
  const std::int64_t new_right = right.nr_entries() + count;
  if (max_entries != right.max_entries()) return error("node max_entries mismatch", Errno::ilseq);
  if (new_left < 0 || new_left > max_entries || new_right < 0 || new_right > max_entries) {
    return error("node shift out of bounds", Errno::inval);
  }
  if (count == 0) return {};
  if (count > 0) {
    const auto entries = static_cast<std::uint32_t>(count);
    right.move_entries(entries, right, 0, right.nr_entries());
    DMCORE_TRY(prepend_from(right, left, entries));
  } else {
    const auto entries = static_cast<std::uint32_t>(-count);
    DMCORE_TRY(append_from(left, right, entries));
    right.move_entries(0, right, entries, right.nr_entries() - entries);
  }
  left.set_nr_entries(static_cast<std::uint32_t>(new_left));
  right.set_nr_entries(static_cast<std::uint32_t>(new_right));
  return {};
}

// Copies the first entries of `right` behind those of `left`.
Status Removal::append_from(BtreeNode left, BtreeNode right, std::uint32_t count) {
  if (left.value_size() != right.value_size()) return error("mismatched value size", Errno::ilseq);
  if (count > left.free_entries()) return error("bad shift", Errno::inval);
  left.move_entries(left.nr_entries(), right, 0, count);
  return {};
}

// Copies the last entries of `left` to the beginning of `right`.
Status Removal::prepend_from(BtreeNode right, BtreeNode left, std::uint32_t count) {
  if (left.value_size() != right.value_size()) return error("mismatched value size", Errno::ilseq);
  if (count > right.max_entries()) return error("bad shift", Errno::inval);
  right.move_entries(0, left, left.nr_entries() - count, count);
  return {};
}

}  // namespace

Status Btree::remove(block_t& root, std::uint64_t key) {
  Removal removal(*this);
  DMCORE_TRY(removal.descend(root, key));
  removal.delete_entry();
  root = removal.root();
  return {};
}

}  // namespace dmcore
