// SPDX-License-Identifier: GPL-2.0-or-later
// Time as one of the things that a strategy chooses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/timer.h"

#include "tests/rig/bio.h"
#include "tests/rig/guide.h"

namespace {

using dmcore::Event;
using dmcore::Point;
using dmcore::TaskKind;
using sim::DeterministicRuntime;
using sim::Wants;
using std::chrono::seconds;
using testing::ElementsAre;

// The orders in which `body` appends to its argument, over many seeds.
using Order = std::vector<int>;
std::set<Order> orders(Wants wants, const std::function<void(DeterministicRuntime&, Order&)>& body) {
  std::set<Order> seen;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    DeterministicRuntime runtime(std::make_unique<test::AnyOrder>(seed, wants));
    Order order;
    runtime.run([&] { body(runtime, order); });
    seen.insert(order);
  }
  return seen;
}

void count_while_a_timer_is_armed(DeterministicRuntime& runtime, Order& order) {
  dmcore::Atomic<int> counter(runtime, 0);
  Event event("event", TaskKind::softirq, [&] { order.push_back(0); });
  runtime.post_at(event, seconds(1));
  for (int i = 1; i <= 2; ++i) {
    counter.inc();
    order.push_back(i);
  }
  while (order.size() < 3) runtime.sleep_for(seconds(2));
}

TEST(TimeAsAChoice, TheEarliestDeadlineMayComeAtAnyStep) {
  EXPECT_THAT(orders({.time = true}, count_while_a_timer_is_armed),
              ElementsAre(Order{0, 1, 2}, Order{1, 0, 2}, Order{1, 2, 0}));
}

TEST(TimeAsAChoice, IsNoneForAStrategyThatDoesNotWantIt) {
  EXPECT_THAT(orders({}, count_while_a_timer_is_armed), ElementsAre(Order{1, 2, 0}));
}

// Two deadlines, which append 1 and 2. Returns at what time the second came.
dmcore::Time two_deadlines(DeterministicRuntime& runtime, Order& order, dmcore::Duration apart,
                           const void* unordered = nullptr) {
  dmcore::Time second_at{0};
  Event first("first", TaskKind::softirq, [&] { order.push_back(1); });
  Event second("second", TaskKind::softirq, [&] {
    order.push_back(2);
    second_at = runtime.now();
  });
  first.unordered = second.unordered = unordered;
  runtime.post_at(first, seconds(1));
  runtime.post_at(second, seconds(1) + apart);
  while (order.size() < 2) runtime.sleep_for(seconds(10));
  return second_at;
}

TEST(TimeAsAChoice, EqualDeadlinesComeInAnyOrder) {
  EXPECT_THAT(
      orders({.time = true}, [](auto& runtime, Order& order) { two_deadlines(runtime, order, seconds(0)); }),
      ElementsAre(Order{1, 2}, Order{2, 1}));
}

TEST(TimeAsAChoice, ALaterDeadlineDoesNotComeBeforeItsTime) {
  orders({.time = true, .disk_order = true}, [](auto& runtime, Order& order) {
    EXPECT_GE(two_deadlines(runtime, order, seconds(1)), seconds(2));
  });
}

TEST(TimeAsAChoice, OfDeadlinesWithoutAnOrderALaterOneMayComeWithTheEarliest) {
  const int disk = 0;
  bool with_the_earliest = false;
  orders({.time = true, .disk_order = true}, [&](auto& runtime, Order& order) {
    with_the_earliest |= two_deadlines(runtime, order, seconds(1), &disk) == seconds(1);
  });
  EXPECT_TRUE(with_the_earliest);
}

TEST(TimeAsAChoice, PassesToTheDeadlineThatIsChosen) {
  test::GuidedMachine machine;
  machine.guide().run_until("main", test::before(Point::atomic)).run("event");
  machine.run([&] {
    dmcore::Atomic<int> counter(machine.runtime(), 0);
    Event event("event", TaskKind::softirq, [] {});
    machine.runtime().post_at(event, seconds(1));
    EXPECT_EQ(machine.runtime().now(), seconds(0));
    counter.inc();
    EXPECT_EQ(machine.runtime().now(), seconds(1));
  });
  EXPECT_TRUE(machine.guide().done());
}

TEST(TimeAsAChoice, ADisksRequestsCompleteInAnyOrder) {
  const auto orders_of_completion = [](Wants wants) {
    std::set<std::vector<bool>> seen;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      test::Machine machine(std::make_unique<test::AnyOrder>(seed, wants));
      sim::VirtualDisk& disk = machine.add_disk(64, {.timing = {.bytes_per_second = 1'000'000}});
      machine.run([&] {
        test::TestBio first(disk, dmcore::BioOp::write, 0, 8, 'A');
        test::TestBio second(disk, dmcore::BioOp::write, 32, 8, 'B');
        first.submit();
        second.submit();
        first.wait();
        const bool second_was_first = second.ended();
        second.wait();
        seen.insert({second_was_first});
      });
    }
    return seen.size();
  };
  EXPECT_EQ(orders_of_completion({.time = true, .disk_order = true}), 2U);
  EXPECT_EQ(orders_of_completion({}), 1U);
}

}  // namespace
