// SPDX-License-Identifier: GPL-2.0-or-later
// The deterministic runtime: order, time, and the rules it enforces.
#include <deque>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <utility>

#include "dmcore/kernel/lock.h"
#include "dmcore/kernel/log.h"
#include "dmcore/kernel/timer.h"
#include "dmcore/kernel/wait.h"
#include "dmcore/kernel/workqueue.h"

#include "sim/runtime/deterministic.h"

namespace {

using dmcore::Event;
using dmcore::TaskKind;
using sim::DeterministicRuntime;
using sim::MachineStopped;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

// What the report says when `body` breaks a rule; empty if it breaks none.
std::string stopped_by(DeterministicRuntime& runtime, std::function<void()> body) {
  try {
    runtime.run(std::move(body));
  } catch (const MachineStopped& stopped) {
    return stopped.what();
  }
  return {};
}

TEST(Runtime, TasksRunInTheOrderInWhichTheyBecomeReady) {
  DeterministicRuntime runtime;
  std::vector<int> order;
  runtime.run([&] {
    runtime.spawn("a", [&] { order.push_back(1); });
    runtime.spawn("b", [&] { order.push_back(2); });
    order.push_back(0);
    runtime.settle();
    order.push_back(3);
  });
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3));
}

// Vruntime: as in Linux, a new thread owes a slice, and one that has slept owes nothing.
TEST(Runtime, ANewTaskComesAfterThoseThatHaveSlept) {
  DeterministicRuntime runtime;
  std::vector<std::string> order;
  dmcore::TaskQueue sleeps(runtime);
  Event event("event", TaskKind::softirq, [&] { order.emplace_back("event"); });
  runtime.run([&] {
    runtime.spawn("old", [&] {
      sleeps.wait({"the test", ""}, {});
      order.emplace_back("old");
    });
    runtime.settle();
    runtime.spawn("new", [&] { order.emplace_back("new"); });
    runtime.post(event);
    sleeps.wake_all();
    runtime.settle();
  });
  EXPECT_THAT(order, ElementsAre("event", "old", "new"));
}

// Each of these begins when those before it sleep, and owes a slice more than they did. When they have slept
// all owe the same, but for the newest.
TEST(Runtime, ATaskThatHasSleptIsAtMostASliceBehind) {
  DeterministicRuntime runtime;
  std::vector<int> order;
  std::deque<dmcore::TaskQueue> sleeps;
  runtime.run([&] {
    for (int number = 0; number < 4; ++number) {
      dmcore::TaskQueue& queue = sleeps.emplace_back(runtime);
      runtime.spawn("sleeper", [&, number] {
        queue.wait({"the test", ""}, {});
        order.push_back(number);
      });
      runtime.settle();
    }
    for (int number = 3; number >= 0; --number) sleeps[static_cast<std::size_t>(number)].wake_all();
    runtime.settle();
  });
  EXPECT_THAT(order, ElementsAre(2, 1, 0, 3));
}

// Other tasks may use what is on the main task's stack, also in destructors.
TEST(Runtime, TheMainTaskIsUnwoundLast) {
  class Noting {
   public:
    Noting(std::vector<std::string>& notes, std::string name) : notes_(notes), name_(std::move(name)) {}
    ~Noting() { notes_.push_back(name_); }

   private:
    std::vector<std::string>& notes_;
    std::string name_;
  };
  std::vector<std::string> unwound;
  {
    DeterministicRuntime runtime;
    EXPECT_NE(stopped_by(runtime,
                         [&] {
                           const Noting noting(unwound, "main");
                           runtime.spawn("other", [&] {
                             const Noting other(unwound, "other");
                             runtime.sleep_for(seconds(1));
                           });
                           runtime.settle();
                           runtime.violation("the end");
                         }),
              "");
  }
  EXPECT_THAT(unwound, ElementsAre("other", "main"));
}

TEST(Runtime, TimeStandsStillWhileSomethingCanRun) {
  DeterministicRuntime runtime;
  runtime.run([&] {
    for (int i = 0; i < 100; ++i) runtime.spawn("busy", [] {});
    runtime.settle();
    EXPECT_EQ(runtime.now(), seconds(0));
  });
}

