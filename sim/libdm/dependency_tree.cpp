// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/libdm/dependency_tree.h"

#include <algorithm>

#include "dmcore/dm/ioctl_format.h"

namespace sim::libdm {
namespace {

bool linked(const TreeNode& parent, const TreeNode& child) {
  return std::find(parent.uses.begin(), parent.uses.end(), &child) != parent.uses.end();
}

void link(TreeNode& parent, TreeNode& child) {
  if (linked(parent, child)) return;
  parent.uses.push_back(&child);
  child.used_by.push_back(&parent);
}

void unlink(TreeNode& parent, TreeNode& child) {
  std::erase(parent.uses, &child);
  std::erase(child.used_by, &parent);
}

}  // namespace

const TreeNode* DependencyTree::find(std::uint64_t device) const {
  const auto it = nodes_.find(device);
  return it == nodes_.end() ? nullptr : it->second.get();
}

std::size_t DependencyTree::children(const TreeNode& node, bool inverted) const {
  const bool ends_here = inverted ? linked(root_, node) : linked(node, root_);
  return ends_here ? 0 : links(node, inverted).size();
}

void DependencyTree::link_below(TreeNode& parent, TreeNode& child) {
  if (&parent == &root_) {
    if (children(child, true) != 0) return;  // something already uses it
  } else {
    unlink(root_, child);
  }
  unlink(parent, root_);
  link(parent, child);
}

bool DependencyTree::add_device(TreeNode& parent, std::uint64_t device) {
  if (const auto it = nodes_.find(device); it != nodes_.end()) {
    link_below(parent, *it->second);
    return true;
  }
  auto node = std::make_unique<TreeNode>();
  const auto major = dmcore::ioctl::device_major(device);
  const auto minor = dmcore::ioctl::device_minor(device);
  node->info.major = major;
  node->info.minor = minor;
  std::vector<std::uint64_t> uses;
  if (major == context_.system.device_mapper_major()) {
    Task task(context_, TaskType::deps);
    task.set_device(static_cast<int>(major), static_cast<int>(minor));
    if (!task.run()) {
      context_.error("_deps: task run failed for ({}:{})", major, minor);
      return false;
    }
    node->info = task.info();
    node->name = task.name();
    node->uuid = task.uuid();
    uses = task.dependencies();
  }
  TreeNode& added = *nodes_.emplace(device, std::move(node)).first->second;
  link_below(parent, added);
  if (uses.empty()) link(added, root_);
  return std::all_of(uses.begin(), uses.end(), [&](std::uint64_t used) { return add_device(added, used); });
}

}  // namespace sim::libdm
