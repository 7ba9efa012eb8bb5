// SPDX-License-Identifier: GPL-2.0-or-later
// The order of steps and their races against the definition, which looks at every pair of steps.
#include "sim/schedules/happens_before.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "sim/generate/concurrent.h"
#include "sim/schedules/samplers.h"
#include "sim/schedules/scenario_run.h"
#include "sim/schedules/source_dpor.h"

#include "tests/sim/schedules/shown_engine.h"
#include "tests/sim/schedules/tiny_program.h"

namespace {

using dmcore::AccessKind;
using dmcore::Lineage;
using sim::schedules::HappensBefore;

using Races = std::vector<std::pair<std::size_t, std::size_t>>;

// Keeps all that happened in a run, and computes from the definitions.
class ByDefinition {
 public:
  static constexpr std::size_t steps_max = 4096;

  void took_step(Lineage task, const dmcore::Step& step) {
    Event event{task, step, std::exchange(next_knows_[task], {})};
    if (const auto last = last_of_.find(task); last != last_of_.end()) event.others.insert(last->second);
    last_of_[task] = events_.size();
    events_.push_back(std::move(event));
  }
  void turned_out(AccessKind kind) {
    if (!events_.empty()) events_.back().step.access.kind = kind;
  }
  void woken(Lineage task, Lineage by) {
    std::set<std::size_t>& knows = next_knows_[task];
    if (by == 0) {
      for (std::size_t event = 0; event < events_.size(); ++event) knows.insert(event);
      return;
    }
    const std::set<std::size_t> too = next_knows_[by];
    knows.insert(too.begin(), too.end());
    if (const auto last = last_of_.find(by); last != last_of_.end()) knows.insert(last->second);
  }
  void barrier() {
    for (auto& [task, knows] : next_knows_) {
      for (std::size_t event = 0; event < events_.size(); ++event) knows.insert(event);
    }
  }

  // After the last event.
  void finish() {
    for (Event& event : events_) {
      if (event.step.access.kind == AccessKind::dec_and_test) event.step.access.kind = AccessKind::last;
    }
    for (std::size_t second = 0; second < events_.size(); ++second) {
      Event& event = events_[second];
      for (std::size_t first = 0; first < second; ++first) {
        if (events_[first].task != event.task && comes_before(events_[first].step, event.step))
          event.conflicts.insert(first);
      }
      for (const std::set<std::size_t>* some : {&event.others, &event.conflicts}) {
        for (const std::size_t one : *some) event.before |= events_[one].before | bit(one);
      }
    }
  }
  [[nodiscard]] std::size_t size() const { return events_.size(); }
  [[nodiscard]] bool before(std::size_t first, std::size_t second) const {
    return events_[second].before.test(first);
  }
  [[nodiscard]] Races races() const {
    Races races;
    for (std::size_t second = 0; second < events_.size(); ++second) {
      for (const std::size_t first : events_[second].conflicts) {
        if (const auto race = race_of(first, second)) races.emplace_back(*race, second);
      }
    }
    std::sort(races.begin(), races.end());
    return races;
  }

 private:
  using Set = std::bitset<steps_max>;
  struct Event {
    Lineage task;
    dmcore::Step step;
    std::set<std::size_t> others;  // those that it comes after at once, whatever it touches
    std::set<std::size_t> conflicts = {};
    Set before = {};
  };

  static Set bit(std::size_t event) { return Set().set(event); }

  // Whether two of their accesses have an order, but for a wait that the second one ends.
  static bool comes_before(const dmcore::Step& first, const dmcore::Step& second) {
    constexpr std::array ends = {AccessKind::releases, AccessKind::decides_wait, AccessKind::last};
    for (const dmcore::Access& a : {first.access, first.also}) {
      for (const dmcore::Access& b : {second.access, second.also}) {
        const bool ended =
            a.kind == AccessKind::waits_next && std::find(ends.begin(), ends.end(), b.kind) != ends.end();
        if (dmcore::conflict(a, b) && !ended) return true;
      }
    }
    return false;
  }

  // Whether `first` comes before `second` also without the conflicts of that with `conflict` and with those
  // before it.
  [[nodiscard]] bool ordered_without(std::size_t conflict, std::size_t first, std::size_t second) const {
    const auto leads = [&](std::size_t next) { return next == first || before(first, next); };
    const Event& event = events_[second];
    return std::any_of(event.others.begin(), event.others.end(), leads) ||
           std::any_of(event.conflicts.upper_bound(conflict), event.conflicts.end(), leads);
  }

  // With which step `second` races because it conflicts with `first`.
  [[nodiscard]] std::optional<std::size_t> race_of(std::size_t first, std::size_t second) const {
    if (ordered_without(first, first, second)) return std::nullopt;
    const dmcore::Step& a = events_[first].step;
    const dmcore::Step& b = events_[second].step;
    if (b.access.kind == AccessKind::awaits) return std::nullopt;
    if (b.waits == nullptr || a.access.kind != AccessKind::releases) return first;
    // It takes a lock: its race is with who took it before.
    for (std::size_t taker = second; taker-- > 0;) {
      const dmcore::Step& step = events_[taker].step;
      const bool takes = step.access.kind == AccessKind::write &&
                         (step.point == dmcore::Point::spin_lock || step.point == dmcore::Point::mutex_lock);
      if (!takes || step.access.object != b.access.object || step.access.part != b.access.part) continue;
      if (ordered_without(first, taker, second)) return std::nullopt;
      return taker;
    }
    return std::nullopt;
  }

