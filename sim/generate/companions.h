// SPDX-License-Identifier: GPL-2.0-or-later
// Companion targets on top of a device, as layers of a stack.
#pragma once

#include <string>

#include "sim/generate/bench.h"

namespace sim::generate {

// Puts a mapped device `name` on top of `below`: linear, flakey that never fails, delay, dust or a single
// stripe. It is at least `sectors_min` long; its sector s is the other's s + `offset`.
struct Layer {
  Device device;
  std::uint64_t offset = 0;
};
Layer add_layer(Bench& bench, const std::string& name, const Device& below, std::uint64_t sectors_min);

// A table for `sectors` of a device in which part of the sectors, or all of them, fail.
std::string failing_table(Bench& bench, std::uint64_t sectors, const Device& below);

}  // namespace sim::generate
