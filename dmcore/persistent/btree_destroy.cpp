// SPDX-License-Identifier: GPL-2.0-or-later
// Btree::destroy(): dm_btree_del() of drivers/md/persistent-data/dm-btree.c.
#include <vector>

#include "dmcore/persistent/btree.h"
#include "dmcore/persistent/btree_node.h"

namespace dmcore {

namespace {

// The nodes on the current path, each locked until its children are done.
class Destruction {
 public:
  explicit Destruction(Btree& tree) : tree_(tree), transactions_(tree.transactions()) {}
  Destruction(const Destruction&) = delete;
  Destruction& operator=(const Destruction&) = delete;
  ~Destruction() noexcept(false) {
    while (!frames_.empty()) {
      frames_.back().block.unlock();
      frames_.pop_back();
    }
  }

  Status run(block_t root) {
    DMCORE_TRY(push(root));
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      const BtreeNode node(frame.block);
      if (frame.next_child < frame.nr_children && node.is_internal()) {
        DMCORE_TRY(push(node.child(frame.next_child++)));
        continue;
      }
      if (!node.is_internal()) tree_.values().dec(node.value(0), frame.nr_children);
      pop();
    }
    return {};
  }

 private:
  struct Frame {
    BlockRef block;
    std::uint32_t nr_children = 0;
    std::uint32_t next_child = 0;
  };

  Status push(block_t block) {
    if (frames_.size() == Btree::max_depth) {
      return transactions_.log().fail(Errno::nomem, btree_log_prefix, "btree deletion stack out of memory");
    }
    DMCORE_TRY_ASSIGN(const std::uint32_t count, transactions_.count(block));
    // The node and all below it are still in use.
    if (count > 1) {
      transactions_.dec(block);
      return {};
    }
    DMCORE_TRY_ASSIGN(BlockRef locked, tree_.read_node(block));
    const BtreeNode node(locked);
    frames_.push_back(Frame{std::move(locked), node.nr_entries(), 0});
    if (node.is_internal()) {
      for (const le64& child : node.children()) transactions_.blocks().prefetch(child);
    }
    return {};
  }

  void pop() {
    Frame& frame = frames_.back();
    transactions_.dec(frame.block.location());
    frame.block.unlock();
    frames_.pop_back();
  }

  Btree& tree_;
  TransactionManager& transactions_;
  std::vector<Frame> frames_;
};

}  // namespace

Status Btree::destroy(block_t root) {
  return Destruction(*this).run(root);
}

}  // namespace dmcore
