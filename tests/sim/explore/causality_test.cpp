// SPDX-License-Identifier: GPL-2.0-or-later
// Which events of a run are ordered, whatever the schedule.
#include "sim/explore/causality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>

#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/lock.h"
#include "dmcore/kernel/wait.h"
#include "dmcore/kernel/workqueue.h"

#include "sim/runtime/deterministic.h"
#include "sim/runtime/lineage_scope.h"

namespace {

using sim::DeterministicRuntime;
using sim::explore::Causality;
using testing::ElementsAre;
using testing::IsEmpty;

struct CausalityOfARun : testing::Test {
  CausalityOfARun() { runtime.set_observer(causality); }

  // The events that come before an event of a segment.
  [[nodiscard]] std::vector<std::size_t> before(std::size_t event, std::size_t segment = 0) const {
    const Causality::Events& events = causality.segments().at(segment).before.at(event);
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (events.test(i)) found.push_back(i);
    }
    return found;
  }

  DeterministicRuntime runtime;
  Causality causality;
};

TEST_F(CausalityOfARun, WhatATaskDoesIsOrdered) {
  runtime.run([&] {
    causality.happened();
    causality.happened();
  });
  EXPECT_THAT(before(0), IsEmpty());
  EXPECT_THAT(before(1), ElementsAre(0));
  EXPECT_FALSE(causality.segments().front().has_other_orders());
}

// A command in the foreground is a task of its own, of the same program.
TEST_F(CausalityOfARun, WhatATaskDoesIsOrderedFromWhenItIsCalledSo) {
  runtime.run([&] {
    const sim::LineageScope scope(runtime, "line", 1);
    causality.happened();
    static_cast<void>(runtime.fine_step(dmcore::Point::begin, {}));
    causality.happened();
  });
  EXPECT_THAT(before(1), ElementsAre(0));
}

TEST_F(CausalityOfARun, WhatTwoTasksDoIsNot) {
  runtime.run([&] {
    runtime.spawn("a", [&] { causality.happened(); });
    runtime.spawn("b", [&] { causality.happened(); });
    runtime.settle();
  });
  EXPECT_THAT(before(1), IsEmpty());
  EXPECT_TRUE(causality.segments().front().has_other_orders());
}

TEST_F(CausalityOfARun, ATaskComesAfterWhatItsMakerDidBeforeMakingIt) {
  runtime.run([&] {
    causality.happened();
    runtime.spawn("a", [&] { causality.happened(); });
    causality.happened();
    runtime.settle();
  });
  EXPECT_THAT(before(1), ElementsAre(0));
  EXPECT_THAT(before(2), ElementsAre(0));
}

TEST_F(CausalityOfARun, WhenAllHasComeToRestAllIsBefore) {
  runtime.run([&] {
    runtime.spawn("a", [&] { causality.happened(); });
    runtime.settle();
    causality.happened();
  });
  EXPECT_THAT(before(1), ElementsAre(0));
}

TEST_F(CausalityOfARun, ALockOrdersWhatWasDoneUnderIt) {
  dmcore::Mutex mutex(runtime, "mutex");
  const auto locked = [&] {
    causality.happened();
    const dmcore::MutexGuard guard(mutex);
    causality.happened();
  };
  runtime.run([&] {
    runtime.spawn("a", locked);
    runtime.spawn("b", locked);
    runtime.settle();
  });
  EXPECT_THAT(before(2), IsEmpty());
  EXPECT_THAT(before(3), ElementsAre(0, 1, 2));
}

TEST_F(CausalityOfARun, ReadersAreNotOrderedAndWritersAre) {
  dmcore::Atomic<int> value(runtime, 0);
  const auto read = [&] {
    causality.happened();
    (void)value.read();
  };
  runtime.run([&] {
    runtime.spawn("a", read);
    runtime.spawn("b", [&] {
      read();
      causality.happened();
    });
    runtime.spawn("c", [&] {
      value.set(1);
      causality.happened();
    });
    runtime.settle();
  });
  EXPECT_THAT(before(2), ElementsAre(1));
  EXPECT_THAT(before(3), ElementsAre(0, 1, 2));  // a step is all that is done until the next one
}

TEST_F(CausalityOfARun, AddsCommuteAndAreSeenByWhoLooks) {
  dmcore::Atomic<int> value(runtime, 0);
  const auto add = [&] {
    value.inc();
    causality.happened();
  };
  runtime.run([&] {
    runtime.spawn("a", add);
    runtime.spawn("b", add);
    runtime.spawn("c", [&] {
      (void)value.read();
      causality.happened();
    });
    runtime.settle();
  });
  EXPECT_THAT(before(1), IsEmpty());
  EXPECT_THAT(before(2), ElementsAre(0, 1));
}