TEST(Runtime, SleepingMovesTimeToTheEarliestEvent) {
  DeterministicRuntime runtime;
  std::vector<int> order;
  runtime.run([&] {
    runtime.spawn("late", [&] {
      runtime.sleep_for(seconds(3));
      order.push_back(3);
    });
    runtime.spawn("early", [&] {
      runtime.sleep_for(seconds(1));
      order.push_back(1);
    });
    runtime.sleep_for(seconds(2));
    order.push_back(2);
    runtime.sleep_for(seconds(2));
    EXPECT_EQ(runtime.now(), seconds(4));
  });
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(Runtime, ACancelledEventDoesNotRun) {
  DeterministicRuntime runtime;
  bool ran = false;
  Event event("event", TaskKind::softirq, [&] { ran = true; });
  runtime.run([&] {
    runtime.post_at(event, seconds(1));
    EXPECT_TRUE(runtime.cancel(event));
    EXPECT_FALSE(runtime.cancel(event));
    runtime.sleep_for(seconds(2));
  });
  EXPECT_FALSE(ran);
}

TEST(Runtime, ARandomScheduleIsTheSameForTheSameSeed) {
  const auto schedule = [](std::uint64_t seed) {
    DeterministicRuntime runtime(std::make_unique<sim::RandomStrategy>(seed));
    dmcore::SpinLock lock(runtime, "lock");
    std::vector<int> order;
    runtime.run([&] {
      for (int i = 0; i < 20; ++i) {
        runtime.spawn("task", [&, i] {
          const dmcore::SpinGuard guard(lock);
          order.push_back(i);
        });
      }
      runtime.settle();
    });
    return order;
  };
  EXPECT_EQ(schedule(1), schedule(1));
  EXPECT_NE(schedule(1), schedule(2));
}

TEST(Runtime, SleepingUnderASpinLockStopsTheMachine) {
  DeterministicRuntime runtime;
  dmcore::SpinLock lock(runtime, "the spin lock");
  const std::string report = stopped_by(runtime, [&] {
    lock.lock();
    runtime.sleep_for(seconds(1));
  });
  EXPECT_THAT(report, HasSubstr("sleeping in atomic context"));
  EXPECT_THAT(report, HasSubstr("holds 'the spin lock'"));
}

TEST(Runtime, SleepingInASoftirqStopsTheMachine) {
  DeterministicRuntime runtime;
  dmcore::Mutex mutex(runtime, "the mutex");
  Event interrupt("interrupt", TaskKind::softirq, [&] { mutex.lock(); });
  const std::string report = stopped_by(runtime, [&] {
    runtime.post(interrupt);
    runtime.settle();
  });
  EXPECT_THAT(report, HasSubstr("sleeping in atomic context: the mutex"));
}

TEST(Runtime, TakingLocksInBothOrdersStopsTheMachineThoughNothingDeadlocks) {
  DeterministicRuntime runtime;
  dmcore::Mutex a(runtime, "a");
  dmcore::Mutex b(runtime, "b");
  const std::string report = stopped_by(runtime, [&] {
    a.lock();
    b.lock();
    b.unlock();
    a.unlock();
    b.lock();
    a.lock();
  });
  EXPECT_THAT(report, HasSubstr("lock order: 'a' is taken while 'b' is held"));
}

TEST(Runtime, ALockOrderCycleOfThreeIsFound) {
  DeterministicRuntime runtime;
  dmcore::Mutex a(runtime, "a");
  dmcore::Mutex b(runtime, "b");
  dmcore::Mutex c(runtime, "c");
  const auto nest = [](dmcore::Mutex& outer, dmcore::Mutex& inner) {
    outer.lock();
    inner.lock();
    inner.unlock();
    outer.unlock();
  };
  EXPECT_THAT(stopped_by(runtime,
                         [&] {
                           nest(a, b);
                           nest(b, c);
                           nest(c, a);
                         }),
              HasSubstr("lock order: 'a' is taken while 'c' is held"));
}

TEST(Runtime, ASoftirqLockTakenWithInterruptsOnStopsTheMachine) {
  DeterministicRuntime runtime;
  dmcore::SpinLock lock(runtime, "shared with softirq");
  Event interrupt("interrupt", TaskKind::softirq, [&] { const dmcore::IrqSpinGuard guard(lock); });
  const std::string report = stopped_by(runtime, [&] {
    runtime.post(interrupt);
    runtime.settle();
    const dmcore::SpinGuard guard(lock);
  });
  EXPECT_THAT(report, HasSubstr("taken in softirq context and, elsewhere, with interrupts on"));
}

TEST(Runtime, ADeadlockIsReportedWithWhoWaitsForWhat) {
  DeterministicRuntime runtime;
  dmcore::WaitQueue queue(runtime, "Godot");
  const std::string report = stopped_by(runtime, [&] { queue.wait_event([] { return false; }); });
  EXPECT_THAT(report, HasSubstr("deadlock"));
  EXPECT_THAT(report, HasSubstr("'main' (process), waits for wait queue 'Godot'"));
}

TEST(Runtime, APeriodicChoreDoesNotHideADeadlock) {
  DeterministicRuntime runtime;
  dmcore::WaitQueue queue(runtime, "Godot");
  dmcore::WorkQueue work_queue(runtime, "chores");
  std::function<void()> again;
  dmcore::DelayedWork chore(runtime, "chore", [&] { again(); });
  again = [&] { work_queue.queue_delayed(chore, dmcore::hz); };
  const std::string report = stopped_by(runtime, [&] {
    again();
    queue.wait_event([] { return false; });
  });
  EXPECT_THAT(report, HasSubstr("deadlock"));
}

TEST(Runtime, AMutexHeldByAnotherIsNamedInTheReport) {
  DeterministicRuntime runtime;
  dmcore::Mutex mutex(runtime, "the mutex");
  dmcore::WaitQueue queue(runtime, "never");
  const std::string report = stopped_by(runtime, [&] {
    runtime.spawn("holder", [&] {
      mutex.lock();
      queue.wait_event([] { return false; });
    });
    runtime.settle();
    mutex.lock();
  });
  EXPECT_THAT(report, HasSubstr("waits for mutex 'the mutex', which task 2 'holder' holds"));
}

TEST(Runtime, WhatATaskThrowsReachesTheCallerOfRun) {
  DeterministicRuntime runtime;
  EXPECT_THROW(runtime.run([&] {
    runtime.spawn("thrower", [] { throw std::out_of_range("thrown"); });
    runtime.settle();
  }),
               std::out_of_range);
}

TEST(Runtime, KillUnwindsTheStacksOfItsTasks) {
  auto alive = std::make_shared<int>(0);
  {
    DeterministicRuntime runtime;
    runtime.run([&] {
      runtime.spawn("sleeper", [&] {
        const auto on_stack = std::make_unique<std::shared_ptr<int>>(alive);
        runtime.sleep_for(seconds(100));
      });
      runtime.settle();
    });
    EXPECT_GT(alive.use_count(), 1);
  }
  EXPECT_EQ(alive.use_count(), 1);
}

TEST(WorkQueue, AnItemQueuedTwiceRunsOnce) {
  DeterministicRuntime runtime;
  int runs = 0;
  dmcore::WorkQueue queue(runtime, "queue");
  dmcore::WorkItem item(runtime, "item", [&] { ++runs; });
  runtime.run([&] {
    EXPECT_TRUE(queue.queue(item));
    EXPECT_FALSE(queue.queue(item));
    queue.flush();
  });
  EXPECT_EQ(runs, 1);
}

TEST(WorkQueue, AnItemQueuedWhileItRunsRunsAgainAfterwards) {
  DeterministicRuntime runtime;
  int runs = 0;
  bool running = false;
  dmcore::WorkQueue queue(runtime, "queue");
  dmcore::WorkItem item(runtime, "item", [&] {
    EXPECT_FALSE(running);
    running = true;
    ++runs;
    runtime.sleep_for(seconds(1));
    running = false;
  });
  runtime.run([&] {
    queue.queue(item);
    runtime.settle();
    EXPECT_TRUE(queue.queue(item));
    queue.flush();
  });
  EXPECT_EQ(runs, 2);
}

TEST(WorkQueue, AnOrderedQueueRunsOneItemAtATime) {
  DeterministicRuntime runtime;
  std::vector<int> order;
  dmcore::WorkQueue queue(runtime, "queue", dmcore::WorkQueue::Kind::ordered);
  dmcore::WorkItem slow(runtime, "slow", [&] {
    runtime.sleep_for(seconds(1));
    order.push_back(1);
  });
  dmcore::WorkItem fast(runtime, "fast", [&] { order.push_back(2); });
  runtime.run([&] {
    queue.queue(slow);
    queue.queue(fast);
    queue.flush();
  });
  EXPECT_THAT(order, ElementsAre(1, 2));
}

TEST(WorkQueue, FlushDoesNotWaitForWhatIsQueuedLater) {
  DeterministicRuntime runtime;
  dmcore::WorkQueue queue(runtime, "queue");
  dmcore::WorkItem slow(runtime, "slow", [&] { runtime.sleep_for(seconds(10)); });
  dmcore::WorkItem first(runtime, "first", [&] {
    queue.queue(slow);
    runtime.sleep_for(seconds(1));
  });
  runtime.run([&] {
    queue.queue(first);
    queue.flush();
    EXPECT_EQ(runtime.now(), seconds(1));
    queue.flush();
    EXPECT_EQ(runtime.now(), seconds(10));
  });
}

TEST(WorkQueue, CancelWaitsForTheItemThatRuns) {
  DeterministicRuntime runtime;
  bool ended = false;
  dmcore::WorkQueue queue(runtime, "queue");
  dmcore::WorkItem item(runtime, "item", [&] {
    runtime.sleep_for(seconds(1));
    ended = true;
  });
  runtime.run([&] {
    queue.queue(item);
    runtime.settle();
    EXPECT_FALSE(queue.cancel_sync(item));
    EXPECT_TRUE(ended);
  });
}

TEST(WorkQueue, AWorkItemThatDiesWhileItWaitsToRunStopsTheMachine) {
  DeterministicRuntime runtime;
  dmcore::WorkQueue queue(runtime, "queue", dmcore::WorkQueue::Kind::ordered);
  dmcore::WorkItem blocker(runtime, "blocker", [&] { runtime.sleep_for(seconds(1)); });
  const std::string report = stopped_by(runtime, [&] {
    queue.queue(blocker);
    runtime.settle();
    auto item = std::make_unique<dmcore::WorkItem>(runtime, "short-lived", [] {});
    queue.queue(*item);
    item.reset();
    runtime.settle();
    runtime.sleep_for(seconds(2));
  });
  EXPECT_THAT(report,
              HasSubstr("work item 'short-lived' of queue 'queue' is destroyed while it waits to run"));
}

TEST(Timer, NeverFiresEarlyAndRoundsUpToTheWheelsGrain) {
  EXPECT_EQ(dmcore::timer_wheel_expiry(0, 1), 2U);
  EXPECT_EQ(dmcore::timer_wheel_expiry(0, 62), 63U);
  EXPECT_EQ(dmcore::timer_wheel_expiry(0, 100), 104U);
  EXPECT_EQ(dmcore::timer_wheel_expiry(96, 196), 200U);
  EXPECT_EQ(dmcore::timer_wheel_expiry(100, 200), 208U);
  EXPECT_EQ(dmcore::timer_wheel_expiry(7, 7), 8U);
}

// Others run while a plug is flushed, and may do what the task is about to wait for.
TEST(Runtime, AWakeUpBeforeTheTaskSleepsIsNotLost) {
  struct Plug final : dmcore::SleepHook {
    std::function<void()> flush;
    void about_to_sleep() override {
      if (flush) std::exchange(flush, {})();
    }
  };
  DeterministicRuntime runtime;
  dmcore::WaitQueue queue(runtime, "queue");
  bool over = false;
  runtime.run([&] {
    Plug plug;
    plug.flush = [&] { queue.wake_all_after([&] { over = true; }); };
    runtime.current().plug = &plug;
    queue.wait_event([&] { return over; });
    runtime.current().plug = nullptr;
  });
  EXPECT_TRUE(over);
}

TEST(KernelLog, RatelimitLetsTenLinesThroughInFiveSeconds) {
  dmcore::Time now{0};
  dmcore::KernelLog log([&] { return now; });
  int printed = 0;
  for (int i = 0; i < 15; ++i) printed += log.ratelimit("here") ? 1 : 0;
  EXPECT_EQ(printed, 10);
  EXPECT_TRUE(log.ratelimit("there"));
  now = seconds(6);
  EXPECT_TRUE(log.ratelimit("here"));
}

}  // namespace
