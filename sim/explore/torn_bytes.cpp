// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/torn_bytes.h"

#include <algorithm>
#include <array>

#include "sim/explore/add_once.h"

namespace sim::explore {

namespace {

// The border is before one of these bytes. Not before the first that differs: that tears between sectors.
std::vector<std::ptrdiff_t> borders(const Contents::Sector& head, const Contents::Sector& rest) {
  const auto first = std::mismatch(head.begin(), head.end(), rest.begin()).first - head.begin();
  const auto last = head.rend() - std::mismatch(head.rbegin(), head.rend(), rest.rbegin()).first - 1;
  std::vector<std::ptrdiff_t> found;
  for (const std::ptrdiff_t border : {first + 1, (first + last + 1) / 2, last}) {
    if (border > first && border <= last) add_once(found, border);
  }
  return found;
}

}  // namespace

void TornBlocks::add_to(std::vector<BlockContent>& candidates) {
  const std::vector<BlockContent> whole = candidates;
  for (const BlockContent& head : whole) {
    for (const BlockContent& rest : whole) {
      for (std::size_t sector = 0; sector < head.size(); ++sector) {
        if (head[sector] == rest[sector] || Contents::is_token(head[sector]) ||
            Contents::is_token(rest[sector]))
          continue;
        Contents::Sector first;
        Contents::Sector second;
        contents_.copy(head[sector], first);
        contents_.copy(rest[sector], second);
        BlockContent torn = rest;
        std::copy_n(head.begin(), sector, torn.begin());
        for (const std::ptrdiff_t border : borders(first, second)) {
          Contents::Sector mixed = second;
          std::copy_n(first.begin(), border, mixed.begin());
          torn[sector] = contents_.number_of(mixed);
          if (sim::explore::contains(whole, torn)) continue;
          torn_.insert(torn);
          add_once(candidates, torn);
        }
      }
    }
  }
}

}  // namespace sim::explore
