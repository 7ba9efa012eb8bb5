// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/runtime/lineage.h"

#include <algorithm>
#include <fmt/format.h>

namespace sim {

using dmcore::Lineage;

namespace {

// FNV-1a, and the finaliser of splitmix64: the same everywhere, unlike std::hash.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return value;
}
std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

Lineage Lineages::child(Lineage parent, std::string_view name, std::uint32_t number) {
  const std::uint64_t name_hash = hash(name);
  const Lineage made = mixed(mixed(parent + 0x9e3779b97f4a7c15) ^ mixed(name_hash + number));
  if (nodes_.try_emplace(made, Node{parent, name_hash, number}).second) names_.try_emplace(name_hash, name);
  return made;
}

std::string Lineages::text(Lineage lineage) const {
  constexpr std::size_t first_words = 8;
  constexpr std::size_t last_words = 8;
  std::vector<const Node*> nodes;  // from the task to its first ancestor
  while (lineage != 0) {
    const auto node = nodes_.find(lineage);
    if (node == nodes_.end()) return "?";
    nodes.push_back(&node->second);
    lineage = node->second.parent;
  }
  std::string text;
  for (std::size_t left = nodes.size(); left-- != 0;) {
    if (!text.empty()) text += " > ";
    const std::size_t word = nodes.size() - 1 - left;
    if (word == first_words && left > last_words) {
      text += fmt::format("[{} more] > ", left - last_words + 1);
      left = last_words - 1;
    }
    text += names_.at(nodes[left]->name);
    if (nodes[left]->number > 1) text += fmt::format(" #{}", nodes[left]->number);
  }
  return text;
}

std::uint32_t Identity::next_child(std::string_view name) {
  const auto known =
      std::find_if(children.begin(), children.end(), [&](const auto& child) { return child.first == name; });
  if (known != children.end()) return ++known->second;
  children.emplace_back(name, 1);
  return 1;
}

}  // namespace sim
