// SPDX-License-Identifier: GPL-2.0-or-later
// Workloads that are worth running under many schedules: programs that use one small clone at once.
//
// Each write has a stamp of its own, so that no two contents of a sector are equal.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace sim::generate {

// A scenario of `operations` operations on a clone of two to four regions, in groups of up to four at the
// same time. The same seed gives the same one.
std::string random_concurrent_workload(std::uint64_t seed, std::uint64_t operations);

// Calls use(scenario) for every choice of `operations` operations at the same time, on a clone of two
// regions: a write within a region, one of a whole region, a read, a discard, a flush, a durable write,
// background hydration, a suspend and a resume, another table in between, and taking the clone down and
// setting it up again; the same one twice is one as well. Choices that differ only in their order are one.
// Returns how many. `use` may be empty.
std::uint64_t every_concurrent_workload(unsigned operations,
                                        const std::function<void(const std::string& scenario)>& use);

}  // namespace sim::generate
