// SPDX-License-Identifier: GPL-2.0-or-later
// Which sectors of which disks are below a range of a mapped device.
#pragma once

#include <cstdint>
#include <functional>

#include "sim/explore/recovery.h"

namespace sim::explore {

constexpr std::uint64_t sectors_everywhere = std::uint64_t{1} << 32U;  // more than a disk may have here

// Calls use(disk, first, count), in sectors, for all that the range may use: of targets that only move it the
// range itself, of others all of each device below. `number`: of a device, or of a disk, which is passed on.
using UseRange = std::function<void(dmcore::DevT disk, std::uint64_t first, std::uint64_t count)>;
void for_each_range_below(const Devices& devices, dmcore::DevT number, std::uint64_t first,
                          std::uint64_t count, const UseRange& use);

}  // namespace sim::explore
