// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/rig/guide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/lock.h"

#include "tests/rig/failure.h"

namespace {

using dmcore::Point;
using test::before;
using testing::ElementsAre;

struct Guided : testing::Test {
  // A task that notes its number before and after an atomic.
  void spawn(const std::string& name, int number) {
    machine.runtime().spawn(name, [this, number] {
      order.push_back(number);
      counter.inc();
      order.push_back(number);
    });
  }

  test::GuidedMachine machine;
  dmcore::Atomic<int> counter{machine.runtime(), 0};
  std::vector<int> order;
};

TEST_F(Guided, WithoutStagesItIsFirstInFirstOut) {
  machine.run([&] {
    spawn("a", 1);
    spawn("b", 2);
    machine.runtime().settle();
  });
  EXPECT_THAT(order, ElementsAre(1, 1, 2, 2));
}

TEST_F(Guided, ATaskIsHeldWhileAnotherRuns) {
  machine.guide().run_until("a", before(Point::atomic)).run("b").run("a");
  machine.run([&] {
    spawn("a", 1);
    spawn("b", 2);
    machine.runtime().settle();
  });
  EXPECT_THAT(order, ElementsAre(1, 2, 2, 1));
  EXPECT_TRUE(machine.guide().done());
}

TEST_F(Guided, TheNthSuchStepCanBeNamed) {
  machine.guide().run_until("a", before(Point::atomic, {}, 2)).run("b");
  machine.run([&] {
    machine.runtime().spawn("a", [&] {
      for (int i = 0; i < 3; ++i) {
        counter.inc();
        order.push_back(1);
      }
    });
    spawn("b", 2);
    machine.runtime().settle();
  });
  EXPECT_THAT(order, ElementsAre(1, 2, 2, 1, 1));
}

TEST_F(Guided, AStageWhoseTaskDoesNotComeIsNotDone) {
  machine.guide().run("no such task");
  machine.run([] {});
  EXPECT_FALSE(machine.guide().done());
}

TEST_F(Guided, WaitingForATaskThatNeedsOneThatIsHeldIsAFailure) {
  machine.guide().run_until("main", before(Point::mutex_lock)).run("no such task");
  dmcore::Mutex mutex(machine.runtime(), "mutex");
  EXPECT_THROW(machine.run([&] { const dmcore::MutexGuard guard(mutex); }), test::Failure);
}

}  // namespace
