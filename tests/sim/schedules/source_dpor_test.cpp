// SPDX-License-Identifier: GPL-2.0-or-later
// The reduced search against brute force, on programs that are small enough for it.
#include "sim/schedules/source_dpor.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <set>

#include "sim/schedules/few_deviations.h"

#include "tests/sim/schedules/tiny_program.h"

namespace {

using sim::schedules::SourceDpor;
using test::EveryChoice;
using test::TinyProgram;
using test::TinyRun;

struct Explored {
  std::map<std::uint64_t, std::uint64_t> classes;  // how often each was run
  std::set<std::string> seen;
  std::uint64_t runs = 0;
};

Explored explore(const TinyProgram& program, sim::schedules::Engine& engine,
                 std::uint64_t runs_max = std::numeric_limits<std::uint64_t>::max()) {
  Explored explored;
  while (explored.runs != runs_max && engine.begin()) {
    const TinyRun run = test::run_tiny_program(program, engine);
    engine.end();
    if (!run.whole) continue;
    ++explored.runs;
    ++explored.classes[run.fingerprint];
    explored.seen.insert(run.seen);
  }
  return explored;
}

// Whether a dec_and_test of another task was the last one is not known while that task sleeps: it may be run
// again.
bool counts_down(const TinyProgram& program) {
  return std::any_of(program.begin(), program.end(), [](const test::TinyTask& task) {
    return std::any_of(task.begin(), task.end(),
                       [](const std::string& word) { return word.starts_with("last"); });
  });
}

// A class that is run twice costs time, a class that is missed is a bug that is not found.
void compare(const TinyProgram& program) {
  SCOPED_TRACE(test::to_string(program));
  EveryChoice every;
  SourceDpor dpor;
  const Explored reduced = explore(program, dpor);
  EXPECT_EQ(reduced.seen, explore(program, every).seen);
  EveryChoice patient(EveryChoice::Locks::free);
  const Explored all = explore(program, patient);
  ASSERT_EQ(reduced.classes.size(), all.classes.size());
  for (const auto& [fingerprint, runs] : reduced.classes) {
    EXPECT_TRUE(all.classes.contains(fingerprint));
    EXPECT_TRUE(runs == 1 || counts_down(program)) << runs;
  }
}

TEST(SourceDpor, StepsThatTouchNothingInCommonAreRunInOneOrder) {
  SourceDpor dpor;
  EXPECT_EQ(explore({{"set a"}, {"set b"}}, dpor).runs, 1U);
}

TEST(SourceDpor, TwoWritesOfOneObjectAreRunInBothOrders) {
  SourceDpor dpor;
  EXPECT_EQ(explore({{"set a"}, {"set a"}}, dpor).runs, 2U);
}

TEST(SourceDpor, ChangesThatCommuteAreRunInOneOrder) {
  SourceDpor dpor;
  EXPECT_EQ(explore({{"inc a", "inc a"}, {"inc a", "inc a"}, {"inc a"}}, dpor).runs, 1U);
}

TEST(SourceDpor, AReaderSeesEachValueThatAnyScheduleGives) {
  const TinyProgram program = {{"inc a", "inc a"}, {"read a"}};
  SourceDpor dpor;
  EXPECT_EQ(explore(program, dpor).seen, (std::set<std::string>{"; 2", "; 3", "; 4"}));
}

TEST(SourceDpor, OfTwoThatCountDownEachIsTheLastInSomeRun) {
  const TinyProgram program = {{"last a"}, {"last a"}};
  SourceDpor dpor;
  EXPECT_EQ(explore(program, dpor).seen, (std::set<std::string>{" last; not", " not; last"}));
}

// The last one comes after the two others, whichever of them was first.
TEST(SourceDpor, ThoseThatAreNotTheLastAreRunInOneOrder) {
  const TinyProgram program = {{"last a", "lock", "unlock"}, {"inc b", "last a"}};
  SourceDpor dpor;
  const Explored explored = explore(program, dpor);
  EXPECT_EQ(explored.runs, 2U);
  compare(program);
}

TEST(SourceDpor, TakesALockInBothOrders) {
  compare({{"lock", "set a", "unlock"}, {"lock", "read a", "unlock"}});
}

// Whether it has to be waited for cannot be seen.
TEST(SourceDpor, AWaitForACompletionIsRunInOneOrder) {
  const TinyProgram program = {{"set a", "complete"}, {"wait", "read a"}};
  SourceDpor dpor;
  EXPECT_EQ(explore(program, dpor).runs, 1U);
  compare(program);
}

void compare_seen(const TinyProgram& program, const std::set<std::string>& expected) {
  SCOPED_TRACE(test::to_string(program));
  EveryChoice every;
  SourceDpor dpor;
  EXPECT_EQ(explore(program, every).seen, expected);
  EXPECT_EQ(explore(program, dpor).seen, expected);
}

// That a lock is waited for is no schedule of its own.
TEST(SourceDpor, TriesToTakeALockOnlyWhenItIsFree) {
  SourceDpor dpor;
  EXPECT_EQ(explore({{"lock", "inc b", "unlock"}, {"lock", "inc b", "unlock"}}, dpor).runs, 2U);
}

// It sleeps after the wake-up, and before what it waits for: so that must be tried, although others wait as
// well.
TEST(SourceDpor, FindsALostWakeUp) {
  compare_seen({{"take bit", "clear late"}, {"await bit"}}, {";", "; waits"});
  compare_seen({{"take bit", "clear bit"}, {"await bit"}}, {";"});
}

TEST(SourceDpor, WhoIsTheLastMattersOnceTheFlagIsSet) {
  const TinyProgram program = {{"done a"}, {"done a"}};
  SourceDpor dpor;
  EXPECT_EQ(explore(program, dpor).runs, 1U);
  compare_seen({{"turn on", "complete", "done a"}, {"wait", "done a"}}, {" last;", "; last"});
}

TEST(SourceDpor, ThatOthersAreInsideMattersOnlyIfTheFlagIsSet) {
  SourceDpor dpor;
  EXPECT_EQ(explore({{"idle", "idle"}, {"enter", "enter"}}, dpor).runs, 1U);
  compare_seen({{"turn on", "idle"}, {"enter"}}, {" busy;", " idle;"});
}

// Between the look at the one and the look at the other.
TEST(SourceDpor, AFlagThatWasClearMayBeSetAfterAll) {
  compare_seen({{"enter", "turn on"}, {"idle"}}, {"; busy", "; idle"});
  compare_seen({{"idle"}, {"turn on", "turn off"}}, {" busy;", " idle;"});
  compare_seen({{"enter", "swap on"}, {"idle"}}, {" was off; busy", " was off; idle"});
}

TEST(SourceDpor, RandomProgramsWhoseFlagIsMostlyClearSeeWhatBruteForceSees) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const TinyProgram program = test::random_idle_program(seed);
    SCOPED_TRACE(test::to_string(program));
    EveryChoice every;
    SourceDpor dpor;
    EXPECT_EQ(explore(program, dpor).seen, explore(program, every).seen);
  }
}

