// SPDX-License-Identifier: GPL-2.0-or-later
// Timers that are destroyed.
#include "dmcore/kernel/timer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>

#include "dmcore/kernel/workqueue.h"

#include "sim/runtime/deterministic.h"

namespace {

using dmcore::DelayedWork;
using dmcore::Timer;
using dmcore::WorkQueue;
using sim::DeterministicRuntime;
using testing::HasSubstr;

// Of a machine that stops; empty if it does not.
template <class Main>
std::string report_of_timers(Main main) {
  DeterministicRuntime runtime;
  try {
    runtime.run([&] { main(runtime); });
  } catch (const sim::MachineStopped& stopped) {
    return stopped.what();
  }
  return {};
}

TEST(Timer, StopsTheMachineIfItIsDestroyedWhileItIsArmed) {
  EXPECT_THAT(report_of_timers([](DeterministicRuntime& runtime) {
                Timer timer(runtime, "waker", [] {});
                timer.modify(runtime.jiffies() + 5);
              }),
              HasSubstr("timer 'waker' is destroyed while it is armed"));
}

TEST(Timer, MayBeDestroyedOnceItIsCancelledOrHasFired) {
  EXPECT_EQ(report_of_timers([](DeterministicRuntime& runtime) {
              int fired = 0;
              std::optional<Timer> timer(std::in_place, runtime, "waker", [&] { ++fired; });
              timer->modify(runtime.jiffies() + 5);
              EXPECT_TRUE(timer->cancel());
              timer->modify(runtime.jiffies() + 5);
              runtime.sleep_for(20 * dmcore::jiffy);
              EXPECT_EQ(fired, 1);
              timer.reset();
            }),
            "");
}

// The violation is that of the timer; that the work item is pending follows from it.
TEST(DelayedWork, StopsTheMachineIfItIsDestroyedWhileItsTimerIsArmed) {
  EXPECT_THAT(report_of_timers([](DeterministicRuntime& runtime) {
                WorkQueue queue(runtime, "queue");
                DelayedWork work(runtime, "waker", [] {});
                queue.queue_delayed(work, 5);
              }),
              HasSubstr("timer 'waker' is destroyed while it is armed"));
}

// Its destructor must not look for the queue then.
TEST(DelayedWork, MayBeArmedWhenAMachineIsTakenDown) {
  DeterministicRuntime runtime;
  WorkQueue queue(runtime, "queue");
  DelayedWork work(runtime, "waker", [] {});
  EXPECT_THROW(runtime.run([&] {
    queue.queue_delayed(work, 5);
    runtime.violation("something else");
  }),
               sim::MachineStopped);
}

}  // namespace
