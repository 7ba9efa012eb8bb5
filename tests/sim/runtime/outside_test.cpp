// SPDX-License-Identifier: GPL-2.0-or-later
// A machine that waits for events from outside, and the clocks by which its time passes.
#include "sim/runtime/outside.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <thread>
#include <unistd.h>

#include "dmcore/kernel/timer.h"
#include "dmcore/kernel/wait.h"

#include "sim/runtime/deterministic.h"

namespace {

using dmcore::Completion;
using dmcore::Time;
using sim::Clock;
using sim::DeterministicRuntime;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

// A host whose time passes only while the machine waits, and what arrives at which of its times.
class Host final : public sim::OutsideEvents {
 public:
  void arrives(nanoseconds when, std::function<void()> what) { events_.emplace(when, std::move(what)); }
  Clock clock(double speed) {
    return Clock::scaled(speed, [this] { return now; });
  }

  bool handle(std::optional<Wait> at_most) override {
    if (!at_most || *at_most != Wait(0)) ++waits;
    const nanoseconds end = at_most ? now + *at_most : nanoseconds::max();
    if (events_.empty() || events_.begin()->first > end) {
      now = end;
      return false;
    }
    auto event = events_.extract(events_.begin());
    now = std::max(now, event.key());
    event.mapped()();
    return true;
  }
  [[nodiscard]] bool expected() const override { return !events_.empty(); }

  nanoseconds now{seconds(1000)};
  unsigned waits = 0;

 private:
  std::multimap<nanoseconds, std::function<void()>> events_;
};

TEST(Outside, ATaskThatWaitsForAnEventIsNotHung) {
  DeterministicRuntime runtime;
  Host host;
  Completion arrived(runtime, "request");
  host.arrives(seconds(2000), [&] { arrived.complete(); });
  runtime.set_outside(&host);
  runtime.run([&] { arrived.wait(); });
  EXPECT_EQ(runtime.now(), Time(0));
}

TEST(Outside, AMachineIsHungIfNothingCanArrive) {
  DeterministicRuntime runtime;
  Host host;
  Completion arrived(runtime, "request");
  runtime.set_outside(&host);
  try {
    runtime.run([&] { arrived.wait(); });
    FAIL();
  } catch (const sim::MachineStopped& stopped) {
    EXPECT_THAT(stopped.what(), HasSubstr("waits for wait queue 'request'"));
  }
}

TEST(Outside, VirtualTimeJumpsIfNothingHasArrived) {
  DeterministicRuntime runtime;
  Host host;
  runtime.set_outside(&host);
  runtime.run([&] { runtime.sleep_for(seconds(100)); });
  EXPECT_EQ(runtime.now(), seconds(100));
  EXPECT_EQ(host.waits, 0U);
}

TEST(Outside, WhatHasArrivedComesBeforeTimeJumps) {
  DeterministicRuntime runtime;
  Host host;
  std::vector<Time> times;
  host.arrives(seconds(0), [&] { runtime.spawn("request", [&] { times.push_back(runtime.now()); }); });
  runtime.set_outside(&host);
  runtime.run([&] {
    runtime.sleep_for(seconds(100));
    times.push_back(runtime.now());
  });
  EXPECT_THAT(times, ElementsAre(seconds(0), seconds(100)));
}

TEST(Outside, PeriodicWorkDoesNotKeepTheMachineFromWaiting) {
  DeterministicRuntime runtime;
  Host host;
  Completion arrived(runtime, "request");
  host.arrives(seconds(2000), [&] { arrived.complete(); });
  unsigned ticks = 0;
  dmcore::Timer* self = nullptr;
  dmcore::Timer timer(
      runtime, "periodic",
      [&] {
        ++ticks;
        self->modify(runtime.jiffies() + dmcore::hz);
      },
      true);
  self = &timer;
  runtime.set_outside(&host);
  runtime.run([&] {
    timer.modify(dmcore::hz);
    arrived.wait();
    timer.cancel();
  });
  EXPECT_GT(ticks, 1U);
  EXPECT_EQ(host.waits, 1U);
}

TEST(Outside, RealTimeIsWaitedFor) {
  DeterministicRuntime runtime;
  Host host;
  runtime.set_outside(&host, host.clock(1));
  runtime.run([&] { runtime.sleep_for(seconds(5)); });
  EXPECT_EQ(runtime.now(), seconds(5));
  EXPECT_EQ(host.now, seconds(1005));
}

TEST(Outside, ScaledTimePassesFaster) {
  DeterministicRuntime runtime;
  Host host;
  runtime.set_outside(&host, host.clock(10));
  runtime.run([&] { runtime.sleep_for(seconds(5)); });
  EXPECT_EQ(runtime.now(), seconds(5));
  EXPECT_EQ(host.now, seconds(1000) + milliseconds(500));
}

TEST(Outside, AnEventComesAtItsTimeOfTheClock) {
  DeterministicRuntime runtime;
  Host host;
  std::vector<Time> times;
  host.arrives(seconds(1002), [&] { runtime.spawn("request", [&] { times.push_back(runtime.now()); }); });
  runtime.set_outside(&host, host.clock(1));
  runtime.run([&] {
    runtime.sleep_for(seconds(5));
    times.push_back(runtime.now());
  });
  EXPECT_THAT(times, ElementsAre(seconds(2), seconds(5)));
}

// A slow host does not make the machine's time wait.
TEST(Outside, WhatIsOverdueRunsAtOnce) {
  DeterministicRuntime runtime;
  Host host;
  runtime.set_outside(&host, host.clock(1));
  host.now += seconds(10);
  runtime.run([&] { runtime.sleep_for(seconds(5)); });
  EXPECT_EQ(runtime.now(), seconds(10));
  EXPECT_EQ(host.waits, 0U);
}

TEST(RunUntilIdle, RunsWhatCanRunWithoutLettingTimePass) {
  DeterministicRuntime runtime;
  std::vector<int> order;
  runtime.spawn("task", [&] {
    order.push_back(1);
    runtime.settle();
    order.push_back(2);
    runtime.sleep_for(seconds(3));
    order.push_back(3);
  });
  EXPECT_EQ(runtime.run_until_idle(), std::optional<Time>(seconds(3)));
  EXPECT_THAT(order, ElementsAre(1, 2));
  runtime.pass_time(seconds(3));
  EXPECT_EQ(runtime.run_until_idle(), std::nullopt);
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(RunUntilIdle, PassesOnWhatATaskThrows) {
  DeterministicRuntime runtime;
  runtime.spawn("task", [] { throw std::runtime_error("oh"); });
  EXPECT_THROW(runtime.run_until_idle(), std::runtime_error);
}

class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe(ends_), 0); }
  ~Pipe() {
    close(ends_[0]);
    close(ends_[1]);
  }
  [[nodiscard]] int reader() const { return ends_[0]; }
  void write(char letter) const { EXPECT_EQ(::write(ends_[1], &letter, 1), 1); }
  [[nodiscard]] char read() const {
    char letter = 0;
    EXPECT_EQ(::read(ends_[0], &letter, 1), 1);
    return letter;
  }

 private:
  int ends_[2]{};
};