// Without the mutex, while the bit is waited for, the other task comes in.
TEST(SourceDpor, ThatABitWasClearIsAsIfNoneHadComeIn) {
  compare_seen({{"mutex", "read a", "let in", "read a", "unmutex"},
                {"take bit", "clear bit", "mutex", "inc a", "unmutex"}},
               {" 2 2;", " 2 3;", " 3 3;"});
}

// The job is queued while it runs, or before, or after.
TEST(SourceDpor, AWorkItemThatIsQueuedAgainSeesWhatItSeesUnderAnySchedule) {
  compare_seen({{"queue", "inc a", "queue"}, {"inc a"}},
               {";; 2 3", ";; 2 4", ";; 3", ";; 3 3", ";; 3 4", ";; 4", ";; 4 4"});
}

bool waits_for_ever(const std::set<std::string>& seen) {
  return std::any_of(seen.begin(), seen.end(),
                     [](const std::string& one) { return one.find("waits") != std::string::npos; });
}

// Whether a wake-up comes before what is waited for: then a task may wait for ever.
bool wakes_early(const TinyProgram& program) {
  return std::any_of(program.begin(), program.end(), [](const test::TinyTask& task) {
    return std::any_of(task.begin(), task.end(),
                       [](const std::string& word) { return word.ends_with(" late"); });
  });
}

