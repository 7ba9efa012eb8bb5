// SPDX-License-Identifier: GPL-2.0-or-later
// How a block of the metadata was reached.
#pragma once

#include <string>
#include <string_view>

#include "dmcore/persistent/validator.h"

namespace sim::metadata {

// A block, and the one that leads to it. Each is a local variable of the function that looks at the block.
struct Path {
  const Path* parent;
  std::string_view what;  // "array block"
  dmcore::block_t block;

  // "superblock > bitset root 5 > array block 7".
  [[nodiscard]] std::string text() const;
};

}  // namespace sim::metadata
