// SPDX-License-Identifier: GPL-2.0-or-later
// Random uses of a clone device.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <vector>

#include "proptests/step.h"

namespace proptests {

struct Plan {
  unsigned region_shift = 3;  // regions of 2^n sectors
  unsigned regions = 4;
  unsigned tail = 0;  // eighths of a region that the last one is short of
  bool hydration = false;
  bool passdown = true;
  unsigned read_latency_ms = 0;  // of the source; the destination takes half of it
  std::vector<Step> steps;
};

[[nodiscard]] std::uint64_t device_sectors(const Plan& plan);
[[nodiscard]] std::uint64_t region_sectors(const Plan& plan);

// What is done, with the making of the device before it and, behind it, what shows whether the device kept
// its promises.
[[nodiscard]] std::vector<Action> actions_of(const Plan& plan);

// As a scenario.
std::ostream& operator<<(std::ostream& out, const Plan& plan);

}  // namespace proptests
