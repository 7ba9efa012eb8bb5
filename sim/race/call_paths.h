// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers for call paths and for sets of locks, so that an access is remembered in a few bytes.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace sim::race {

// A tree whose nodes are numbered in the order in which they were made. 0 is the root: the empty path.
class Paths {
 public:
  [[nodiscard]] std::uint32_t child(std::uint32_t node, std::uint64_t step) {
    Node& parent = nodes_[node];
    if (parent.last_step == step && parent.last_child != 0) return parent.last_child;
    const std::uint32_t found = find_or_make(node, step);
    nodes_[node].last_step = step;
    nodes_[node].last_child = found;
    return found;
  }
  // Of the root: the root, with step 0.
  [[nodiscard]] std::uint32_t parent(std::uint32_t node) const { return nodes_[node].parent; }
  [[nodiscard]] std::uint64_t step(std::uint32_t node) const { return nodes_[node].step; }

 private:
  struct Node {
    std::uint32_t parent = 0;
    std::uint64_t step = 0;
    // The child that was asked for last.
    std::uint32_t last_child = 0;
    std::uint64_t last_step = 0;
  };
  struct Key {
    std::uint32_t node;
    std::uint64_t step;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const { return (key.step ^ key.node) * 0x9E3779B97F4A7C15U; }
  };

  std::uint32_t find_or_make(std::uint32_t node, std::uint64_t step) {
    const auto [place, made] = children_.try_emplace({node, step}, static_cast<std::uint32_t>(nodes_.size()));
    if (made) nodes_.push_back({.parent = node, .step = step});
    return place->second;
  }

  std::vector<Node> nodes_{1};
  std::unordered_map<Key, std::uint32_t, Hash> children_;
};

}  // namespace sim::race
