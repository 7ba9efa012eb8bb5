// SPDX-License-Identifier: GPL-2.0-or-later
// A machine that is never idle: time passes all the same, and one that spins for ever is stopped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/kernel/wait.h"
#include "dmcore/kernel/workqueue.h"

#include "sim/runtime/deterministic.h"

namespace {

using sim::BusyLimits;
using sim::DeterministicRuntime;
using sim::MachineStopped;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr std::uint64_t steps_until_busy = 1000;
constexpr std::uint64_t steps_per_tick = 10;

// A machine with work that queues itself again `rounds` times, without a pause.
class BusyRuntime : public testing::Test {
 protected:
  BusyRuntime() {
    runtime.set_busy_limits(
        {.steps_until_busy = steps_until_busy, .steps_per_tick = steps_per_tick, .busy_max = seconds(10)});
  }
  void spin(std::uint64_t rounds = ~std::uint64_t{0}) {
    rounds_left = rounds;
    queue.queue(work);
  }

  DeterministicRuntime runtime;
  std::uint64_t rounds_left = 0;
  dmcore::WorkQueue queue{runtime, "queue"};
  dmcore::WorkItem work{runtime, "spinning work", [this] {
                          if (--rounds_left != 0) queue.queue(work);
                        }};
};

TEST_F(BusyRuntime, ASleepEnds) {
  runtime.run([&] {
    spin();
    runtime.sleep_for(seconds(1));
    EXPECT_EQ(runtime.now(), seconds(1));
  });
}

TEST_F(BusyRuntime, ASleepEndsAtTheNextTick) {
  runtime.run([&] {
    spin();
    runtime.sleep_for(milliseconds(15));
    EXPECT_EQ(runtime.now(), milliseconds(20));
  });
}

TEST_F(BusyRuntime, WhatIsDueWithinATickRunsInTheOrderOfItsTime) {
  runtime.run([&] {
    std::vector<int> order;
    dmcore::Event late("late", dmcore::TaskKind::softirq, [&] { order.push_back(2); });
    dmcore::Event early("early", dmcore::TaskKind::softirq, [&] { order.push_back(1); });
    runtime.post_at(late, milliseconds(7));
    runtime.post_at(early, milliseconds(3));
    spin();
    runtime.sleep_for(milliseconds(9));
    EXPECT_THAT(order, testing::ElementsAre(1, 2));
  });
}

TEST_F(BusyRuntime, SettlingEndsWithATick) {
  runtime.run([&] {
    spin();
    runtime.settle();
    EXPECT_EQ(runtime.now(), dmcore::jiffy);
  });
}

TEST_F(BusyRuntime, AWorkerThatTakesOverForASleeperHasItsTurns) {
  bool taken_over = false;
  dmcore::WorkItem sleeps(runtime, "sleeps, then spins", [&] {
    runtime.sleep_for(milliseconds(5));
    spin();
  });
  dmcore::WorkItem next(runtime, "next", [&] {
    runtime.sleep_for(milliseconds(5));
    taken_over = true;
  });
  runtime.run([&] {
    queue.queue(sleeps);
    queue.queue(next);
    runtime.sleep_for(seconds(1));
    EXPECT_TRUE(taken_over);
  });
}

TEST_F(BusyRuntime, ALongBurstOfWorkTakesNoTime) {
  runtime.run([&] {
    spin(steps_until_busy / 2);
    runtime.settle();
    EXPECT_EQ(runtime.now(), seconds(0));
  });
}

TEST_F(BusyRuntime, AnIdleMomentBetweenTwoBurstsEndsTheFirst) {
  runtime.run([&] {
    for (int burst = 0; burst < 10; ++burst) {
      spin(steps_until_busy / 2);
      runtime.settle();
    }
    EXPECT_EQ(runtime.now(), seconds(0));
  });
}

TEST_F(BusyRuntime, AProcessorThatWasIdleIsNotBusyAnyMore) {
  runtime.run([&] {
    spin(2 * steps_until_busy);
    runtime.sleep_for(seconds(5));
    const dmcore::Time idle_at = runtime.now();
    spin(steps_until_busy / 2);
    runtime.settle();
    EXPECT_EQ(runtime.now(), idle_at);
  });
}

TEST_F(BusyRuntime, SpinningWhileEveryProcessWaitsStopsTheMachine) {
  dmcore::WaitQueue never(runtime, "Godot");
  try {
    runtime.run([&] {
      spin();
      never.wait_event([] { return false; });
    });
    FAIL() << "it was not stopped";
  } catch (const MachineStopped& stopped) {
    EXPECT_THAT(stopped.what(), HasSubstr("busy: for 10 s"));
    EXPECT_THAT(stopped.what(), HasSubstr("only 10 steps of 'spinning work'"));
    EXPECT_THAT(stopped.what(), HasSubstr("'main' (process), waits for wait queue 'Godot'"));
  }
}

TEST_F(BusyRuntime, ProcessesThatRunNowAndThenKeepASpinningMachineAlive) {
  runtime.run([&] {
    spin();
    for (int i = 0; i < 5; ++i) runtime.sleep_for(seconds(9));
    EXPECT_EQ(runtime.now(), seconds(45));
  });
}

TEST(BusyLimits, TheirDefaultsLeaveRoomForASleepOfAnHour) {
  EXPECT_GE(BusyLimits().busy_max, std::chrono::hours(1));
}

}  // namespace
