// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/metadata/geometry.h"

#include "dmclone/clone_target.h"

namespace sim::metadata {

std::optional<std::string_view> refusal(dmcore::sector_t target, dmcore::sector_t region_size) {
  if (region_size < dmclone::min_region_size || region_size > dmclone::max_region_size)
    return "Invalid region size";
  if (!dmcore::is_power_of_2(region_size)) return "Region size is not a power of 2";
  if (target == 0) return "zero-length target";
  // The sizes may be any numbers: rounding up could overflow.
  if (target > dmclone::max_regions * region_size)
    return "Too many regions. Consider increasing the region size";
  return std::nullopt;
}

}  // namespace sim::metadata
