// SPDX-License-Identifier: GPL-2.0-or-later
// Which device uses which: the tree behind `ls --tree` and the report fields devs_used, names_using_dev and
// so on.
//
// A root node stands above the devices that nothing uses and below those that use nothing. The order of a
// node's links is the order in which devices were added, which the output shows.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/dmsetup/session.h"
#include "sim/dmsetup/task.h"

namespace sim::dmsetup {

struct Call;

struct TreeNode {
  std::string name;  // empty for a device that is no mapped device
  std::string uuid;
  Info info;
  std::vector<TreeNode*> uses;
  std::vector<TreeNode*> used_by;
};

class DependencyTree {
 public:
  explicit DependencyTree(Session& session) : session_(session) {}

  // Adds every mapped device and what it uses. False if something failed; the tree is then incomplete.
  bool add_all(const Call& call);

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

  Session& session_;
  TreeNode root_;
  std::map<std::uint64_t, std::unique_ptr<TreeNode>> nodes_;
};

}  // namespace sim::dmsetup
