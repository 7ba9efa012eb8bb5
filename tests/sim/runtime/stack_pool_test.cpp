// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/runtime/stack_pool.h"

#include <gtest/gtest.h>
#include <memory>
#include <thread>
#include <vector>

#include "sim/machine/machine.h"
#include "sim/runtime/fiber.h"

namespace {

using boost::context::stack_context;
using sim::Fiber;
using sim::PooledStack;

TEST(StackPool, AStackThatIsGivenBackIsTheNextOneTaken) {
  PooledStack pool;
  stack_context first = pool.allocate();
  void* const top = first.sp;
  pool.deallocate(first);
  stack_context second = pool.allocate();
  EXPECT_EQ(second.sp, top);
  pool.deallocate(second);
}

TEST(StackPool, StacksInUseDiffer) {
  PooledStack pool;
  stack_context first = pool.allocate();
  stack_context second = pool.allocate();
  EXPECT_NE(first.sp, second.sp);
  EXPECT_GE(first.size, PooledStack::bytes);
  pool.deallocate(first);
  pool.deallocate(second);
}

TEST(StackPool, AnotherThreadDoesNotGetWhatThisOneKeeps) {
  PooledStack pool;
  stack_context mine = pool.allocate();
  void* const top = mine.sp;
  pool.deallocate(mine);
  std::thread([&] {
    stack_context other = pool.allocate();
    EXPECT_NE(other.sp, top);
    pool.deallocate(other);
  }).join();
}

TEST(StackPool, SixtyFourStacksAreKept) {
  PooledStack pool;
  std::vector<stack_context> stacks;
  stacks.reserve(100);
  for (int i = 0; i < 100; ++i) stacks.push_back(pool.allocate());
  void* const last_kept = stacks[63].sp;
  for (stack_context& stack : stacks) pool.deallocate(stack);
  stack_context again = pool.allocate();
  EXPECT_EQ(again.sp, last_kept);
  pool.deallocate(again);
}

TEST(StackPoolDeathTest, TheEndOfAReusedStackIsGuarded) {
  PooledStack pool;
  stack_context stack = pool.allocate();
  pool.deallocate(stack);
  stack = pool.allocate();
  volatile char* const below = static_cast<char*>(stack.sp) - stack.size;
  EXPECT_DEATH(*below = 1, "");
  pool.deallocate(stack);
}

TEST(StackPool, AMachineMayEndOnAnotherThread) {
  auto machine = std::make_unique<sim::Machine>();
  machine->run([] {});
  std::thread([&] { machine.reset(); }).join();
  sim::Machine another;
  another.run([] {});
}

// As the objects of a thread are destroyed in the reverse order of their construction, this fiber ends after
// the stacks that its thread keeps.
TEST(StackPool, AFiberMayEndAfterTheStacksOfItsThread) {
  bool unwound = false;
  std::thread([&] {
    struct Late {
      std::unique_ptr<Fiber> fiber;
      bool* unwound = nullptr;
      ~Late() {
        fiber.reset();
        *unwound = true;
      }
    };
    thread_local Late late;
    late.unwound = &unwound;
    late.fiber = std::make_unique<Fiber>([] {
      for (;;) late.fiber->leave();
    });
    late.fiber->enter();
  }).join();
  EXPECT_TRUE(unwound);
}

TEST(Fiber, IsUnwoundWhereItLeft) {
  bool unwound = false;
  std::unique_ptr<Fiber> fiber;
  fiber = std::make_unique<Fiber>([&] {
    try {
      for (;;) fiber->leave();
    } catch (const sim::FiberUnwind&) {
      unwound = true;
      throw;
    }
  });
  fiber->enter();
  fiber.reset();
  EXPECT_TRUE(unwound);
}

TEST(Fiber, ThatRestsIsToldToReturn) {
  int rounds = 0;
  bool returned = false;
  std::unique_ptr<Fiber> fiber;
  fiber = std::make_unique<Fiber>([&] {
    do {
      ++rounds;
    } while (fiber->rest());
    returned = true;
  });
  fiber->enter();
  fiber->enter();
  EXPECT_EQ(rounds, 2);
  fiber.reset();
  EXPECT_TRUE(returned);
}

}  // namespace
