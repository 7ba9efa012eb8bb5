// SPDX-License-Identifier: GPL-2.0-or-later
// The search for data races: what orders two tasks, what does not, and what a report says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tuple>

#include "dmcore/dm/srcu.h"

#include "sim/runtime/deterministic.h"

#include "tests/sim/race/specimens.h"

namespace {

using dmcore::TaskKind;
using sim::DeterministicRuntime;
using specimens::Guarded;
using specimens::Message;
using specimens::Number;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class Race : public testing::Test {
 protected:
  // The report; empty if the machine was not stopped.
  std::string run(const std::function<void()>& body) {
    try {
      runtime.run(body);
      runtime.run([] {});  // a report stops the machine at the next switch
    } catch (const sim::MachineStopped& stopped) {
      return stopped.what();
    }
    return {};
  }
  // Each on a task of its own, one after the other in this run, but not ordered.
  std::string race_of(const std::function<void()>& first, const std::function<void()>& second) {
    return run([&] {
      runtime.spawn("first", first);
      runtime.spawn("second", second);
      runtime.settle();
    });
  }

  DeterministicRuntime runtime;
};

TEST_F(Race, TwoWritesWithoutALock) {
  Number number;
  EXPECT_THAT(race_of([&] { number.add(); }, [&] { number.add(); }), StartsWith("race: "));
}

TEST_F(Race, AReadAndAWriteInEitherOrder) {
  Number number;
  EXPECT_THAT(race_of([&] { std::ignore = number.get(); }, [&] { number.add(); }), StartsWith("race: "));
}

TEST_F(Race, TwoReadsAreNoRace) {
  Number number;
  EXPECT_THAT(race_of([&] { std::ignore = number.get(); }, [&] { std::ignore = number.get(); }), IsEmpty());
}

TEST_F(Race, DifferentBytesAreNoRace) {
  specimens::Bytes bytes;
  EXPECT_THAT(race_of([&] { bytes.set_first(); }, [&] { bytes.set_second(); }), IsEmpty());
}

TEST_F(Race, TheReportNamesPlacesTasksAndLocks) {
  Guarded number(runtime);
  const std::string report = race_of([&] { number.add(); }, [&] { std::ignore = number.get_without_lock(); });
  EXPECT_THAT(report,
              AllOf(HasSubstr("read by task 3 'second' (process), holds no locks\n"
                              "    specimens::Number::get() const (tests/sim/race/specimens.cpp:14)\n"),
                    HasSubstr("write by task 2 'first' (process), holds 'number's lock'\n"
                              "    specimens::Number::add() (tests/sim/race/specimens.cpp:10)\n")));
  EXPECT_THAT(report, HasSubstr("specimens::Guarded::add() (tests/sim/race/specimens.cpp:27)"));
}

TEST_F(Race, ALockOrders) {
  Guarded number(runtime);
  EXPECT_THAT(race_of([&] { number.add(); }, [&] { number.add(); }), IsEmpty());
}

TEST_F(Race, MarkedAccessesMayMeetOthers) {
  Guarded number(runtime);
  EXPECT_THAT(race_of([&] { number.add(); }, [&] { std::ignore = number.get_once() + number.get_stale(); }),
              IsEmpty());
}

TEST_F(Race, ASemaphoreOrdersReadersWithWritersOnly) {
  dmcore::RwSemaphore semaphore(runtime, "semaphore");
  Number number;
  const auto read = [&] {
    const dmcore::ReadGuard guard(semaphore);
    std::ignore = number.get();
  };
  const auto write = [&] {
    const dmcore::WriteGuard guard(semaphore);
    number.add();
  };
  const auto write_as_reader = [&] {
    const dmcore::ReadGuard guard(semaphore);
    number.add();
  };
  EXPECT_THAT(race_of(read, write), IsEmpty());
  EXPECT_THAT(race_of(write, read), IsEmpty());
  EXPECT_THAT(race_of(write_as_reader, write_as_reader), StartsWith("race: "));
}

TEST_F(Race, CodeOfTemplatesIsSeen) {
  std::vector<std::uint64_t> numbers;
  EXPECT_THAT(race_of([&] { specimens::append(numbers, 1); }, [&] { specimens::append(numbers, 2); }),
              StartsWith("race: "));
}

TEST_F(Race, CopiesOfMemoryAreSeen) {
  std::vector<std::uint64_t> numbers = {1, 2};
  std::vector<std::uint64_t> one;
  std::vector<std::uint64_t> other;
  EXPECT_THAT(race_of([&] { std::ignore = specimens::copy_of(numbers, one); },
                      [&] { specimens::set_all(numbers, 3); }),
              StartsWith("race: "));
}

TEST_F(Race, SpawningOrders) {
  Number number;
  EXPECT_THAT(run([&] {
                number.add();
                runtime.spawn("child", [&] { number.add(); });
                runtime.settle();
              }),
              IsEmpty());
}

TEST_F(Race, TheSpawnersLaterStepsAreNotOrdered) {
  Number number;
  EXPECT_THAT(run([&] {
                runtime.spawn("child", [&] { number.add(); });
                number.add();
                runtime.settle();
              }),
              StartsWith("race: "));
}

TEST_F(Race, ASoftirqIsNotOrderedWithTheTaskThatItInterrupts) {
  Number number;
  dmcore::Event event("irq", TaskKind::softirq, [&] { number.add(); });
  EXPECT_THAT(run([&] {
                runtime.post(event);
                number.add();
                runtime.settle();
              }),
              StartsWith("race: "));
}

TEST_F(Race, PostingOrders) {
  Number number;
  dmcore::Event event("irq", TaskKind::softirq, [&] { number.add(); });
  EXPECT_THAT(run([&] {
                number.add();
                runtime.post(event);
                runtime.settle();
              }),
              IsEmpty());
}

TEST_F(Race, ATimerIsOrderedAfterArmingIt) {
  Number number;
  dmcore::Timer timer(runtime, "timer", [&] { number.add(); });
  EXPECT_THAT(run([&] {
                number.add();
                timer.modify(10);
                runtime.sleep_for(std::chrono::seconds(1));
              }),
              IsEmpty());
}

TEST_F(Race, SleepingForLongDoesNotOrder) {
  Number number;
  dmcore::Timer timer(runtime, "timer", [&] { number.add(); });
  EXPECT_THAT(run([&] {
                timer.modify(10);
                runtime.sleep_for(std::chrono::seconds(1));
                number.add();
              }),
              StartsWith("race: "));
}

TEST_F(Race, ACompletionOrders) {
  Number number;
  dmcore::Completion done(runtime, "done");
  EXPECT_THAT(race_of(
                  [&] {
                    done.wait();
                    number.add();
                  },
                  [&] {
                    number.add();
                    done.complete();
                  }),
              IsEmpty());
}

TEST_F(Race, AWorkItemIsOrderedAfterQueueingIt) {
  Number number;
  dmcore::WorkQueue queue(runtime, "queue");
  dmcore::WorkItem work(runtime, "work", [&] { number.add(); });
  EXPECT_THAT(run([&] {
                number.add();
                queue.queue(work);
                queue.flush();
                number.add();
              }),
              IsEmpty());
}

TEST_F(Race, QueueingAnItemThatWaitsOrdersToo) {
  Number number;
  dmcore::WorkQueue queue(runtime, "queue", dmcore::WorkQueue::Kind::ordered);
  dmcore::WorkItem before(runtime, "before", [&] { runtime.sleep_for(std::chrono::seconds(1)); });
  dmcore::WorkItem work(runtime, "work", [&] { number.add(); });
  EXPECT_THAT(run([&] {
                queue.queue(before);
                queue.queue(work);
                runtime.spawn("second", [&] {
                  number.add();
                  EXPECT_FALSE(queue.queue(work));
                });
                queue.flush();
              }),
              IsEmpty());
}

TEST_F(Race, ItemsOfOneWorkerAreNotOrdered) {
  Number number;
  dmcore::WorkQueue queue(runtime, "queue");
  dmcore::WorkItem one(runtime, "one", [&] { number.add(); });
  dmcore::WorkItem two(runtime, "two", [&] { number.add(); });
  EXPECT_THAT(run([&] {
                queue.queue(one);
                queue.queue(two);
                queue.flush();
              }),
              StartsWith("race: "));
}

TEST_F(Race, ItemsOfAnOrderedQueueAreOrdered) {
  Number number;
  dmcore::WorkQueue queue(runtime, "queue", dmcore::WorkQueue::Kind::ordered);
  dmcore::WorkItem one(runtime, "one", [&] { number.add(); });
  dmcore::WorkItem two(runtime, "two", [&] { number.add(); });
  EXPECT_THAT(run([&] {
                queue.queue(one);
                queue.queue(two);
                queue.flush();
              }),
              IsEmpty());
}

TEST_F(Race, AnUnorderedAtomicOrdersNothing) {
  Message message(runtime);
  EXPECT_THAT(race_of([&] { message.write_then_set(); }, [&] { std::ignore = message.read_if_set(); }),
              StartsWith("race: "));
}

TEST_F(Race, BarriersOrderAroundAnUnorderedAtomic) {
  Message message(runtime);
  bool read = false;
  EXPECT_THAT(race_of([&] { message.write_then_barrier_then_set(); },
                      [&] { read = message.read_after_barrier_if_set(); }),
              IsEmpty());
  EXPECT_TRUE(read);
}

TEST_F(Race, ABarrierOfTheWriterAloneDoesNot) {
  Message message(runtime);
  EXPECT_THAT(
      race_of([&] { message.write_then_barrier_then_set(); }, [&] { std::ignore = message.read_if_set(); }),
      StartsWith("race: "));
}

TEST_F(Race, AReleaseIsOrderedBeforeItsAcquire) {
  Message message(runtime);
  bool read = false;
  EXPECT_THAT(race_of([&] { message.write_then_release(); }, [&] { read = message.read_if_acquired(); }),
              IsEmpty());
  EXPECT_TRUE(read);
}

TEST_F(Race, AnAtomicThatReturnsAValueOrders) {
  Message message(runtime);
  EXPECT_THAT(race_of([&] { message.write_then_drop(0); }, [&] { message.write_then_drop(1); }), IsEmpty());
}

TEST_F(Race, CountersForEachProcessorDoNotOrderThoseThatChangeThem) {
  Number number;
  dmcore::PerCpuCounter counter(runtime);
  const auto pass = [&] {
    counter.inc();
    dmcore::smp_mb();
    number.add();
    dmcore::smp_mb();
    counter.dec();
  };
  EXPECT_THAT(race_of(pass, pass), StartsWith("race: "));
}

TEST_F(Race, TheSumOfSuchACounterIsOrderedAfterItsChanges) {
  Number number;
  dmcore::PerCpuCounter counter(runtime);
  EXPECT_THAT(race_of(
                  [&] {
                    number.add();
                    dmcore::smp_mb();
                    counter.inc();
                  },
                  [&] {
                    if (counter.sum() != 1) return;
                    dmcore::smp_mb();
                    number.add();
                  }),
              IsEmpty());
  EXPECT_EQ(number.value, 2U);
}

class RaceWithSrcu : public Race {
 protected:
  void read_section() {
    const unsigned side = srcu.enter();
    number.add();
    srcu.leave(side);
  }

