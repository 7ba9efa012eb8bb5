// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/metadata/path.h"

#include <fmt/format.h>

namespace sim::metadata {

std::string Path::text() const {
  // There is one superblock, so it needs no number.
  if (parent == nullptr) return std::string(what);
  return fmt::format("{} > {} {}", parent->text(), what, block);
}

}  // namespace sim::metadata
