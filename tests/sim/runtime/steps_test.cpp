// SPDX-License-Identifier: GPL-2.0-or-later
// What a strategy that sees is asked, and when.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <set>

#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/lock.h"
#include "dmcore/kernel/timer.h"
#include "dmcore/kernel/wait.h"
#include "dmcore/kernel/workqueue.h"

#include "sim/runtime/deterministic.h"

#include "tests/rig/guide.h"

namespace {

using dmcore::Access;
using dmcore::AccessKind;
using dmcore::Point;
using sim::Choice;
using sim::DeterministicRuntime;
using sim::Situation;
using sim::Wants;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;

// Takes the first choice, and calls a function before.
class Asked final : public sim::SeeingStrategy {
 public:
  using See = std::function<void(const Situation&)>;
  explicit Asked(See see, Wants wants = {.every_step = true}) : see_(std::move(see)), wants_(wants) {}
  [[nodiscard]] Wants wants() const override { return wants_; }
  std::size_t choose(const Situation& situation) override {
    see_(situation);
    return 0;
  }

 private:
  See see_;
  Wants wants_;
};

// The points of the steps that `main` takes, without its beginning.
std::vector<std::string> steps_of(const std::function<void(DeterministicRuntime&)>& body) {
  std::vector<std::string> steps;
  DeterministicRuntime runtime(std::make_unique<Asked>([&](const Situation& situation) {
    const Choice& first = situation.choices.front();
    if (first.name() == "main" && first.next.point != Point::begin)
      steps.emplace_back(fmt::format("{} {}", point_name(first.next.point), first.next.name));
  }));
  runtime.run([&] { body(runtime); });
  return steps;
}

TEST(Steps, TheStrategyIsAskedBeforeTheOperation) {
  std::optional<dmcore::SpinLock> lock;
  int in_section = 0;
  std::vector<int> seen;
  DeterministicRuntime runtime(std::make_unique<Asked>([&](const Situation& situation) {
    if (situation.choices.front().next.name == std::string_view("the lock")) seen.push_back(in_section);
  }));
  lock.emplace(runtime, "the lock");
  runtime.run([&] {
    const dmcore::SpinGuard guard(*lock);
    in_section = 1;
  });
  EXPECT_THAT(seen, ElementsAre(0, 1));
}

TEST(Steps, ATaskThatIsHeldBackShowsWhatItWouldDoNext) {
  std::vector<std::string> ready;
  DeterministicRuntime runtime(std::make_unique<Asked>([&](const Situation& situation) {
    for (const Choice& choice : situation.choices.subspan(1))
      ready.emplace_back(
          fmt::format("{} {} {}", choice.name(), point_name(choice.next.point), choice.next.name));
  }));
  dmcore::Mutex mutex(runtime, "the mutex");
  runtime.run([&] {
    mutex.lock();
    runtime.spawn("second", [&] {
      mutex.lock();
      mutex.unlock();
    });
    runtime.settle();
    EXPECT_THAT(ready, Each(testing::StrEq("second begin ")));
    mutex.unlock();
    dmcore::Atomic<int> counter(runtime, 0);
    counter.inc();
  });
  EXPECT_THAT(ready, Contains("second mutex_lock the mutex"));
}

TEST(Steps, ASingleChoiceIsOnlyOfferedToAStrategyThatWantsIt) {
  const auto asked = [](Wants wants) {
    unsigned times = 0;
    DeterministicRuntime runtime(std::make_unique<Asked>([&](const Situation&) { ++times; }, wants));
    dmcore::Atomic<int> counter(runtime, 0);
    runtime.run([&] { counter.inc(); });
    return times;
  };
  EXPECT_EQ(asked({}), 0);
  EXPECT_EQ(asked({.every_step = true}), 2);  // its beginning, and the atomic
}

TEST(Steps, AnotherTaskRunsFirstIfItIsChosen) {
  std::set<std::vector<int>> orders;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    DeterministicRuntime any(std::make_unique<test::AnyOrder>(seed, Wants{}));
    dmcore::Atomic<int> counter(any, 0);
    std::vector<int> seen;
    any.run([&] {
      any.spawn("a", [&] {
        counter.inc();
        seen.push_back(1);
      });
      any.spawn("b", [&] {
        counter.inc();
        seen.push_back(2);
      });
      any.settle();
    });
    orders.insert(seen);
  }
  EXPECT_THAT(orders, ElementsAre(std::vector{1, 2}, std::vector{2, 1}));
}