  dmcore::Srcu srcu{runtime, "srcu"};
  Number number;
};

TEST_F(RaceWithSrcu, ReadersAreNotOrderedWithEachOther) {
  EXPECT_THAT(race_of([&] { read_section(); }, [&] { read_section(); }), StartsWith("race: "));
}

TEST_F(RaceWithSrcu, WaitingForReadersIsOrderedAfterThem) {
  EXPECT_THAT(race_of([&] { read_section(); },
                      [&] {
                        srcu.synchronize();
                        number.add();
                      }),
              IsEmpty());
}

TEST_F(RaceWithSrcu, ReadersThatBeginAfterTheWaitAreOrderedAfterWhatWasBefore) {
  EXPECT_THAT(race_of(
                  [&] {
                    number.add();
                    srcu.synchronize();
                  },
                  [&] { read_section(); }),
              IsEmpty());
}

TEST_F(Race, MemoryThatIsUsedAgainIsNew) {
  EXPECT_THAT(race_of([&] { specimens::make()->add(); }, [&] { specimens::make()->add(); }), IsEmpty());
}

TEST_F(Race, PooledObjectsThatAreUsedAgainAreNew) {
  dmcore::MemPool<Number> pool(runtime, "numbers");
  const auto use = [&] {
    Number* number = pool.take();
    number->add();
    pool.give_back(number);
  };
  EXPECT_THAT(race_of(use, use), IsEmpty());
}

TEST_F(Race, APoolOrdersOnlyTheUsersOfOneObject) {
  Number number;
  dmcore::MemPool<Number> pool(runtime, "numbers");
  const auto use = [&] {
    pool.give_back(pool.take());
    number.add();
    pool.give_back(pool.take());
  };
  EXPECT_THAT(race_of(use, use), StartsWith("race: "));
}

TEST_F(Race, AStackThatIsUsedAgainIsNew) {
  const auto use = [] { std::ignore = specimens::use_stack(1); };
  EXPECT_THAT(run([&] {
                for (int i = 0; i < 4; ++i) {
                  runtime.spawn("user", use);
                  runtime.settle();
                }
              }),
              IsEmpty());
}

TEST_F(Race, TheMainTaskOfALaterRunIsOrderedAfterTheEarlierOne) {
  Number number;
  EXPECT_THAT(run([&] { number.add(); }), IsEmpty());
  EXPECT_THAT(run([&] { number.add(); }), IsEmpty());
}

// More tasks than there are slots: a report still names the right one.
TEST_F(Race, TasksThatHaveEndedGiveTheirSlotsToOthers) {
  Number number;
  const std::string report = run([&] {
    for (int i = 0; i < 1000; ++i) {
      runtime.spawn("other", [] { std::ignore = specimens::use_stack(1); });
      runtime.settle();
    }
    runtime.spawn("culprit", [&] { number.add(); });
    runtime.settle();
    number.add();
  });
  EXPECT_THAT(report, HasSubstr("write by task 1002 'culprit' (process)"));
}

}  // namespace
