// SPDX-License-Identifier: GPL-2.0-or-later
// The worker looks for regions to hydrate, while the clone is suspended, resumed, told something or written
// to.
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>

#include "tests/rig/clone.h"
#include "tests/rig/failure.h"
#include "tests/rig/guide.h"
#include "tests/rig/preemption.h"

namespace {

constexpr dmcore::sector_t suspended_regions = 64;

// Now, and for a second.
void expect_no_hydration(test::Machine& machine, test::Clone& clone) {
  EXPECT_EQ(clone.status().hydrating_regions, 0U);
  test::checked(machine.host().take_io_counters("loop1"), "counters");
  machine.runtime().sleep_for(std::chrono::seconds(1));
  EXPECT_EQ(test::checked(machine.host().take_io_counters("loop1"), "counters").written_sectors, 0U);
}

// Whatever the order of the two: when the suspend has ended, no hydration is left that would begin or go on.
TEST(CloneSuspend, LeavesNoHydrationRunningWhateverTheSchedule) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    test::Machine machine({.kind = sim::Schedule::Kind::random, .seed = seed});
    test::Clone clone(machine,
                      {.sectors = suspended_regions * 8,
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
      expect_no_hydration(machine, clone);
      clone.resume();
    });
  }
}

// The same with a worker that is held at one of its steps until the suspend waits for it. Whether that step
// was reached.
bool suspend_while_worker_is_held(unsigned nth) {
  test::GuidedMachine machine;
  test::Clone clone(machine, {.sectors = 16,
                              .region_sectors = 8,
                              .source_options = {.timing = {.read_latency = std::chrono::milliseconds(1)}}});
  machine.run([&] {
    clone.create();
    machine.guide()
        .run_until("clone worker", [left = nth](const dmcore::Step&) mutable { return --left == 0; })
        .run_until("process 1", test::before(dmcore::Point::wait, "hydrations to stop"))
        .run("process 1");
    machine.in_parallel(2, [&](unsigned number) {
      if (number == 0) {
        clone.message("enable_hydration");
        return;
      }
      machine.runtime().sleep_for(std::chrono::milliseconds(500));  // before the waker
      clone.suspend();
    });
    expect_no_hydration(machine, clone);
    clone.resume();
  });
  return machine.guide().done();
}

TEST(CloneSuspend, LeavesNoHydrationRunningWhereverTheWorkerIs) {
  unsigned step = 1;
  while (suspend_while_worker_is_held(step)) ++step;
  EXPECT_GT(step, 20U);
}

class CloneWakeUps : public testing::Test {
 protected:
  // Runs it under many schedules, on a clone whose hydration does not run.
  static void each_schedule(const std::function<void(test::Machine&, test::Clone&)>& body) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      SCOPED_TRACE(fmt::format("seed {}", seed));
      test::Machine machine({.kind = sim::Schedule::Kind::random, .seed = seed});
      test::Clone clone(machine, {.sectors = suspended_regions * 8, .region_sectors = 8});
      machine.run([&] {
        clone.create();
        machine.runtime().sleep_for(std::chrono::milliseconds(1500));
        body(machine, clone);
      });
    }
  }
  // Before the timer fires, which wakes the worker each second.
  static void expect_hydrated_soon(test::Machine& machine, test::Clone& clone) {
    machine.runtime().sleep_for(std::chrono::milliseconds(200));
    EXPECT_TRUE(clone.status().hydrated());
  }
};

TEST_F(CloneWakeUps, HydrationBeginsAtOnceWithAThresholdThatIsHighEnough) {
  each_schedule([](test::Machine& machine, test::Clone& clone) {
    clone.message("hydration_threshold 0");
    clone.message("enable_hydration");
    machine.runtime().sleep_for(std::chrono::milliseconds(100));
    clone.message("hydration_threshold 1");
    expect_hydrated_soon(machine, clone);
  });
}

TEST_F(CloneWakeUps, HydrationContinuesAtOnceAfterAResume) {
  each_schedule([](test::Machine& machine, test::Clone& clone) {
    clone.suspend();
    clone.message("enable_hydration");
    machine.runtime().sleep_for(std::chrono::milliseconds(100));
    clone.resume();
    expect_hydrated_soon(machine, clone);
  });
}

// The worker and a writer come to the same region at the same moment.
TEST(CloneSourceReads, ARegionIsCopiedOnceWhateverTheSchedule) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    test::Machine machine({.kind = sim::Schedule::Kind::random, .seed = seed});
    test::Clone clone(machine, {.sectors = 8, .region_sectors = 8});
    machine.run([&] {
      clone.create();
      machine.in_parallel(2, [&](unsigned number) {
        if (number == 0) {
          clone.message("enable_hydration");
        } else {
          clone.write(3, "A");
        }
      });
      clone.wait_until_hydrated();
      EXPECT_EQ(test::checked(machine.host().take_io_counters("loop2"), "counters").read_sectors, 8U);
      EXPECT_EQ(clone.read(0, 8), "sssAssss");
    });
  }
}

// The same with a writer that comes at each step of the worker.
TEST(CloneSourceReads, ARegionIsCopiedOnceWhereverTheWorkerIs) {
  const auto run = [](test::Preemption& preemption) {
    test::Machine machine(preemption.strategy());
    test::Clone clone(machine, {.sectors = 8, .region_sectors = 8});
    machine.run([&] {
      clone.create();
      auto writer = machine.host().start("writer", [&] {
        machine.runtime().sleep_for(std::chrono::milliseconds(500));  // before the waker
        clone.write(3, "A");
      });
      machine.runtime().settle();
      preemption.arm();
      clone.message("enable_hydration");
      writer.wait();
      clone.wait_until_hydrated();
      EXPECT_EQ(test::checked(machine.host().take_io_counters("loop2"), "counters").read_sectors, 8U);
      EXPECT_EQ(clone.read(0, 8), "sssAssss");
    });
  };
  EXPECT_GT(test::at_every_step(run, "writer"), 10U);
}

}  // namespace