// What ended the wait could have come before it was begun.
TEST_F(CausalityOfARun, WhatEndsAWaitDoesNotComeAfterIt) {
  dmcore::Atomic<int> inside(runtime, 1);
  dmcore::WaitQueue emptied(runtime, "emptied", dmcore::WaitQueue::Orders::wait_first);
  runtime.run([&] {
    runtime.spawn("waits", [&] {
      causality.happened();
      emptied.wait_event([&] { return inside.is_zero_to_wait(); });
      causality.happened();
    });
    runtime.spawn("ends", [&] {
      inside.dec();
      emptied.wake_all();
      causality.happened();
    });
    runtime.settle();
  });
  EXPECT_THAT(before(1), IsEmpty());
  EXPECT_THAT(before(2), ElementsAre(0, 1));
}

// Also if the worker that queued it runs it next, without being woken for it.
TEST_F(CausalityOfARun, AWorkItemComesAfterWhatQueuedIt) {
  dmcore::WorkQueue queue(runtime, "queue");
  dmcore::Atomic<int> runs(runtime, 0);
  const auto run = [&] {
    runs.inc();
    causality.happened();
  };
  dmcore::WorkItem second(runtime, "second", run);
  dmcore::WorkItem first(runtime, "first", [&] {
    run();
    queue.queue(second);
  });
  runtime.run([&] {
    queue.queue(first);
    queue.flush();
  });
  EXPECT_THAT(before(1), ElementsAre(0));
}

// First in, first out, with a worker for each item.
class ParallelWork final : public sim::SeeingStrategy {
 public:
  [[nodiscard]] sim::Wants wants() const override { return {.parallel_work = true}; }
  std::size_t choose(const sim::Situation&) override { return 0; }
};

// It was queued again by a task that has seen nothing of its end.
TEST(CausalityOfParallelWork, AWorkItemComesAfterItsLastRun) {
  DeterministicRuntime runtime(std::make_unique<ParallelWork>());
  Causality causality;
  runtime.set_observer(causality);
  dmcore::WorkQueue queue(runtime, "queue");
  dmcore::Atomic<int> runs(runtime, 0);
  dmcore::WorkItem item(runtime, "item", [&] {
    runs.inc();
    causality.happened();
  });
  runtime.run([&] {
    runtime.spawn("a", [&] { queue.queue(item); });
    runtime.spawn("b", [&] {
      runtime.spawn("c", [&] {
        runtime.spawn("d", [&] {
          causality.happened();
          queue.queue(item);
        });
      });
    });
    runtime.settle();
  });
  const auto& before = causality.segments().front().before;
  ASSERT_EQ(before.size(), 3U);
  EXPECT_FALSE(before[1].test(0));  // the task and the first run
  EXPECT_TRUE(before[2].test(0));
  EXPECT_TRUE(before[2].test(1));
}

TEST_F(CausalityOfARun, WhatWakesComesBefore) {
  dmcore::Completion done(runtime, "done");
  const dmcore::Atomic<int> other(runtime, 0);
  runtime.run([&] {
    runtime.spawn("a", [&] {
      done.wait();
      causality.happened();
    });
    runtime.settle();
    causality.happened();
    done.complete();
    (void)other.read();
    causality.happened();
    runtime.settle();
  });
  EXPECT_THAT(before(1), ElementsAre(0));
  EXPECT_THAT(before(2), ElementsAre(0));
}

TEST_F(CausalityOfARun, NothingCrossesABarrier) {
  runtime.run([&] {
    runtime.spawn("a", [&] { causality.happened(); });
    runtime.settle();
    causality.barrier();
    causality.barrier();
    causality.happened();
  });
  ASSERT_EQ(causality.segments().size(), 2U);
  EXPECT_EQ(causality.segments()[1].first, 1U);
  EXPECT_EQ(causality.segments()[1].count, 1U);
  EXPECT_THAT(before(0, 1), IsEmpty());
}

TEST_F(CausalityOfARun, TooManyEventsAreNotCompared) {
  runtime.run([&] {
    for (std::size_t i = 0; i < Causality::events_max; ++i) causality.happened();
  });
  EXPECT_FALSE(causality.segments().front().has_other_orders());
  causality.happened();
  EXPECT_THAT(causality.segments().front().before, IsEmpty());
  EXPECT_TRUE(causality.segments().front().has_other_orders());
}

// Of tasks that count down only the last one comes after the others: it alone does something else.
TEST_F(CausalityOfARun, TheLastThatCountsDownComesAfterTheOthers) {
  dmcore::Atomic<int> count(runtime, 3);
  const auto counts_down = [&] {
    causality.happened();
    (void)count.dec_and_test();
    causality.happened();
  };
  runtime.run([&] {
    for (const char* name : {"a", "b", "c"}) runtime.spawn(name, counts_down);
    runtime.settle();
  });
  EXPECT_THAT(before(3), ElementsAre(2));
  EXPECT_THAT(before(5), testing::IsSupersetOf({0, 2, 4}));
}

}  // namespace
