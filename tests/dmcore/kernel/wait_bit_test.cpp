// SPDX-License-Identifier: GPL-2.0-or-later
// Tasks that wait for a bit.
#include "dmcore/kernel/wait_bit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <vector>

#include "tests/rig/guide.h"

namespace {

using dmcore::Point;
using testing::ElementsAre;
using testing::IsEmpty;

enum class Bit : std::uint8_t { first, second };

class WaitBit : public testing::Test {
 protected:
  test::GuidedMachine machine{sim::Wants{}};
  dmcore::BitWaits& waits = machine.kernel().bit_waits();
  dmcore::AtomicFlags<Bit> flags{machine.runtime()};
};

TEST_F(WaitBit, OnlyThoseThatWaitForTheBitAreWoken) {
  machine.run([&] {
    flags.set(Bit::first);
    flags.set(Bit::second);
    auto first = machine.host().start("first", [&] { waits.wait_clear(flags, Bit::first, "first"); });
    auto second = machine.host().start("second", [&] { waits.wait_clear(flags, Bit::second, "second"); });
    machine.runtime().settle();
    flags.clear(Bit::first);
    waits.wake(&flags, Bit::first);
    first.wait();
    EXPECT_FALSE(second.ended());
    flags.clear(Bit::second);
    waits.wake(&flags, Bit::second);
    second.wait();
  });
}

TEST_F(WaitBit, ABitIsGivenToOneOfThoseThatWantToSetIt) {
  std::vector<int> order;
  machine.run([&] {
    flags.set(Bit::first);
    const auto owner = [&](int number) {
      return machine.host().start("owner", [&, number] {
        waits.wait_set(flags, Bit::first, "bit");
        order.push_back(number);
      });
    };
    auto one = owner(1);
    auto two = owner(2);
    machine.runtime().settle();
    EXPECT_THAT(order, IsEmpty());
    for (int i = 0; i < 2; ++i) {
      flags.clear(Bit::first);
      waits.wake(&flags, Bit::first);
      machine.runtime().settle();
    }
    one.wait();
    two.wait();
  });
  EXPECT_THAT(order, ElementsAre(1, 2));
}

// The window between the bit and the wake-up: the waiter finds the bit clear, and destroys the object.
TEST_F(WaitBit, TheObjectMayBeGoneWhenItsWaitersAreWoken) {
  auto object = std::make_unique<dmcore::AtomicFlags<Bit>>(machine.runtime());
  machine.guide().run_until("clearer", test::before(Point::wake, "bit waits")).run("user").run("clearer");
  machine.run([&] {
    object->set(Bit::first);
    auto clearer = machine.host().start("clearer", [&] {
      const auto* address = object.get();
      object->clear(Bit::first);
      waits.wake(address, Bit::first);
    });
    auto user = machine.host().start("user", [&] {
      waits.wait_clear(*object, Bit::first, "bit");
      object.reset();
    });
    clearer.wait();
    user.wait();
  });
  EXPECT_EQ(object, nullptr);
  EXPECT_TRUE(machine.guide().done());
}

// The waiters find the bit clear by themselves while another task is about to wake them.
TEST_F(WaitBit, TheQueueStaysWhileItsWaitersAreWoken) {
  machine.guide()
      .run_until("waiter", test::before(Point::flag, {}, 3))
      .run_until("clearer", test::before(Point::wake, "first"))
      .run("waiter")
      .run("clearer");
  machine.run([&] {
    flags.set(Bit::first);
    auto waiter = machine.host().start("waiter", [&] { waits.wait_clear(flags, Bit::first, "first"); });
    auto clearer = machine.host().start("clearer", [&] {
      flags.clear(Bit::first);
      waits.wake(&flags, Bit::first);
    });
    waiter.wait();
    clearer.wait();
  });
  EXPECT_TRUE(machine.guide().done());
}

}  // namespace
