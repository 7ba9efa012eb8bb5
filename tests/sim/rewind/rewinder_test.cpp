// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/rewind/rewinder.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "dmcore/kernel/zeroed_memory.h"

#include "sim/runtime/fiber.h"

namespace {

using sim::rewind::Outside;
using sim::rewind::Rewinder;

class RewinderTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!sim::rewind::supported()) GTEST_SKIP() << "not with this build's operator new";
  }
};

TEST_F(RewinderTest, ContinuesAtTheMarkWithWhatWasThere) {
  int begun = 0;
  int sum = 0;
  const auto rewinder = Rewinder::create([&](Rewinder& self) {
    ++begun;
    std::map<int, std::string> numbers{{1, "one"}, {2, "two"}};
    int on_stack = 10;
    self.mark();
    // Whatever the run before has done.
    sum += on_stack + static_cast<int>(numbers.size());
    on_stack = 1000;
    for (int i = 0; i < 100; ++i) numbers[i] = std::string(100, 'x');
    numbers.erase(2);
  });
  for (int run = 0; run < 5; ++run) rewinder->run();
  EXPECT_EQ(begun, 1);
  EXPECT_EQ(sum, 5 * 12);
}

TEST_F(RewinderTest, ContinuesAtAnyOfItsMarksAndForgetsThoseAfterIt) {
  std::vector<std::string> seen;
  seen.reserve(100);
  const auto rewinder = Rewinder::create([&](Rewinder& self) {
    std::string text = "begun";
    for (const char* word : {", one", ", two", ", three"}) {
      self.mark();
      text += word;
    }
    const Outside outside;
    seen.emplace_back(text);
  });
  rewinder->run();
  EXPECT_EQ(rewinder->marks(), 3U);
  rewinder->run(2);
  EXPECT_EQ(rewinder->marks(), 3U);
  rewinder->run(1);
  EXPECT_EQ(rewinder->marks(), 3U);  // the last one was set again
  rewinder->run();
  EXPECT_EQ(seen, (std::vector<std::string>(4, "begun, one, two, three")));
}

TEST_F(RewinderTest, ALaterMarkHasWhatWasMadeUpToIt) {
  int steps = 0;
  int sum = 0;
  const auto rewinder = Rewinder::create([&](Rewinder& self) {
    std::vector<std::unique_ptr<int>> numbers;
    for (int i = 1; i <= 4; ++i) {
      self.mark();
      ++steps;
      numbers.push_back(std::make_unique<int>(i));
    }
    for (const auto& number : numbers) sum += *number;
  });
  rewinder->run();
  rewinder->run(3);
  rewinder->run(2);
  EXPECT_EQ(steps, 4 + 1 + 2);
  EXPECT_EQ(sum, 3 * 10);
}

TEST_F(RewinderTest, BeginsAnewWithoutAMark) {
  int begun = 0;
  const auto rewinder = Rewinder::create([&](Rewinder&) { ++begun; });
  for (int run = 0; run < 3; ++run) rewinder->run();
  EXPECT_EQ(begun, 3);
}

TEST_F(RewinderTest, RestoresTheStacksOfFibers) {
  std::vector<int> seen;
  seen.reserve(100);
  const auto rewinder = Rewinder::create([&](Rewinder& self) {
    sim::Fiber* own = nullptr;
    sim::Fiber fiber([&] {
      for (int i = 0;; ++i) {
        seen.push_back(i);
        own->leave();
      }
    });
    own = &fiber;
    fiber.enter();
    fiber.enter();
    self.mark();
    fiber.enter();
    fiber.enter();
    self.leave();
  });
  for (int run = 0; run < 3; ++run) rewinder->run();
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2, 3, 2, 3, 2, 3}));
}

TEST_F(RewinderTest, RestoresAFiberThatHasNotBegun) {
  int begun = 0;
  const auto rewinder = Rewinder::create([&](Rewinder& self) {
    sim::Fiber fiber([&] { ++begun; });
    self.mark();
    fiber.enter();
    self.leave();
  });
  for (int run = 0; run < 3; ++run) rewinder->run();
  EXPECT_EQ(begun, 3);
}

TEST_F(RewinderTest, MarksAndLeavesOnTheStackOfAFiber) {
  int ends = 0;
  int marks = 0;
  const auto rewinder = Rewinder::create([&](Rewinder& self) {
    sim::Fiber fiber([&] {
      const auto kept = std::make_unique<int>(7);
      ++marks;
      self.mark();
      ends += *kept;
      *kept = 0;
      self.leave();
    });
    fiber.enter();
  });
  for (int run = 0; run < 3; ++run) rewinder->run();
  EXPECT_EQ(marks, 1);
  EXPECT_EQ(ends, 3 * 7);
}

TEST_F(RewinderTest, RestoresArraysOfZeroes) {
  std::vector<std::uint64_t> seen;
  seen.reserve(10);
  const auto rewinder = Rewinder::create([&](Rewinder& self) {
    const auto before = dmcore::zeroed_words(100'000);
    before[99'999] = 1;
    self.mark();
    const auto after = dmcore::zeroed_words(100'000);
    seen.push_back(before[99'999]++ + after[5]++);
  });
  for (int run = 0; run < 3; ++run) rewinder->run();
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{1, 1, 1}));
}

TEST_F(RewinderTest, PassesOnWhatIsThrown) {
  int runs = 0;
  const auto rewinder = Rewinder::create([&](Rewinder& self) {
    self.mark();
    ++runs;
    const Outside outside;
    throw std::runtime_error("a text that is too long for the string to hold it without memory");
  });
  for (int run = 0; run < 2; ++run) EXPECT_THROW(rewinder->run(), std::runtime_error);
  EXPECT_EQ(runs, 2);
}

TEST_F(RewinderTest, SeveralTakeTurns) {
  std::vector<int> seen;
  const auto counts = [&seen](int from) {
    return Rewinder::create([&seen, from](Rewinder& self) {
      const auto number = std::make_unique<int>(from);
      self.mark();
      const Outside outside;
      seen.push_back((*number)++);
    });
  };
  const auto one = counts(1);
  const auto two = counts(2);
  for (int run = 0; run < 2; ++run) {
    one->run();
    two->run();
  }
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 1, 2}));
}

}  // namespace
