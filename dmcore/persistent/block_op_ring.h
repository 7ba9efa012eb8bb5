// SPDX-License-Identifier: GPL-2.0-or-later
// Changes of reference counts that are deferred until the current one is done: struct bop_ring_buffer of
// drivers/md/persistent-data/dm-space-map-metadata.c.
#pragma once

#include <array>
#include <cstdint>

#include "dmcore/persistent/validator.h"

namespace dmcore {

// One reference more, or less, for the blocks of [begin, end).
struct BlockOp {
  bool increment;
  block_t begin;
  block_t end;
};

// First in, first out; at most `capacity` operations.
class BlockOpRing {
 public:
  // MAX_RECURSIVE_ALLOCATIONS.
  static constexpr std::size_t capacity = 1024;

  [[nodiscard]] bool empty() const { return begin_ == end_; }
  void clear() { begin_ = end_ = 0; }
  // False if it is full.
  [[nodiscard]] bool push(const BlockOp& op) {
    const std::size_t next = after(end_);
    if (next == begin_) return false;
    ops_[end_] = op;
    end_ = next;
    return true;
  }
  [[nodiscard]] const BlockOp& front() const { return ops_[begin_]; }
  void pop() { begin_ = after(begin_); }

  // What the deferred changes will add to a block's count.
  [[nodiscard]] int adjustment(block_t block) const {
    int sum = 0;
    for (std::size_t i = begin_; i != end_; i = after(i)) {
      const BlockOp& op = ops_[i];
      if (block >= op.begin && block < op.end) sum += op.increment ? 1 : -1;
    }
    return sum;
  }

 private:
  [[nodiscard]] std::size_t after(std::size_t place) const {
    return place + 1 == ops_.size() ? 0 : place + 1;
  }

  // One element stays unused, to tell full from empty.
  std::array<BlockOp, capacity + 1> ops_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace dmcore
