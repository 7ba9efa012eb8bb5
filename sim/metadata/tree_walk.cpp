// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/metadata/tree_walk.h"

#include <fmt/format.h>
#include <limits>
#include <utility>

#include "dmcore/persistent/btree_node.h"

namespace sim::metadata {

namespace {

using dmcore::BtreeNodeHeaderDisk;
using dmcore::le64;

// As many as the kernel's cursor descends when it loads the bitset: DM_BTREE_CURSOR_MAX_DEPTH - 1.
constexpr unsigned levels_max = 15;

std::uint64_t key_at(const Block& node, std::uint32_t index) {
  return structure<le64>(node, sizeof(BtreeNodeHeaderDisk) + sizeof(le64) * index);
}

// Behind the room for all keys.
const std::byte* value_at(const Block& node, std::uint32_t index) {
  const auto& header = structure<BtreeNodeHeaderDisk>(node);
  return node.data() + sizeof header + sizeof(le64) * header.max_entries +
         std::size_t{header.value_size} * index;
}

bool is_leaf(const Block& node) {
  return structure<BtreeNodeHeaderDisk>(node).flags == dmcore::btree_leaf_node;
}

}  // namespace

bool TreeWalk::run(const Path& root) {
  whole_ = true;
  walk(root, {0, std::numeric_limits<std::uint64_t>::max()}, 1);
  return whole_;
}

void TreeWalk::damaged(Kind kind, const Path& path, std::string what) {
  blocks_.report_hiding(kind, path, std::move(what));
  whole_ = false;
}

bool TreeWalk::header_is_right(const Path& path, const Block& node) {
  const auto& header = structure<BtreeNodeHeaderDisk>(node);
  const std::uint32_t flags = header.flags;
  if (flags != dmcore::btree_internal_node && flags != dmcore::btree_leaf_node) {
    damaged(Kind::node, path, fmt::format("flags {:#x}: neither an internal node nor a leaf", flags));
    return false;
  }
  const std::uint32_t value_size =
      is_leaf(node) ? shape_.value_size : static_cast<std::uint32_t>(sizeof(le64));
  if (header.value_size != value_size) {
    damaged(Kind::node, path,
            fmt::format("values of {} bytes, expected {}", header.value_size.value(), value_size));
    return false;
  }
  const std::uint32_t max_entries = dmcore::btree_max_entries(value_size, block_bytes);
  if (header.max_entries != max_entries) {
    damaged(Kind::node, path,
            fmt::format("room for {} entries, expected {}", header.max_entries.value(), max_entries));
    return false;
  }
  if (header.nr_entries > max_entries) {
    damaged(Kind::node, path,
            fmt::format("{} entries, with room for {}", header.nr_entries.value(), max_entries));
    return false;
  }
  return true;
}

bool TreeWalk::keys_are_right(const Path& path, const Block& node, Range range) {
  const std::uint32_t entries = structure<BtreeNodeHeaderDisk>(node).nr_entries;
  for (std::uint32_t i = 1; i < entries; ++i) {
    if (key_at(node, i - 1) < key_at(node, i)) continue;
    damaged(Kind::keys, path,
            fmt::format("key {} is followed by key {}", key_at(node, i - 1), key_at(node, i)));
    return false;
  }
  const std::uint64_t first = key_at(node, 0);
  const std::uint64_t last = key_at(node, entries - 1);
  if (first >= range.low && last <= range.high) return true;
  damaged(Kind::keys, path,
          fmt::format("has keys {} to {}, but its parent says {} to {}", first, last, range.low, range.high));
  return false;
}

void TreeWalk::walk(const Path& path, Range range, unsigned level) {
  Block node;
  if (!blocks_.read(path, shape_.use, node)) {
    whole_ = false;
    return;
  }
  if (!header_is_right(path, node)) return;
  const std::uint32_t entries = structure<BtreeNodeHeaderDisk>(node).nr_entries;
  if (entries == 0) {
    // An empty tree is a leaf without entries.
    if (!is_leaf(node) || level != 1) damaged(Kind::empty_node, path, "has no entries");
    return;
  }
  if (!keys_are_right(path, node, range)) return;
  if (is_leaf(node)) {
    for (std::uint32_t i = 0; i < entries; ++i) visit_(path, key_at(node, i), value_at(node, i));
    return;
  }
  if (level == levels_max) {
    damaged(Kind::depth, path, fmt::format("is no leaf, after {} levels", level));
    return;
  }
  for (std::uint32_t i = 0; i < entries; ++i) {
    const Path child{&path, "node", *reinterpret_cast<const le64*>(value_at(node, i))};
    const std::uint64_t high = i + 1 < entries ? key_at(node, i + 1) - 1 : range.high;
    walk(child, {key_at(node, i), high}, level + 1);
  }
}

}  // namespace sim::metadata