TEST(Steps, AnAtomicIsReadChangedOrCountedDown) {
  std::vector<AccessKind> kinds;
  DeterministicRuntime runtime(std::make_unique<Asked>([&](const Situation& situation) {
    if (situation.choices.front().next.point == Point::atomic)
      kinds.push_back(situation.choices.front().next.access.kind);
  }));
  runtime.run([&] {
    dmcore::Atomic<int> counter(runtime, 1);
    counter.inc();
    EXPECT_EQ(counter.read(), 2);
    counter.set(1);
    EXPECT_TRUE(counter.dec_and_test());
  });
  EXPECT_THAT(kinds, ElementsAre(AccessKind::decides_wait, AccessKind::read, AccessKind::write,
                                 AccessKind::dec_and_test));
}

TEST(Steps, ALockIsAStepWhenItIsTakenAndWhenItIsReleased) {
  EXPECT_THAT(steps_of([](DeterministicRuntime& runtime) {
                dmcore::SpinLock lock(runtime, "lock");
                const dmcore::SpinGuard guard(lock);
              }),
              ElementsAre("spin_lock lock", "spin_unlock lock"));
}

TEST(Steps, ATimerIsAStepWhenItIsArmedAndWhenItIsCancelled) {
  EXPECT_THAT(steps_of([](DeterministicRuntime& runtime) {
                dmcore::Timer timer(runtime, "timer", [] {});
                timer.modify(100);
                EXPECT_TRUE(timer.cancel());
              }),
              ElementsAre("timer timer", "timer timer"));
}

TEST(Steps, WhatIsWrongWithAStrategyStopsTheMachine) {
  class Wrong final : public sim::SeeingStrategy {
   public:
    [[nodiscard]] Wants wants() const override { return {.every_step = true}; }
    std::size_t choose(const Situation& situation) override {
      return situation.choices.front().next.point == Point::atomic ? 1 : 0;
    }
  };
  DeterministicRuntime runtime(std::make_unique<Wrong>());
  dmcore::Atomic<int> counter(runtime, 0);
  EXPECT_THROW(runtime.run([&] { counter.inc(); }), std::out_of_range);
}

// What two steps would do to each other.
Access of(const void* object, AccessKind kind, std::uint32_t part = 0) {
  return {object, part, kind};
}

TEST(Conflict, IsAboutTheSameObject) {
  const int a = 0;
  const int b = 0;
  EXPECT_TRUE(conflict(of(&a, AccessKind::write), of(&a, AccessKind::write)));
  EXPECT_FALSE(conflict(of(&a, AccessKind::write), of(&b, AccessKind::write)));
}

TEST(Conflict, IsAboutTheSamePartUnlessOneTouchesTheWhole) {
  const int map = 0;
  EXPECT_FALSE(conflict(of(&map, AccessKind::write, 1), of(&map, AccessKind::read, 2)));
  EXPECT_TRUE(conflict(of(&map, AccessKind::write, 1), of(&map, AccessKind::read, Access::whole)));
}

TEST(Conflict, ReadsAndChangesWhoseResultIsNotUsedHaveNoneAmongEachOther) {
  const int counter = 0;
  EXPECT_FALSE(conflict(of(&counter, AccessKind::read), of(&counter, AccessKind::read)));
  EXPECT_FALSE(conflict(of(&counter, AccessKind::commutes), of(&counter, AccessKind::commutes)));
  EXPECT_TRUE(conflict(of(&counter, AccessKind::commutes), of(&counter, AccessKind::read)));
}

TEST(Conflict, OfTwoThatCountDownOneIsTheLast) {
  const int count = 0;
  EXPECT_TRUE(conflict(of(&count, AccessKind::dec_and_test), of(&count, AccessKind::dec_and_test)));
}

