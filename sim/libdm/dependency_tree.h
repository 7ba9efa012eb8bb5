// SPDX-License-Identifier: GPL-2.0-or-later
// Which device uses which.
//
// A root node is above the devices that nothing uses and below those that use nothing. The order of a node's
// links is the order in which devices were added.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/libdm/context.h"
#include "sim/libdm/task.h"

namespace sim::libdm {

struct TreeNode {
  std::string name;  // empty for a device that is no mapped device
  std::string uuid;
  Info info;
  std::vector<TreeNode*> uses;
  std::vector<TreeNode*> used_by;
};

class DependencyTree {
 public:
  explicit DependencyTree(Context& context) : context_(context) {}

  // Adds a mapped device and what it uses, down to the disks. False, with an error logged, if a request
  // failed; the tree is then incomplete.
  bool add(std::uint64_t device) { return add_device(root_, device); }

  [[nodiscard]] const TreeNode& root() const { return root_; }
  // Null if the device is not in the tree.
  [[nodiscard]] const TreeNode* find(std::uint64_t device) const;
  // The links of a node, without the root.
  [[nodiscard]] std::size_t children(const TreeNode& node, bool inverted) const;
  static const std::vector<TreeNode*>& links(const TreeNode& node, bool inverted) {
    return inverted ? node.used_by : node.uses;
  }

 private:
  bool add_device(TreeNode& parent, std::uint64_t device);
  void link_below(TreeNode& parent, TreeNode& child);

  Context& context_;
  TreeNode root_;
  std::map<std::uint64_t, std::unique_ptr<TreeNode>> nodes_;
};

}  // namespace sim::libdm
