// SPDX-License-Identifier: GPL-2.0-or-later
// A B-tree, read and checked without the code of dmcore/persistent, so that one can disagree with the other.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "sim/metadata/blocks.h"

namespace sim::metadata {

struct TreeShape {
  Use use;                   // of its nodes
  std::uint32_t value_size;  // of leaves, bytes
};

class TreeWalk {
 public:
  // Gets the entries of leaves in the order of their keys. `leaf` is the path of the node with the entry.
  using Visit = std::function<void(const Path& leaf, std::uint64_t key, const std::byte* value)>;

  TreeWalk(Blocks& blocks, TreeShape shape, Visit visit)
      : blocks_(blocks), shape_(shape), visit_(std::move(visit)) {}

  // Reads all nodes that can be reached from the root. Returns whether none was damaged.
  bool run(const Path& root);

 private:
  // Keys from `low` to `high`, inclusively.
  struct Range {
    std::uint64_t low;
    std::uint64_t high;
  };
  void walk(const Path& path, Range range, unsigned level);
  [[nodiscard]] bool header_is_right(const Path& path, const Block& node);
  [[nodiscard]] bool keys_are_right(const Path& path, const Block& node, Range range);
  void damaged(Kind kind, const Path& path, std::string what);

  Blocks& blocks_;
  TreeShape shape_;
  Visit visit_;
  bool whole_ = true;
};

}  // namespace sim::metadata
