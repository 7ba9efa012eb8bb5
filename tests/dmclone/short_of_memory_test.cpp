// SPDX-License-Identifier: GPL-2.0-or-later
// What a clone does while there is no memory but its reserves.
#include <gtest/gtest.h>

#include "tests/rig/clone.h"

namespace {

// A batch of as many regions as the reserve has hydrations: the next one comes when they have been copied.
TEST(CloneShortOfMemory, CopiesAFullBatchBeforeItWaitsForTheNextHydration) {
  test::Machine machine;
  test::Clone clone(machine,
                    {.sectors = 600 * 8,
                     .region_sectors = 8,
                     .features = {},
                     .core_arguments = {{"hydration_threshold", "1000"}, {"hydration_batch_size", "256"}}});
  machine.runtime().set_memory_short(true);
  machine.run([&] {
    clone.create();
    machine.runtime().sleep_for(std::chrono::seconds(10));
    EXPECT_TRUE(clone.status().hydrated());
  });
}

}  // namespace
