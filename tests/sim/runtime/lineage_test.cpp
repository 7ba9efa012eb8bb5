// SPDX-License-Identifier: GPL-2.0-or-later
// Names of tasks: whose children they are, and that nothing unrelated changes them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "dmcore/kernel/timer.h"
#include "dmcore/kernel/workqueue.h"

#include "sim/runtime/deterministic.h"

#include "tests/rig/guide.h"
#include "tests/rig/scenario.h"

namespace {

using dmcore::Lineage;
using sim::Choice;
using sim::DeterministicRuntime;
using testing::Contains;
using testing::ElementsAre;
using testing::IsSubsetOf;
using testing::Not;

// The tasks of a run, in the order of their beginnings.
class Tasks final : public sim::Observer {
 public:
  void took_step(const Choice& step, dmcore::Time) override {
    if (step.next.point == dmcore::Point::begin && step.steps == 0) lineages.push_back(step.lineage);
  }
  [[nodiscard]] std::vector<std::string> names(const DeterministicRuntime& runtime) const {
    std::vector<std::string> names;
    for (const Lineage lineage : lineages) names.push_back(runtime.lineages().text(lineage));
    return names;
  }
  std::vector<Lineage> lineages;
};

std::vector<std::string> tasks_of(const std::function<void(DeterministicRuntime&)>& body) {
  DeterministicRuntime runtime;
  Tasks tasks;
  runtime.set_observer(tasks);
  runtime.run([&] { body(runtime); });
  return tasks.names(runtime);
}

TEST(Lineage, IsTheParentsAndANumberAmongChildrenOfTheName) {
  EXPECT_THAT(tasks_of([](DeterministicRuntime& runtime) {
                runtime.spawn("child", [&] { runtime.spawn("grandchild", [] {}); });
                runtime.spawn("child", [] {});
                runtime.settle();
              }),
              ElementsAre("main", "main > child", "main > child #2", "main > child > grandchild"));
}

TEST(Lineage, OfAWorkItemIsThatOfTheTaskThatQueuedIt) {
  EXPECT_THAT(tasks_of([](DeterministicRuntime& runtime) {
                dmcore::WorkQueue queue(runtime, "queue");
                dmcore::WorkItem item(runtime, "item", [] {});
                runtime.spawn("queues", [&] { queue.queue(item); });
                runtime.settle();
              }),
              ElementsAre("main", "main > queues", "main > queues > item"));
}

TEST(Lineage, OfATimersFunctionIsThatOfTheTaskThatArmedIt) {
  EXPECT_THAT(tasks_of([](DeterministicRuntime& runtime) {
                dmcore::Timer timer(runtime, "timer", [] {});
                runtime.spawn("arms", [&] { timer.modify(10); });
                runtime.sleep_for(std::chrono::seconds(1));
              }),
              ElementsAre("main", "main > arms", "main > arms > timer", "main > alarm"));
}

// Whether the item was pending already is another's doing.
TEST(Lineage, QueueingWhatIsPendingUsesUpANumber) {
  const auto second_time = [](bool pending_at_first) {
    return tasks_of([&](DeterministicRuntime& runtime) {
      dmcore::WorkQueue queue(runtime, "queue");
      dmcore::WorkItem item(runtime, "item", [] {});
      if (pending_at_first) runtime.spawn("other", [&] { queue.queue(item); });
      runtime.spawn("task", [&] {
        queue.queue(item);
        runtime.sleep_for(std::chrono::seconds(1));
        queue.queue(item);
      });
      runtime.sleep_for(std::chrono::seconds(2));
    });
  };
  EXPECT_THAT(second_time(false), Contains("main > task > item #2"));
  EXPECT_THAT(second_time(true), Contains("main > task > item #2"));
}

TEST(Lineage, IsNotKeptWithoutAWatcher) {
  DeterministicRuntime runtime;
  runtime.run([&] { EXPECT_EQ(runtime.lineage(), 0U); });
}

TEST(Lineage, DoesNotDependOnTheSchedule) {
  std::set<std::set<Lineage>> runs;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    DeterministicRuntime runtime(std::make_unique<test::AnyOrder>(seed, sim::Wants{}));
    Tasks tasks;
    runtime.set_observer(tasks);
    runtime.run([&] {
      for (int i = 0; i < 5; ++i) runtime.spawn("child", [&] { runtime.spawn("grandchild", [] {}); });
      runtime.settle();
    });
    runs.insert({tasks.lineages.begin(), tasks.lineages.end()});
  }
  EXPECT_EQ(runs.size(), 1U);
}

TEST(Lineage, OfAScenariosTasksDoesNotChangeWhenAnotherCommandIsTakenOut) {
  const std::string before =
      "disk loop0 4M\ndisk loop1 1M\ndisk loop2 1M\n"
      "dmsetup create clone --table '0 2048 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration'\n";
  const auto tasks_with = [&](const std::string& command) {
    test::Machine machine;
    Tasks tasks;
    machine.runtime().set_observer(tasks);
    test::run_scenario(machine, before + command + "\nwrite clone 100 3 B\n");
    return tasks.names(machine.runtime());
  };
  const std::vector<std::string> all = tasks_with("write clone 17 1 A");
  const std::vector<std::string> fewer = tasks_with("#");
  EXPECT_THAT(fewer, Contains("main > line 6 > kcopyd"));
  EXPECT_THAT(fewer, Not(Contains("main > line 5 > kcopyd")));
  EXPECT_THAT(fewer, IsSubsetOf(all));
}

}  // namespace
