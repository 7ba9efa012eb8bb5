// SPDX-License-Identifier: GPL-2.0-or-later
// What the throughput tests have in common: the sizes across which they run, and the states of a clone.
#pragma once

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "tests/suite/clone_stack.h"
#include "tests/suite/grid.h"

namespace suite {

// In several files, which GoogleTest wants to be of one class.
class ThroughputTests : public testing::Test {};

enum class CloneState { unhydrated, hydrating, hydrated };

// Of requests, and of regions.
const std::vector<sector_t>& io_sizes();
const std::vector<sector_t>& region_sizes();
std::vector<std::string> texts_of(const std::vector<sector_t>& sizes);

// Does to a clone that was made without hydration what the state needs.
void bring_into(CloneState state, CloneStack& stack);

std::string benchmark_title(const std::string& test, const std::string& what, sector_t size);

}  // namespace suite
