// SPDX-License-Identifier: GPL-2.0-or-later
// An observer sees what happens, whatever the strategy.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <utility>

#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/lock.h"

#include "sim/runtime/deterministic.h"

namespace {

using dmcore::Lineage;
using sim::DeterministicRuntime;
using testing::ElementsAre;

// What it sees, as text.
class Diary final : public sim::Observer {
 public:
  explicit Diary(const DeterministicRuntime& runtime) : runtime_(runtime) {}
  void took_step(const sim::Choice& step, dmcore::Time now) override {
    add("{} {} {}{}", name(step.lineage), step.steps, point_name(step.next.point),
        now.count() == 0 ? "" : fmt::format(" at {} ns", now.count()));
  }
  void created(Lineage parent, Lineage child) override { add("{} creates {}", name(parent), name(child)); }
  void blocked(Lineage task, const dmcore::Task& waits, const dmcore::Step& then) override {
    add("{} waits for {}, then: {}", name(task), waits.waiting_for.what, point_name(then.point));
  }
  void woken(Lineage task, Lineage by) override { add("{} wakes {}", name(by), name(task)); }
  void ended(Lineage task) override { add("{} ends", name(task)); }

  std::vector<std::string> lines;

 private:
  template <class... Words>
  void add(fmt::format_string<Words...> format, Words&&... words) {
    lines.push_back(fmt::format(format, std::forward<Words>(words)...));
  }
  [[nodiscard]] std::string name(Lineage lineage) const { return runtime_.lineages().text(lineage); }

  const DeterministicRuntime& runtime_;
};

struct Observed : testing::Test {
  Observed() { runtime.set_observer(diary); }
  DeterministicRuntime runtime;
  Diary diary{runtime};
};

TEST_F(Observed, EachStepIsSeenUnderAStrategyThatSeesNone) {
  runtime.run([&] {
    dmcore::Atomic<int> counter(runtime, 0);
    counter.inc();
    EXPECT_EQ(counter.read(), 1);
  });
  EXPECT_THAT(diary.lines,
              ElementsAre(" creates main", "main 0 begin", "main 1 atomic", "main 2 atomic", "main ends"));
}

TEST_F(Observed, WhoWaitsAndWhoWakes) {
  dmcore::Mutex mutex(runtime, "mutex");
  runtime.run([&] {
    mutex.lock();
    runtime.spawn("second", [&] { const dmcore::MutexGuard guard(mutex); });
    runtime.sleep_for(std::chrono::nanoseconds(5));
    diary.lines.clear();
    mutex.unlock();
    runtime.settle();
  });
  EXPECT_THAT(diary.lines,
              ElementsAre("main 3 mutex_unlock at 5 ns", "main wakes main > second",
                          "main waits for settle, then: resume", "main > second 2 mutex_lock at 5 ns",
                          "main > second 3 mutex_unlock at 5 ns", "main > second ends", " wakes main",
                          "main 4 resume at 5 ns", "main ends"));
}

// Otherwise what the other task does meanwhile would seem to come after the step.
TEST(ObservedSchedule, AStepIsSeenWhenItIsTakenNotBeforeATaskIsPreempted) {
  bool preempts = false;
  class WhenTold final : public sim::BlindStrategy {
   public:
    explicit WhenTold(bool& told) : told_(told) {}
    std::size_t pick(std::size_t) override { return 0; }
    [[nodiscard]] bool preemptive() const override { return true; }
    bool preempt() override { return std::exchange(told_, false); }

   private:
    bool& told_;
  };
  DeterministicRuntime runtime(std::make_unique<WhenTold>(preempts));
  Diary diary(runtime);
  runtime.set_observer(diary);
  dmcore::Atomic<int> counter(runtime, 0);
  int seen = 0;
  runtime.run([&] {
    runtime.spawn("second", [&] { counter.inc(); });
    preempts = true;
    seen = counter.read();
  });
  EXPECT_EQ(seen, 1);
  std::erase_if(diary.lines,
                [](const std::string& line) { return line.find("atomic") == std::string::npos; });
  EXPECT_THAT(diary.lines, ElementsAre("main > second 1 atomic", "main 2 atomic"));
}

}  // namespace
