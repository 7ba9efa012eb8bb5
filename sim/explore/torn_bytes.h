// SPDX-License-Identifier: GPL-2.0-or-later
// Blocks that are torn inside a sector, which no disk promises not to do and nearly none does.
#pragma once

#include <set>
#include <vector>

#include "sim/explore/contents.h"
#include "sim/explore/disk_state.h"

namespace sim::explore {

class TornBlocks {
 public:
  explicit TornBlocks(Contents& contents) : contents_(contents) {}

  // `candidates`: what a block may hold if its sectors stay whole. Adds blocks of which the power cut left
  // the beginning from one of them and the rest from another, with the border inside a sector where they
  // differ: after the first byte that does, before the last one, and between.
  void add_to(std::vector<BlockContent>& candidates);
  // Whether a block was made so.
  [[nodiscard]] bool contains(const BlockContent& content) const { return torn_.contains(content); }

 private:
  Contents& contents_;
  std::set<BlockContent> torn_;
};

}  // namespace sim::explore
