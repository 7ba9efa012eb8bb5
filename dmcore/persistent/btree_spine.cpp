// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/btree_spine.h"

namespace dmcore {

void Spine::unlock_all() {
  for (BlockRef& node : nodes_) node.unlock();
  count_ = 0;
}

void Spine::make_place() {
  if (count_ < 2) return;
  nodes_[0] = std::move(nodes_[1]);
  count_ = 1;
}

Status Spine::push(BlockRef node) {
  nodes_[count_++] = std::move(node);
  return ++depth_ > Btree::max_depth ? Errno::inval : Status();
}

Status ReadSpine::step(block_t child) {
  make_place();
  DMCORE_TRY_ASSIGN(BlockRef node, tree_.read_node(child));
  return push(std::move(node));
}

Status ShadowSpine::step(block_t child, int parent_index) {
  make_place();
  DMCORE_TRY_ASSIGN(BlockRef node, tree_.shadow_node(child));
  DMCORE_TRY(push(std::move(node)));
  const block_t shadow = nodes_[count_ - 1].location();
  if (count_ == 1) root_ = shadow;
  if (has_parent() && parent_index >= 0) parent().set_child(static_cast<std::uint32_t>(parent_index), shadow);
  return {};
}

}  // namespace dmcore