TEST(Descriptors, WakeATaskOfTheMachine) {
  DeterministicRuntime runtime;
  sim::Descriptors descriptors;
  const Pipe pipe;
  Completion arrived(runtime, "request");
  char letter = 0;
  descriptors.watch(pipe.reader(), POLLIN, [&](short events) {
    EXPECT_NE(events & POLLIN, 0);
    letter = pipe.read();
    arrived.complete();
  });
  runtime.set_outside(&descriptors);
  pipe.write('x');
  runtime.run([&] { arrived.wait(); });
  EXPECT_EQ(letter, 'x');
}

TEST(Descriptors, MayBeForgottenWhileTheyAreHandled) {
  sim::Descriptors descriptors;
  const Pipe first;
  const Pipe second;
  unsigned handled = 0;
  for (const Pipe* pipe : {&first, &second}) {
    pipe->write('x');
    descriptors.watch(pipe->reader(), POLLIN, [&](short) {
      ++handled;
      descriptors.forget(first.reader());
      descriptors.forget(second.reader());
    });
  }
  EXPECT_TRUE(descriptors.handle(std::nullopt));
  EXPECT_EQ(handled, 1U);
  EXPECT_FALSE(descriptors.expected());
}

TEST(Descriptors, AWaitIsInterruptedFromAnotherThread) {
  sim::Descriptors descriptors;
  const Pipe pipe;
  descriptors.watch(pipe.reader(), POLLIN, [](short) {});
  std::thread other([&] { descriptors.interrupt(); });
  EXPECT_FALSE(descriptors.handle(std::nullopt));
  other.join();
  EXPECT_FALSE(descriptors.handle(sim::OutsideEvents::Wait(0))) << "once";
}

}  // namespace
