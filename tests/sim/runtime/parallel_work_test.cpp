// SPDX-License-Identifier: GPL-2.0-or-later
// Work items on a machine with as many processors as it takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/workqueue.h"

#include "tests/rig/guide.h"

namespace {

using dmcore::WorkItem;
using dmcore::WorkQueue;
using sim::DeterministicRuntime;
using sim::Wants;
using testing::ElementsAre;

using Order = std::vector<int>;

// The orders in which the steps of two items come, which are queued one after the other.
std::set<Order> orders(Wants wants, WorkQueue::Kind kind) {
  std::set<Order> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    DeterministicRuntime runtime(std::make_unique<test::AnyOrder>(seed, wants));
    Order order;
    runtime.run([&] {
      WorkQueue queue(runtime, "queue", kind);
      dmcore::Atomic<int> counter(runtime, 0);
      const auto twice = [&](int number) {
        order.push_back(number);
        counter.inc();
        order.push_back(number);
      };
      WorkItem first(runtime, "first", [&] { twice(1); });
      WorkItem second(runtime, "second", [&] { twice(2); });
      queue.queue(first);
      queue.queue(second);
      queue.flush();
      runtime.settle();
    });
    seen.insert(order);
  }
  return seen;
}

TEST(ParallelWork, ItemsOfAQueueRunAtTheSameTime) {
  EXPECT_THAT(orders({.parallel_work = true}, WorkQueue::Kind::concurrent),
              testing::Contains(Order{1, 2, 1, 2}));
}

TEST(ParallelWork, ItemsOfAnOrderedQueueDoNot) {
  EXPECT_THAT(orders({.parallel_work = true}, WorkQueue::Kind::ordered), ElementsAre(Order{1, 1, 2, 2}));
}

TEST(ParallelWork, IsOnlyForAStrategyThatWantsIt) {
  EXPECT_THAT(orders({}, WorkQueue::Kind::concurrent), ElementsAre(Order{1, 1, 2, 2}));
}

TEST(ParallelWork, AnItemNeverRunsConcurrentlyWithItself) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    DeterministicRuntime runtime(std::make_unique<test::AnyOrder>(seed, Wants{.parallel_work = true}));
    WorkQueue queue(runtime, "queue");
    dmcore::Atomic<int> running(runtime, 0);
    int runs = 0;
    WorkItem item(runtime, "item", [&] {
      running.inc();
      EXPECT_EQ(running.read(), 1);
      running.dec();
      ++runs;
    });
    runtime.run([&] {
      for (int i = 0; i < 3; ++i) {
        runtime.spawn("queues", [&] { queue.queue(item); });
      }
      runtime.settle();
      queue.flush();
      runtime.settle();
    });
    EXPECT_THAT(runs, testing::AllOf(testing::Ge(1), testing::Le(3)));
  }
}

TEST(ParallelWork, AnItemThatIsTakenBackDoesNotRun) {
  test::GuidedMachine machine({.parallel_work = true});
  bool ran = false;
  machine.run([&] {
    WorkQueue queue(machine.runtime(), "queue");
    WorkItem item(machine.runtime(), "item", [&] { ran = true; });
    queue.queue(item);
    EXPECT_TRUE(queue.cancel_sync(item));
    machine.runtime().settle();
  });
  EXPECT_FALSE(ran);
}

}  // namespace
