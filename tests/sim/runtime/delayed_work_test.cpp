// SPDX-License-Identifier: GPL-2.0-or-later
// Delayed work is pending from its timer's arming until it starts, wherever other tasks come between.
#include <gtest/gtest.h>

#include "dmcore/kernel/workqueue.h"

#include "sim/runtime/deterministic.h"

#include "tests/rig/preemption.h"

namespace {

using dmcore::DelayedWork;
using dmcore::WorkQueue;
using sim::DeterministicRuntime;

// The instant at which a timer fires that is armed for one jiffy at the beginning.
constexpr dmcore::Duration first_expiry = 2 * dmcore::jiffy;

TEST(DelayedWork, IsCancelledWhileItsTimerQueuesIt) {
  const unsigned steps = test::at_every_step([](test::Preemption& preemption) {
    DeterministicRuntime runtime(preemption.strategy());
    WorkQueue queue(runtime, "queue");
    bool cancelled = false;
    unsigned ran = 0;
    DelayedWork delayed(runtime, "delayed", [&] {
      EXPECT_FALSE(cancelled);
      ++ran;
    });
    runtime.run([&] {
      queue.queue_delayed(delayed, 1);
      runtime.spawn("canceller", [&] {
        runtime.sleep_for(first_expiry);
        const bool was_pending = queue.cancel_delayed_sync(delayed);
        cancelled = true;
        EXPECT_EQ(ran, was_pending ? 0U : 1U);
      });
      preemption.arm();
      runtime.sleep_for(10 * dmcore::jiffy);
    });
    EXPECT_TRUE(cancelled);
  });
  EXPECT_GT(steps, 1U);
}

TEST(DelayedWork, IsNotArmedTwiceWhileItsTimerQueuesIt) {
  test::at_every_step([](test::Preemption& preemption) {
    DeterministicRuntime runtime(preemption.strategy());
    WorkQueue queue(runtime, "queue");
    unsigned ran = 0;
    unsigned armed = 1;
    DelayedWork delayed(runtime, "delayed", [&] { ++ran; });
    runtime.run([&] {
      queue.queue_delayed(delayed, 1);
      runtime.spawn("again", [&] {
        runtime.sleep_for(first_expiry);
        if (queue.queue_delayed(delayed, 1)) ++armed;
      });
      preemption.arm();
      runtime.sleep_for(10 * dmcore::jiffy);
    });
    EXPECT_EQ(ran, armed);
  });
}

TEST(DelayedWork, IsPendingWhileItsTimerIsArmed) {
  DeterministicRuntime runtime;
  WorkQueue queue(runtime, "queue");
  unsigned ran = 0;
  DelayedWork delayed(runtime, "delayed", [&] { ++ran; });
  runtime.run([&] {
    EXPECT_TRUE(queue.queue_delayed(delayed, 1));
    EXPECT_FALSE(queue.queue(delayed.work()));
    EXPECT_FALSE(queue.queue_delayed(delayed, 0));
    runtime.sleep_for(10 * dmcore::jiffy);
  });
  EXPECT_EQ(ran, 1U);
}

TEST(DelayedWork, CanArmItselfWhileItRuns) {
  DeterministicRuntime runtime;
  WorkQueue queue(runtime, "queue");
  unsigned ran = 0;
  std::function<void()> again;
  DelayedWork delayed(runtime, "delayed", [&] { again(); });
  again = [&] {
    if (++ran == 3) return;
    EXPECT_TRUE(queue.queue_delayed(delayed, 1));
  };
  runtime.run([&] {
    queue.queue_delayed(delayed, 1);
    runtime.sleep_for(20 * dmcore::jiffy);
    queue.destroy();
  });
  EXPECT_EQ(ran, 3U);
}

TEST(DelayedWork, IsCancelledWithoutWaitingForItsEnd) {
  DeterministicRuntime runtime;
  WorkQueue queue(runtime, "queue");
  bool ended = false;
  DelayedWork delayed(runtime, "delayed", [&] {
    runtime.sleep_for(std::chrono::seconds(1));
    ended = true;
  });
  runtime.run([&] {
    queue.queue_delayed(delayed, 1);
    runtime.sleep_for(first_expiry);
    EXPECT_TRUE(delayed.work().running());
    queue.queue_delayed(delayed, 1);
    EXPECT_TRUE(queue.cancel_delayed(delayed));
    EXPECT_FALSE(queue.cancel_delayed(delayed));
    EXPECT_FALSE(ended);
    queue.destroy();
  });
  EXPECT_TRUE(ended);
}

}  // namespace
