// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/runtime/lineage.h"

#include <algorithm>

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
  std::vector<std::string> words;
  while (lineage != 0) {
    const auto node = nodes_.find(lineage);
    if (node == nodes_.end()) return "?";
    std::string word = names_.at(node->second.name);
    if (node->second.number > 1) word += " #" + std::to_string(node->second.number);
    words.push_back(std::move(word));
    lineage = node->second.parent;
  }
  std::string text;
  for (auto word = words.rbegin(); word != words.rend(); ++word) text += (text.empty() ? "" : " > ") + *word;
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
