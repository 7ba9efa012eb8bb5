// SPDX-License-Identifier: GPL-2.0-or-later
// Workloads that are worth cutting the power of: what programs do with one small clone.
//
// Each write has a stamp of its own, so that no two contents of a sector are equal.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace sim::generate {

// A scenario of `operations` operations on a clone of up to 16 regions, some of them at the same time. The
// same seed gives the same one.
std::string random_power_cut_workload(std::uint64_t seed, std::uint64_t operations);

// Calls use(scenario) for every workload of up to `operations` operations on a clone of 4 regions: writes of
// a whole region, of a part, and durable ones, discards of a region and of a part of one, flushes, complete
// hydration, and closing and opening again. Workloads that differ only in the numbers of regions are one.
// Returns how many. `use` may be empty.
std::uint64_t every_power_cut_workload(unsigned operations,
                                       const std::function<void(const std::string& scenario)>& use);

}  // namespace sim::generate
