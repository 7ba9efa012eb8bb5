// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/btree_spine.h"

namespace dmcore {

void Spine::unlock_all() {
  for (BlockRef& node : nodes_) node.unlock();
  count_ = 0;
}

BlockRef& Spine::make_place() {
  if (count_ == 2) {
    nodes_[0] = std::move(nodes_[1]);
    count_ = 1;
  }
  return nodes_[count_];
}

Status Spine::node_locked() {
  ++count_;
  return ++depth_ > Btree::max_depth ? Errno::inval : Status();
}

Status ReadSpine::step(block_t child) {
  DMCORE_TRY(tree_.read_node(child, make_place()));
  return node_locked();
}

Status ShadowSpine::step(block_t child, int parent_index) {
  DMCORE_TRY(tree_.shadow_node(child, make_place()));
  DMCORE_TRY(node_locked());
  const block_t shadow = nodes_[count_ - 1].location();
  if (count_ == 1) root_ = shadow;
  if (has_parent() && parent_index >= 0) parent().set_child(static_cast<std::uint32_t>(parent_index), shadow);
  return {};
}

}  // namespace dmcore
