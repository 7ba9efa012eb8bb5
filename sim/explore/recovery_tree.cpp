// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/recovery_tree.h"

#include <algorithm>

namespace sim::explore {

namespace {

std::uint64_t hash_of(const BlockContent& content) {
  std::uint64_t hash = 0;
  for (const ContentId id : content) hash = (hash ^ id) * 0x9e3779b97f4a7c15ULL;
  return hash;
}

}  // namespace

RecoveryTree::Node& RecoveryTree::child(Node& node, const BlockContent& content) {
  auto& bucket = node.next[hash_of(content)];
  for (auto& [known, next] : bucket) {
    if (known == content) return *next;
  }
  return *bucket.emplace_back(content, std::make_unique<Node>()).second;
}

// Runs the recovery that begins with the reads of the path and then finds the newest of everything.
void RecoveryTree::add(const Candidates& candidates) {
  std::vector<BlockContent> found;
  std::size_t next = 0;
  std::unique_ptr<Leaf> leaf = run_([&](std::uint32_t disk, std::uint32_t block) {
    if (next < path_.size()) return path_[next++].content;
    candidates(disk, block, found);
    return found.front();
  });
  Node* node = &root_;
  for (const BlockRead& read : leaf->recovery.reads) {
    node->known = true;
    node->disk = read.disk;
    node->block = read.block;
    node = &child(*node, read.content);
  }
  node->known = true;
  node->leaf = std::move(leaf);
  ++leaves_;
}

void RecoveryTree::visit(Node& node, const Candidates& candidates, const Use& use, const Stop& stop) {
  if (!node.known) {
    if (stop()) return;
    add(candidates);
  }
  if (node.leaf != nullptr) {
    use(*node.leaf);
    return;
  }
  std::vector<BlockContent> found;
  candidates(node.disk, node.block, found);
  branches_ += found.size() - 1;
  for (const BlockContent& content : found) {
    path_.push_back({node.disk, node.block, content});
    visit(child(node, content), candidates, use, stop);
    path_.pop_back();
  }
}

void RecoveryTree::visit(const Candidates& candidates, const Use& use, const Stop& stop) {
  std::vector<BlockRead> path;
  path_.swap(path);  // of the visit that this one interrupts
  visit(root_, candidates, use, stop);
  path_.swap(path);
}

}  // namespace sim::explore