TEST(Conflict, OnceTheyAreDoneOnlyTheLastThatCountsDownHasOneWithOthers) {
  const int count = 0;
  const auto conflicts = [&](AccessKind a, AccessKind b) { return conflict(of(&count, a), of(&count, b)); };
  EXPECT_FALSE(conflicts(AccessKind::not_last, AccessKind::not_last));
  EXPECT_FALSE(conflicts(AccessKind::not_last, AccessKind::next_to_last));
  EXPECT_TRUE(conflicts(AccessKind::not_last, AccessKind::last));
  EXPECT_TRUE(conflicts(AccessKind::next_to_last, AccessKind::last));
  for (const AccessKind done : {AccessKind::not_last, AccessKind::next_to_last, AccessKind::last}) {
    EXPECT_TRUE(conflicts(done, AccessKind::commutes));
    EXPECT_TRUE(conflicts(done, AccessKind::read));
  }
  // One that is not done would be the last after the one before it.
  EXPECT_FALSE(conflicts(AccessKind::dec_and_test, AccessKind::not_last));
  EXPECT_TRUE(conflicts(AccessKind::dec_and_test, AccessKind::next_to_last));
}

TEST(Conflict, IsTheSameInBothDirections) {
  for (std::size_t a = 0; a < dmcore::access_kinds; ++a) {
    for (std::size_t b = 0; b < dmcore::access_kinds; ++b) {
      EXPECT_EQ(conflict(static_cast<AccessKind>(a), static_cast<AccessKind>(b)),
                conflict(static_cast<AccessKind>(b), static_cast<AccessKind>(a)));
    }
  }
}

TEST(Conflict, WhatAwaitsComesAfterWhatWrites) {
  const int done = 0;
  EXPECT_TRUE(conflict(of(&done, AccessKind::awaits), of(&done, AccessKind::write)));
  EXPECT_FALSE(conflict(of(&done, AccessKind::awaits), of(&done, AccessKind::awaits)));
}

TEST(Conflict, OfOneThatWaitsIsWithWhatEndsTheWait) {
  const int count = 0;
  const auto conflicts = [&](AccessKind kind) {
    return conflict(of(&count, AccessKind::waits_next), of(&count, kind));
  };
  EXPECT_TRUE(conflicts(AccessKind::decides_wait));
  EXPECT_TRUE(conflicts(AccessKind::last));
  EXPECT_TRUE(conflicts(AccessKind::releases));
  EXPECT_FALSE(conflicts(AccessKind::commutes));
  EXPECT_FALSE(conflicts(AccessKind::not_last));
  EXPECT_FALSE(conflict(of(&count, AccessKind::decides_wait), of(&count, AccessKind::commutes)));
}

TEST(Conflict, IsOneOfPartsInCommon) {
  const int disk = 0;
  const auto writes = [&](std::uint32_t first, std::uint16_t parts) {
    return dmcore::Access{&disk, first, AccessKind::write, parts};
  };
  EXPECT_TRUE(conflict(writes(2, 3), writes(4, 1)));
  EXPECT_TRUE(conflict(writes(4, 1), writes(2, 3)));
  EXPECT_TRUE(conflict(writes(2, 3), writes(3, 8)));
  EXPECT_FALSE(conflict(writes(2, 3), writes(5, 1)));
  EXPECT_FALSE(conflict(writes(5, 4), writes(2, 3)));
  EXPECT_TRUE(conflict(writes(2, 3), writes(dmcore::Access::whole, 1)));
}

TEST(Conflict, OfTwoStepsIsOneOfAnyOfTheirObjects) {
  const int item = 0;
  const int queue = 0;
  const dmcore::Step first{Point::queue_work, "", of(&item, AccessKind::write),
                           of(&queue, AccessKind::commutes)};
  const dmcore::Step flush{Point::wait, "", of(&queue, AccessKind::read), {}};
  EXPECT_TRUE(conflict(first, flush));
}

