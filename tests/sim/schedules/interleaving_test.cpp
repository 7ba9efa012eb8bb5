// SPDX-License-Identifier: GPL-2.0-or-later
// What of a run a person is shown, and how.
#include "sim/schedules/interleaving.h"

#include <algorithm>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>

#include "sim/schedules/schedules.h"

#include "tests/sim/schedules/tiny_program.h"

namespace {

using sim::schedules::Deviating;
using sim::schedules::Interleaving;
using sim::schedules::ScheduleOptions;
using sim::schedules::ScheduleResult;
using sim::schedules::Trace;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

using Lines = std::vector<std::string>;

// "TASK: what it does in FILE", or "TASK[N]: ..." for a program. Which line of the file is left out, but not
// that there is one.
Lines lines_of(const Interleaving& interleaving) {
  Lines lines;
  for (const Interleaving::Line& line : interleaving.lines) {
    std::string text = interleaving.tasks[line.task].name;
    if (line.for_line != 0) text += fmt::format("[{}]", line.for_line);
    static const std::regex line_of_file("(\\.(?:cpp|h)):[1-9][0-9]*");
    text += ": " + std::regex_replace(line.text, line_of_file, "$1");
    lines.push_back(line.before == 0 ? text : text + " <");
  }
  return lines;
}

// Two writes of a part of one region, by a clone that does not wait for the copy.
class TwoWrites : public testing::Test {
 protected:
  static ScheduleResult explore(bool all_steps) {
    ScheduleOptions options;
    options.engine = sim::schedules::EngineKind::few;
    options.all_steps = all_steps;
    options.run.machine.defects.put_in(dmcore::Defect::write_past_copy);
    return explore_schedules(
        "disk m 4M\ndisk d 16\ndisk s 16\n"
        "dmsetup create c --table '0 16 clone /dev/m /dev/d /dev/s 8 1 no_hydration'\n"
        "write c 0 1 @A &\nwrite c 4 2 @B &\n",
        options);
  }
};

TEST_F(TwoWrites, StepsThatComeInAnotherOrderThanFirstInFirstOutAreShown) {
  const Lines lines = lines_of(explore(false).interleaving);
  EXPECT_THAT(lines,
              Contains("write c 4 2 @B: reads word 0 of the region bitmap in dmclone/clone_map.cpp <"));
  EXPECT_THAT(lines, Contains("kcopyd[5]: writes word 0 of the region bitmap in dmclone/metadata.cpp"));
  EXPECT_THAT(lines, Contains("disk I/O[6]: writes disk d <"));
  EXPECT_THAT(lines, Contains("disk I/O[5]: writes disk d"));
}

TEST_F(TwoWrites, StepsWhoseOrderIsTheSameAreLeftOutUnlessAllAreAskedFor) {
  const std::string step = "write c 0 1 @A: spin_lock 'clone hydration bucket' in dmclone/hydration_table.h";
  EXPECT_THAT(lines_of(explore(false).interleaving), Not(Contains(step)));
  EXPECT_THAT(lines_of(explore(true).interleaving), Contains(step));
}

TEST_F(TwoWrites, WhereATaskIsPassedOverIsShown) {
  EXPECT_THAT(lines_of(explore(false).interleaving),
              Contains("write c 0 1 @A: is passed over, at: changes atomic in dmclone/hydration.cpp; write c "
                       "4 2 @B goes first"));
}

TEST_F(TwoWrites, RequestsAreShownFromTheirBeginningToTheirEnd) {
  const Lines lines = lines_of(explore(false).interleaving);
  const auto begins =
      std::find(lines.begin(), lines.end(), "write c 4 2 @B: begins: write of c, sectors 4-5");
  const auto waits =
      std::find(lines.begin(), lines.end(), "write c 4 2 @B: waits for 'I/O' in dmcore/block/lib.cpp");
  const auto woken = std::find(lines.begin(), lines.end(), "disk completion[6]: wakes write c 4 2 @B");
  const auto ends = std::find(lines.begin(), lines.end(), "write c 4 2 @B: ends");
  EXPECT_LT(begins, waits);
  EXPECT_LT(waits, woken);
  EXPECT_LT(woken, ends);
  EXPECT_NE(ends, lines.end());
}

TEST_F(TwoWrites, NumbersAreOfStepsAndSayHowManyAreLeftOut) {
  const Interleaving interleaving = explore(false).interleaving;
  std::uint64_t last = 0;
  for (const Interleaving::Line& line : interleaving.lines) {
    EXPECT_EQ(line.step, last + line.left_out + (line.is_step ? 1 : 0));
    last = line.step;
  }
  EXPECT_LE(last, interleaving.steps);
}

TEST_F(TwoWrites, TheSameIsPrintedEachTime) {
  EXPECT_EQ(to_string(explore(true).interleaving, 0), to_string(explore(true).interleaving, 0));
}

TEST(InterleavingOfReads, SaysWhatWasRead) {
  ScheduleOptions options;
  options.run.machine.defects.put_in(dmcore::Defect::write_past_copy);
  options.shrink = false;
  const ScheduleResult result = explore_schedules(
      "disk m 4M\ndisk d 16\ndisk s 16\nwrite s 0 16 @S\n"
      "dmsetup create c --table '0 16 clone /dev/m /dev/d /dev/s 8 1 no_hydration'\n"
      "read c 8 8 &\nwrite c 0 1 @A &\nwrite c 4 2 @B &\n",
      options);
  EXPECT_THAT(lines_of(result.interleaving), Contains("read c 8 8: ends, has read @S"));
}

// At each step the task whose turn is the last one.
class LastFirst final : public sim::schedules::Engine {
 public:
  [[nodiscard]] sim::Wants wants() const override { return {}; }
  bool begin() override { return true; }
  std::size_t choose(const sim::Situation& situation) override { return situation.choices.size() - 1; }
};

// Beside first in, first out.
Interleaving tiny_interleaving(const test::TinyProgram& program) {
  const auto run = [&program](sim::schedules::Engine& engine, Trace& trace) {
    engine.begin();
    sim::schedules::Director director(engine, &trace);
    sim::DeterministicRuntime runtime(director.strategy());
    runtime.set_observer(director);
    trace.begin(runtime, [](const void*) { return std::string(); });
    test::perform(program, runtime, director);
    trace.end();
  };
  Trace fifo;
  Deviating in_turn({}, {});
  run(in_turn, fifo);
  Trace trace;
  LastFirst last_first;
  run(last_first, trace);
  return sim::schedules::interleaving_of(trace, fifo, {}, false);
}

TEST(InterleavingOfTinyPrograms, WhoHoldsALockIsNamed) {
  const Lines lines = lines_of(tiny_interleaving({{"lock", "inc a", "unlock"}, {"lock", "inc a", "unlock"}}));
  EXPECT_THAT(
      lines,
      Contains(
          "task 0: waits for spin lock 'tiny' in tests/sim/schedules/tiny_program.cpp, which task 1 holds"))
      << testing::PrintToString(lines);
}

TEST(InterleavingOfTinyPrograms, StepsOfWhichNoOrderCanBeSeenAreLeftOut) {
  const Lines lines = lines_of(tiny_interleaving({{"inc a"}, {"inc a"}}));
  EXPECT_THAT(lines,
              Not(Contains(testing::EndsWith(": changes atomic in tests/sim/schedules/tiny_program.cpp <"))))
      << testing::PrintToString(lines);
}

TEST(InterleavingOfTinyPrograms, AReadBeforeAWriteThatItWouldComeAfterIsShown) {
  const Lines lines = lines_of(tiny_interleaving({{"set a"}, {"read a"}}));
  EXPECT_THAT(lines, Contains("task 1: reads atomic in tests/sim/schedules/tiny_program.cpp <"))
      << testing::PrintToString(lines);
  EXPECT_THAT(lines, Contains("task 0: writes atomic in tests/sim/schedules/tiny_program.cpp"));
}

// Lines of a drawing.
Interleaving with_tasks(std::size_t tasks, std::size_t lines) {
  Interleaving interleaving;
  for (std::size_t i = 0; i < tasks; ++i) interleaving.tasks.push_back({fmt::format("task {}", i), 0});
  for (std::size_t i = 0; i < lines; ++i) {
    interleaving.lines.push_back(
        {.is_step = true, .step = i + 1, .task = i % tasks, .text = fmt::format("does {}", i)});
  }
  interleaving.steps = lines;
  return interleaving;
}

TEST(InterleavingPage, EachTaskHasAColumn) {
  const std::string page = to_string(with_tasks(3, 3), 0);
  EXPECT_THAT(page, HasSubstr("\n   step task 0     task 1     task 2\n"
                              "      1 does 0     |          |\n"
                              "      2 |          does 1     |\n"
                              "      3 |          |          does 2\n"));
}

TEST(InterleavingPage, TasksWithTheFewestLinesShareAColumnIfThereAreTooMany) {
  Interleaving interleaving = with_tasks(20, 20);
  for (std::size_t i = 0; i < 3; ++i) interleaving.lines.push_back(interleaving.lines[19]);
  const std::string page = to_string(interleaving, 0);
  EXPECT_THAT(page, HasSubstr("others\n"));
  EXPECT_THAT(page, HasSubstr(" task 10: does 10\n"));
  EXPECT_THAT(page, HasSubstr(" does 19"));
  EXPECT_THAT(page, Not(HasSubstr("task 19: ")));
}

TEST(InterleavingPage, NoLineIsTooLong) {
  Interleaving interleaving = with_tasks(5, 5);
  for (Interleaving::Line& line : interleaving.lines) {
    for (int i = 0; i < 30; ++i) line.text += " and more";
  }
  interleaving.tasks[1].name = std::string(300, 'x');
  const std::string text = to_string(interleaving, 0);
  std::string_view page = text;
  while (!page.empty()) {
    const std::size_t end = page.find('\n');
    EXPECT_LE(end, 112U) << page.substr(0, end);
    page.remove_prefix(end + 1);
  }
}

TEST(InterleavingPage, ALongOneIsCutInTheMiddle) {
  const std::string page = to_string(with_tasks(2, 100), 10);
  EXPECT_THAT(page, HasSubstr("does 4 "));
  EXPECT_THAT(page, Not(HasSubstr("does 5 ")));
  EXPECT_THAT(page, HasSubstr("90 steps left out"));
  EXPECT_THAT(page, HasSubstr("does 95"));
}

TEST(InterleavingPage, ManyStepsThatAreLeftOutAreCounted) {
  Interleaving interleaving = with_tasks(1, 2);
  interleaving.lines[1].left_out = 30;
  EXPECT_THAT(to_string(interleaving, 0), HasSubstr("30 steps left out"));
}

TEST(InterleavingPage, WhereTimePassesItIsShown) {
  Interleaving interleaving = with_tasks(1, 2);
  interleaving.lines[1].at = std::chrono::milliseconds(5);
  EXPECT_THAT(to_string(interleaving, 0), HasSubstr("does 0\n0.005000 s\n"));
}

TEST(InterleavingPage, WhereThereAreNoLinesThereIsNothing) {
  EXPECT_EQ(to_string(Interleaving(), 0), "");
}

}  // namespace
