// SPDX-License-Identifier: GPL-2.0-or-later
// What a pool finds of objects that are used after they were given back.
#include "dmcore/kernel/mempool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/runtime/deterministic.h"

namespace {

using sim::DeterministicRuntime;
using testing::HasSubstr;

struct Object {
  std::uint64_t number = 7;
  std::uint32_t other = 8;
};
using Pool = dmcore::MemPool<Object>;

// The report of a machine that `use` of a pool stops, or the pool's end.
template <class Use>
std::string report_of(Use use) {
  DeterministicRuntime runtime;
  try {
    runtime.run([&] {
      Pool pool(runtime, "thing");
      use(pool);
    });
  } catch (const sim::MachineStopped& stopped) {
    return stopped.what();
  }
  return {};
}

// A write that the sanitizers would report first.
void __attribute__((no_sanitize("address"))) write_late(Object* object) {
  static_cast<volatile Object*>(object)->other = 9;
}

TEST(MemPool, MakesANewObjectWhereOneWasGivenBack) {
  DeterministicRuntime runtime;
  Pool pool(runtime, "thing");
  Object* first = pool.take();
  first->number = 1;
  pool.give_back(first);
  Object* second = pool.take();
  EXPECT_EQ(second, first);
  EXPECT_EQ(second->number, 7U);
  EXPECT_EQ(pool.out(), 1U);
}

TEST(MemPool, StopsTheMachineIfItIsDestroyedBeforeItsObjectsWereGivenBack) {
  EXPECT_THAT(report_of([](Pool& pool) { (void)pool.take(); }),
              HasSubstr("'thing' is destroyed before its objects were given back"));
}

TEST(MemPool, StopsTheMachineIfAnObjectWasWrittenToAfterItWasGivenBack) {
  EXPECT_THAT(report_of([](Pool& pool) {
                Object* object = pool.take();
                pool.give_back(object);
                write_late(object);
                (void)pool.take();
              }),
              HasSubstr("an object of 'thing' was written to after it was given back, at byte 8 of 16"));
}

TEST(MemPool, StopsTheMachineAtThePoolsEndIfAnObjectWasWrittenToAfterItWasGivenBack) {
  EXPECT_THAT(report_of([](Pool& pool) {
                Object* object = pool.take();
                pool.give_back(object);
                write_late(object);
              }),
              HasSubstr("was written to after it was given back"));
}

TEST(MemPool, StopsTheMachineIfAnObjectIsGivenBackTwice) {
  EXPECT_THAT(report_of([](Pool& pool) {
                Object* object = pool.take();
                pool.give_back(object);
                pool.give_back(object);
              }),
              HasSubstr("an object of 'thing' is given back twice"));
}

// mempool_alloc(): while memory is short.
TEST(MemPool, WhoFindsTheReserveInUseWaitsUntilAnObjectIsGivenBack) {
  DeterministicRuntime runtime;
  Pool pool(runtime, "thing", 2);
  runtime.set_memory_short(true);
  bool taken = false;
  runtime.run([&] {
    Object* const first = pool.take_or_wait();
    Object* const second = pool.take_or_wait();
    runtime.spawn("third", [&] {
      pool.give_back(pool.take_or_wait());
      taken = true;
    });
    runtime.settle();
    EXPECT_FALSE(taken);
    pool.give_back(first);
    runtime.settle();
    EXPECT_TRUE(taken);
    pool.give_back(second);
  });
}

TEST(MemPool, GrowsWhileMemoryIsNotShort) {
  DeterministicRuntime runtime;
  Pool pool(runtime, "thing", 1);
  runtime.run([&] {
    Object* const first = pool.take_or_wait();
    Object* const second = pool.take_or_wait();
    pool.give_back(first);
    pool.give_back(second);
  });
}

}  // namespace
