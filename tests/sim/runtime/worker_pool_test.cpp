// SPDX-License-Identifier: GPL-2.0-or-later
// The workers of a processor: which item they take when, and who else has a turn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/kernel/workqueue.h"

#include "sim/runtime/deterministic.h"

namespace {

using dmcore::WorkItem;
using dmcore::WorkQueue;
using std::chrono::milliseconds;
using testing::ElementsAre;

class WorkerPoolTest : public testing::Test {
 protected:
  // Notes its name, then sleeps if it is to.
  std::function<void()> noting(std::string name, dmcore::Duration sleeps = {}) {
    return [this, name = std::move(name), sleeps] {
      notes.push_back(name);
      if (sleeps == dmcore::Duration{}) return;
      runtime.sleep_for(sleeps);
      notes.push_back(name + " ends");
    };
  }

  sim::DeterministicRuntime runtime;
  std::vector<std::string> notes;
  WorkQueue one{runtime, "one"};
  WorkQueue two{runtime, "two"};
  WorkItem slow{runtime, "slow", noting("slow", milliseconds(5))};
  WorkItem next{runtime, "next", noting("next")};
};

TEST_F(WorkerPoolTest, AWorkerTakesTheItemsOfAllQueuesBeforeOthersHaveATurn) {
  WorkItem a(runtime, "a", noting("a"));
  WorkItem b(runtime, "b", noting("b"));
  runtime.run([&] {
    one.queue(a);
    runtime.spawn("process", noting("process"));
    two.queue(b);
    runtime.settle();
  });
  EXPECT_THAT(notes, ElementsAre("a", "b", "process"));
}

TEST_F(WorkerPoolTest, AnItemThatIsQueuedByAnItemRunsBeforeATaskThatThisWoke) {
  WorkItem second(runtime, "second", noting("second"));
  WorkItem first(runtime, "first", [&] {
    runtime.spawn("process", noting("process"));
    two.queue(second);
  });
  runtime.run([&] {
    one.queue(first);
    runtime.settle();
  });
  EXPECT_THAT(notes, ElementsAre("second", "process"));
}

TEST_F(WorkerPoolTest, WhileAnItemSleepsAnotherWorkerTakesTheNext) {
  runtime.run([&] {
    one.queue(slow);
    one.queue(next);
    one.flush();
  });
  EXPECT_THAT(notes, ElementsAre("slow", "next", "slow ends"));
}

// The second worker of a pool makes a third before it works, and waits until that has begun.
TEST_F(WorkerPoolTest, TheLastIdleWorkerMakesAnotherFirst) {
  runtime.run([&] {
    one.queue(slow);
    one.queue(next);
    runtime.spawn("process", noting("process"));
    one.flush();
  });
  EXPECT_THAT(notes, ElementsAre("slow", "process", "next", "slow ends"));
}

// There are enough workers the second time: they have slept, and a new process comes after them.
TEST_F(WorkerPoolTest, AWorkerThatIsThereGoesOnForASleeperAtOnce) {
  runtime.run([&] {
    one.queue(slow);
    one.queue(next);
    one.flush();
    notes.clear();
    // What the workers owe is forgotten when others owe more.
    for (int i = 0; i < 3; ++i) {
      runtime.spawn("process", [] {});
      runtime.settle();
    }
    one.queue(slow);
    one.queue(next);
    runtime.spawn("process", noting("process"));
    one.flush();
  });
  EXPECT_THAT(notes, ElementsAre("slow", "next", "process", "slow ends"));
}

// The worker that is being made is the one that became idle last when it has begun, though its maker ends
// later.
TEST_F(WorkerPoolTest, ANewWorkerIsTheNextToWork) {
  dmcore::SleepHook* maker = nullptr;
  dmcore::SleepHook* next_one = nullptr;
  WorkItem second(runtime, "second", [&] { maker = runtime.current().worker; });
  WorkItem third(runtime, "third", [&] { next_one = runtime.current().worker; });
  runtime.run([&] {
    one.queue(slow);
    one.queue(second);
    runtime.settle();
    one.queue(third);
    one.flush();
  });
  EXPECT_NE(maker, nullptr);
  EXPECT_NE(next_one, maker);
}

TEST_F(WorkerPoolTest, OnlyOneWorkerRunsOnceTheSleeperIsAwake) {
  WorkItem late(runtime, "late", noting("late"));
  WorkItem later(runtime, "later", noting("later"));
  // Awake at the same time as the slow item, and before it: the worker that it runs on leaves the rest to the
  // other.
  WorkItem queues(runtime, "queues", [&] {
    notes.emplace_back("queues");
    runtime.sleep_for(milliseconds(5));
    one.queue(late);
    one.queue(later);
    notes.emplace_back("queues ends");
  });
  runtime.run([&] {
    one.queue(queues);
    one.queue(slow);
    one.flush();
    one.flush();
  });
  EXPECT_THAT(notes, ElementsAre("queues", "slow", "queues ends", "late", "later", "slow ends"));
}

TEST_F(WorkerPoolTest, AnItemQueuedWhileItSleepsRunsAgainOnTheSameWorkerAtOnce) {
  int runs = 0;
  dmcore::Task* first_worker = nullptr;
  WorkItem other(runtime, "other", noting("other"));
  WorkItem item(runtime, "item", [&] {
    if (++runs == 1) {
      first_worker = &runtime.current();
      runtime.sleep_for(milliseconds(5));
      two.queue(other);
      notes.emplace_back("first run");
    } else {
      EXPECT_EQ(&runtime.current(), first_worker);
      notes.emplace_back("second run");
    }
  });
  runtime.run([&] {
    one.queue(item);
    runtime.settle();
    EXPECT_TRUE(one.queue(item));
    EXPECT_FALSE(one.queue(item));
    runtime.sleep_for(milliseconds(10));
  });
  EXPECT_THAT(notes, ElementsAre("first run", "second run", "other"));
}

TEST_F(WorkerPoolTest, AnItemThatWasToRunAgainCanBeTakenBack) {
  int runs = 0;
  WorkItem item(runtime, "item", [&] {
    ++runs;
    runtime.sleep_for(milliseconds(5));
  });
  runtime.run([&] {
    one.queue(item);
    runtime.settle();
    one.queue(item);
    runtime.settle();
    EXPECT_TRUE(one.cancel_sync(item));
    runtime.sleep_for(milliseconds(20));
  });
  EXPECT_EQ(runs, 1);
}

TEST_F(WorkerPoolTest, AWorkerIsNamedAfterItsItem) {
  std::string name;
  WorkItem item(runtime, "item", [&] { name = describe(runtime.current()); });
  runtime.run([&] {
    one.queue(item);
    runtime.settle();
  });
  EXPECT_THAT(name, testing::HasSubstr("'item' (worker)"));
}

TEST_F(WorkerPoolTest, AnOrderedQueueHasAWorkerOfItsOwn) {
  WorkQueue ordered{runtime, "ordered", WorkQueue::Kind::ordered};
  WorkItem elsewhere(runtime, "elsewhere", noting("elsewhere"));
  runtime.run([&] {
    ordered.queue(slow);
    ordered.queue(next);
    one.queue(elsewhere);
    ordered.flush();
  });
  EXPECT_THAT(notes, ElementsAre("slow", "elsewhere", "slow ends", "next"));
}

}  // namespace