TEST(Conflict, QueueingAWorkItemConflictsWithItsBeginning) {
  std::optional<dmcore::Step> queueing;
  std::optional<dmcore::Step> beginning;
  DeterministicRuntime runtime(std::make_unique<Asked>([&](const Situation& situation) {
    for (const Choice& choice : situation.choices) {
      if (choice.next.point == Point::queue_work) queueing = choice.next;
      if (choice.next.point == Point::begin && choice.kind == dmcore::TaskKind::worker && !beginning)
        beginning = choice.next;
    }
  }));
  dmcore::WorkQueue queue(runtime, "queue");
  dmcore::WorkItem item(runtime, "item", [] {});
  runtime.run([&] {
    queue.queue(item);
    runtime.settle();
  });
  EXPECT_TRUE(conflict(queueing.value(), beginning.value()));
}

TEST(Conflict, CancellingATimerConflictsWithItsFiring) {
  std::optional<dmcore::Step> cancelling;
  std::optional<dmcore::Step> firing;
  DeterministicRuntime runtime(std::make_unique<Asked>(
      [&](const Situation& situation) {
        for (const Choice& choice : situation.choices) {
          if (choice.name() == "main" && choice.next.point == Point::timer) cancelling = choice.next;
          if (choice.what == Choice::What::deadline) firing = choice.next;
        }
      },
      Wants{.every_step = true, .time = true}));
  runtime.run([&] {
    dmcore::Timer timer(runtime, "timer", [] {});
    timer.modify(100);
    timer.cancel();
  });
  EXPECT_TRUE(conflict(cancelling.value(), firing.value()));
}

TEST(Conflict, WakingAnEmptyQueueConflictsWithALaterWait) {
  std::vector<dmcore::Step> wakes;
  std::vector<dmcore::Step> waits;
  DeterministicRuntime runtime(std::make_unique<Asked>([&](const Situation& situation) {
    const dmcore::Step& next = situation.choices.front().next;
    if (next.name != std::string_view("queue")) return;
    if (next.point == Point::wake) wakes.push_back(next);
    if (next.point == Point::wait && next.access.kind == AccessKind::write) waits.push_back(next);
  }));
  dmcore::WaitQueue queue(runtime, "queue");
  bool done = false;
  runtime.run([&] {
    runtime.spawn("waiter", [&] { queue.wait_event([&] { return done; }); });
    queue.wake_all();
    runtime.settle();
    done = true;
    queue.wake_all();
    runtime.settle();
  });
  ASSERT_EQ(wakes.size(), 2U);
  ASSERT_EQ(waits.size(), 1U);
  EXPECT_TRUE(conflict(wakes[0], waits[0]));
  EXPECT_FALSE(conflict(wakes[0], wakes[1]));
}

TEST(WaitQueue, AWakeUpBetweenTheCheckAndTheSleepIsNotMissed) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    DeterministicRuntime runtime(std::make_unique<test::AnyOrder>(seed, Wants{}));
    dmcore::WaitQueue queue(runtime, "queue");
    dmcore::Atomic<int> flag(runtime, 0);
    bool returned = false;
    runtime.run([&] {
      runtime.spawn("waiter", [&] {
        queue.wait_event([&] { return flag.read() == 1; });
        returned = true;
      });
      flag.set(1);
      if (queue.has_sleeper()) queue.wake_all();
      runtime.settle();
    });
    ASSERT_TRUE(returned);
  }
}

TEST(StepBudget, StopsAMachineWhoseTaskNeverWaits) {
  DeterministicRuntime runtime(std::make_unique<Asked>([](const Situation&) {}));
  runtime.set_step_budget(1000);
  dmcore::Atomic<int> counter(runtime, 0);
  EXPECT_THROW(runtime.run([&] {
    for (;;) counter.inc();
  }),
               sim::OutOfSteps);
}

TEST(StepBudget, CountsTheTurnsOfTasksThatAreNotSeen) {
  const auto finishes = [](std::uint64_t budget) {
    DeterministicRuntime runtime;
    runtime.set_step_budget(budget);
    try {
      runtime.run([&] {
        runtime.spawn("second", [] {});
        runtime.settle();
      });
    } catch (const sim::OutOfSteps&) {
      return false;
    }
    return true;
  };
  EXPECT_TRUE(finishes(3));  // main, second, main again
  EXPECT_FALSE(finishes(2));
}

}  // namespace
