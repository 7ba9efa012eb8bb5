// SPDX-License-Identifier: GPL-2.0-or-later
// Who gets an rw-semaphore when it is released: as in kernel/locking/rwsem.c.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <vector>

#include "dmcore/kernel/lock.h"

#include "tests/rig/guide.h"

namespace {

using dmcore::Point;
using testing::ElementsAre;

class RwSemaphore : public testing::Test {
 protected:
  // Takes the lock, notes the name, and lets others run before it releases it.
  auto writer(const std::string& name) {
    return machine.host().start(name, [this, name] {
      const dmcore::WriteGuard guard(lock);
      order.push_back(name);
      machine.runtime().settle();
    });
  }
  auto reader(const std::string& name) {
    return machine.host().start(name, [this, name] {
      const dmcore::ReadGuard guard(lock);
      order.push_back(name);
      machine.runtime().settle();
    });
  }

  test::GuidedMachine machine{sim::Wants{}};
  dmcore::RwSemaphore lock{machine.runtime(), "semaphore"};
  std::vector<std::string> order;
};

TEST_F(RwSemaphore, IsGivenToAllReadersInTheQueueIfOneIsTheFirst) {
  machine.run([&] {
    auto holder = writer("writer");
    auto first = reader("first reader");
    auto second = writer("second writer");
    auto third = reader("second reader");
    for (auto* task : {&holder, &first, &second, &third}) task->wait();
  });
  EXPECT_THAT(order, ElementsAre("writer", "first reader", "second reader", "second writer"));
}

TEST_F(RwSemaphore, ReadersWaitBehindAWriter) {
  machine.run([&] {
    auto holder = reader("reader");
    auto waiting = writer("writer");
    auto later = reader("later reader");
    for (auto* task : {&holder, &waiting, &later}) task->wait();
  });
  EXPECT_THAT(order, ElementsAre("reader", "writer", "later reader"));
}

// A woken writer must take the lock itself.
TEST_F(RwSemaphore, MayBeTakenByAReaderBeforeTheWokenWriterRuns) {
  machine.guide()
      .run_until("thief", test::before(Point::rwsem_lock, "semaphore"))
      .run_until("holder", test::before(Point::rwsem_unlock, "semaphore"))
      .run("waiting")
      .run("holder")
      .run("thief");
  const auto taker = [this](const std::string& name, auto guard_of) {
    return machine.host().start(name, [this, name, guard_of] {
      const auto guard = guard_of(lock);
      order.push_back(name);
    });
  };
  const auto for_reading = [](dmcore::RwSemaphore& semaphore) { return dmcore::ReadGuard(semaphore); };
  const auto for_writing = [](dmcore::RwSemaphore& semaphore) { return dmcore::WriteGuard(semaphore); };
  machine.run([&] {
    auto thief = taker("thief", for_reading);
    auto holder = taker("holder", for_writing);
    auto waiting = taker("waiting", for_writing);
    for (auto* task : {&thief, &holder, &waiting}) task->wait();
  });
  EXPECT_THAT(order, ElementsAre("holder", "thief", "waiting"));
  EXPECT_TRUE(machine.guide().done());
}

}  // namespace
