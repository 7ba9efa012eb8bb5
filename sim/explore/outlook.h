// SPDX-License-Identifier: GPL-2.0-or-later
// What a machine that was started after a power cut may find after more of them.
#pragma once

#include <optional>
#include <vector>

#include "sim/explore/violation.h"

namespace sim::explore {

struct Outlook {
  // What it depends on: blocks of which the machine itself knew nothing.
  struct Consulted {
    std::uint32_t disk = 0;
    std::uint32_t block = 0;
    std::vector<BlockContent> candidates;
  };
  unsigned depth = 0;
  std::vector<Consulted> consulted;
  // Of each device, of each sector: what a read may return besides what was read before those cuts.
  std::vector<std::vector<std::vector<ContentId>>> others;
  std::optional<Violation> violation;  // without the first cut
};

}  // namespace sim::explore
