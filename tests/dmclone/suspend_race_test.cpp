// SPDX-License-Identifier: GPL-2.0-or-later
// A clone is suspended while the worker looks for regions to hydrate.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/rig/clone.h"
#include "tests/rig/failure.h"

namespace {

constexpr dmcore::sector_t regions = 64;

// Whatever the order of the two: when the suspend has ended, no hydration is left that would begin or go on.
TEST(CloneSuspend, LeavesNoHydrationRunningWhateverTheSchedule) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    test::Machine machine({.kind = sim::Schedule::Kind::random, .seed = seed});
    test::Clone clone(machine,
                      {.sectors = regions * 8,
                       .region_sectors = 8,
                       .source_options = {.timing = {.read_latency = std::chrono::milliseconds(1)}}});
    machine.run([&] {
      clone.create();
      // The message wakes the worker, and the suspend begins at the same moment.
      machine.in_parallel(2, [&](unsigned number) {
        if (number == 0) {
          clone.message("enable_hydration");
        } else {
          clone.suspend();
        }
      });
      EXPECT_EQ(clone.status().hydrating_regions, 0U);
      test::checked(machine.host().take_io_counters("loop1"), "counters");
      machine.runtime().sleep_for(std::chrono::seconds(1));
      EXPECT_EQ(test::checked(machine.host().take_io_counters("loop1"), "counters").written_sectors, 0U);
      clone.resume();
    });
  }
}

}  // namespace