  std::vector<Event> events_;
  std::map<Lineage, std::size_t> last_of_;
  std::map<Lineage, std::set<std::size_t>> next_knows_;  // of each task that was seen, for its next step
};

// Time passes when no task can run, as SourceDpor has it.
class Both final : public sim::Observer {
 public:
  void took_step(const sim::Choice& step, dmcore::Time now) override {
    if (now != std::exchange(now_, now)) {
      order_.barrier();
      definition_.barrier();
    }
    order_.took_step(step.lineage, step.next);
    definition_.took_step(step.lineage, step.next);
  }
  void turned_out(AccessKind kind) override {
    order_.turned_out(kind);
    definition_.turned_out(kind);
  }
  void created(Lineage parent, Lineage child) override {
    order_.created(parent, child);
    definition_.woken(child, parent);
  }
  void woken(Lineage lineage, Lineage by) override {
    order_.woken(lineage, by);
    definition_.woken(lineage, by);
  }

  void begin() {
    order_.clear();
    definition_ = {};
    now_ = {};
  }
  // After a run: whether they agree. Returns how many races they have.
  std::size_t compare() {
    if (definition_.size() > ByDefinition::steps_max) return 0;
    order_.finish();
    definition_.finish();
    EXPECT_EQ(order_.size(), definition_.size());
    Races races;
    for (const HappensBefore::Race& race : order_.races()) races.emplace_back(race.first, race.second);
    std::sort(races.begin(), races.end());
    const Races expected = definition_.races();
    EXPECT_EQ(races, expected);
    std::size_t different = 0;
    for (HappensBefore::Number second = 0; second < order_.size(); ++second) {
      for (HappensBefore::Number first = 0; first < second; ++first) {
        if (order_.before(first, second) != definition_.before(first, second)) ++different;
      }
    }
    EXPECT_EQ(different, 0U);
    return expected.size();
  }

 private:
  HappensBefore order_;
  ByDefinition definition_;
  dmcore::Time now_{0};
};

TEST(HappensBefore, HasTheRacesOfTheDefinitionInTinyPrograms) {
  std::size_t races = 0;
  for (std::uint64_t seed = 1; seed <= 300 && !HasFailure(); ++seed) {
    for (const test::TinyProgram& program :
         {test::random_tiny_program(seed), test::random_waiting_program(seed)}) {
      SCOPED_TRACE(test::to_string(program));
      Both both;
      sim::schedules::RandomWalk engine(seed);
      test::ShownEngine shown(engine, both);
      both.begin();
      shown.begin();
      test::run_tiny_program(program, shown);
      races += both.compare();
    }
  }
  EXPECT_GT(races, 1000U);
}

TEST(HappensBefore, HasTheRacesOfTheDefinitionInRunsOfDevices) {
  std::size_t races = 0;
  for (std::uint64_t seed = 1; seed <= 40 && !HasFailure(); ++seed) {
    const std::string scenario = sim::generate::random_concurrent_workload(seed, 4);
    SCOPED_TRACE(scenario);
    sim::schedules::ScenarioRun run(scenario, {});
    Both both;
    sim::schedules::SourceDpor engine;
    test::ShownEngine shown(engine, both);
    for (unsigned runs = 0; runs < 3 && shown.begin(); ++runs) {
      both.begin();
      run.run(shown);
      shown.end();
      races += both.compare();
    }
  }
  EXPECT_GT(races, 1000U);
}

// What came after the place, tasks included, is forgotten.
TEST(HappensBefore, GoesBackToAPlace) {
  const int a = 0;
  const int b = 0;
  const auto step_on = [](const int& object) {
    dmcore::Step step;
    step.access = dmcore::writes(&object);
    return step;
  };
  const auto begin = [&](HappensBefore& order) {
    order.took_step(1, step_on(a));
    order.took_step(2, step_on(b));
  };
  const auto go_on = [&](HappensBefore& order) {
    order.created(2, 5);
    order.took_step(4, step_on(b));
    order.took_step(5, step_on(b));
    order.took_step(1, step_on(b));
    order.finish();
  };
  HappensBefore expected;
  begin(expected);
  go_on(expected);

  HappensBefore order;
  begin(order);
  const HappensBefore::Place place = order.place();
  order.created(1, 3);
  order.took_step(3, step_on(b));
  order.took_step(4, step_on(a));
  order.took_step(2, step_on(a));
  order.finish();
  order.back_to(place);
  go_on(order);
  EXPECT_EQ(order.fingerprint(), expected.fingerprint());
  const auto races_of = [](const HappensBefore& of) {
    Races races;
    for (const HappensBefore::Race& race : of.races()) races.emplace_back(race.first, race.second);
    return races;
  };
  EXPECT_EQ(races_of(order), races_of(expected));
  EXPECT_EQ(order.size(), expected.size());
}

}  // namespace