// What tasks see is what they see under all schedules, also those in which they wait. If a wake-up comes too
// early, that is seen; not what else could have happened. Returns how many programs were compared: some have
// too many schedules.
unsigned compare_waiting_programs(test::TinyProgram (*random_program)(std::uint64_t), std::uint64_t last) {
  constexpr std::uint64_t runs_max = 3000;
  unsigned compared = 0;
  for (std::uint64_t seed = 1; seed <= last; ++seed) {
    const TinyProgram program = random_program(seed);
    SCOPED_TRACE(test::to_string(program));
    EveryChoice every;
    SourceDpor dpor;
    const Explored all = explore(program, every, runs_max);
    if (all.runs == runs_max) continue;
    ++compared;
    const Explored reduced = explore(program, dpor);
    EXPECT_LE(reduced.runs, all.runs);
    if (!wakes_early(program)) {
      EXPECT_EQ(reduced.seen, all.seen);
      continue;
    }
    EXPECT_EQ(waits_for_ever(reduced.seen), waits_for_ever(all.seen));
    EXPECT_TRUE(std::includes(all.seen.begin(), all.seen.end(), reduced.seen.begin(), reduced.seen.end()));
  }
  return compared;
}

TEST(SourceDpor, RandomProgramsThatWaitSeeWhatBruteForceSees) {
  EXPECT_GE(compare_waiting_programs(test::random_waiting_program, 150), 60U);
}

TEST(SourceDpor, RandomProgramsThatWaitUntilNoneIsInsideSeeWhatBruteForceSees) {
  EXPECT_GE(compare_waiting_programs(test::random_emptying_program, 300), 60U);
}

TEST(SourceDpor, WhoOfThoseInsideLeavesLastMattersOnlyToOneThatWaits) {
  SourceDpor dpor;
  EXPECT_EQ(explore({{"enter", "leave last"}, {"enter", "leave last"}}, dpor).runs, 1U);
  compare_seen({{"enter", "inc a", "leave last"}, {"until none", "read a"}}, {"; 2", "; 3"});
}

TEST(SourceDpor, FindsAWakeUpBeforeTheLastHasLeft) {
  SourceDpor dpor;
  EXPECT_TRUE(waits_for_ever(explore({{"enter", "leave late"}, {"until none"}}, dpor).seen));
}

// Whether it had run before, nothing shows.
TEST(SourceDpor, WaitsForAWorkItemInOneOrder) {
  SourceDpor dpor;
  const Explored flushed = explore({{"queue", "flush", "inc a"}}, dpor);
  EXPECT_EQ(flushed.runs, 1U);
  EXPECT_EQ(flushed.seen, std::set<std::string>{"; 2"});
  compare_seen({{"queue", "inc a"}, {"flush", "inc a"}}, {";; 2", ";; 3", ";; 4"});
}

// As many as there are steps: every schedule.
TEST(FewDeviations, WithoutALimitHaveTheClassesOfBruteForce) {
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    const TinyProgram program = test::random_tiny_program(seed);
    SCOPED_TRACE(test::to_string(program));
    EveryChoice every;
    constexpr unsigned no_limit = 1000;
    sim::schedules::FewDeviations few(no_limit);
    const Explored all = explore(program, every);
    const Explored found = explore(program, few);
    EXPECT_EQ(found.seen, all.seen);
    EXPECT_EQ(found.classes.size(), all.classes.size());
  }
}

TEST(SourceDpor, RandomProgramsHaveTheClassesOfBruteForce) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    compare(test::random_tiny_program(seed));
  }
}

}  // namespace
