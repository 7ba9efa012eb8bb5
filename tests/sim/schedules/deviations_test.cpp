// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/deviations.h"

#include <gtest/gtest.h>

#include "sim/schedules/director.h"
#include "sim/schedules/samplers.h"
#include "sim/schedules/schedule_token.h"

#include "tests/sim/schedules/tiny_program.h"

namespace {

using namespace sim::schedules;

TEST(Deviations, AreWrittenAndReadAgain) {
  for (const Deviation& deviation :
       {Deviation{0x1f2e3d4c, 17, 0, 0x5a6b7c8d}, Deviation{0, 0, 3, 0xffffffff}}) {
    EXPECT_EQ(parse_deviation(to_string(deviation)), deviation) << to_string(deviation);
  }
  EXPECT_EQ(to_string({0x1f2e3d4c, 17, 2, 0x5a6b7c8d}), "1f2e3d4c.17+2-5a6b7c8d");
}

TEST(Deviations, WhatIsNoneIsRefused) {
  for (const char* text : {"", "1f", "1f.", "1f.2", "1f.2-", "1f.2-x", "1f.2+-3", "1f.2+0-3", "1f.2-3 ",
                           "1f.2>3", "123456789.2-3", "1f.99999999999-3"})
    EXPECT_FALSE(parse_deviation(text).has_value()) << text;
}

TEST(Tokens, AreWrittenAndReadAgain) {
  ScheduleToken token{.scenario = "4f1c09d2a77b",
                      .wants = {.time = true, .parallel_work = true},
                      .oracle = Oracle::reads,
                      .device = "c",
                      .deviations = {{1, 2, 0, 3}, {3, 4, 5, 6}}};
  token.defects.put_in(dmcore::Defect::write_past_copy);
  EXPECT_EQ(to_string(token), "sched1:4f1c09d2a77b:tp+write-past-copy:reads/c:1.2-3,3.4+5-6");
  const auto parsed = parse_schedule_token(to_string(token));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(to_string(*parsed), to_string(token));
  EXPECT_EQ(parsed->deviations, token.deviations);
  EXPECT_TRUE(parsed->wants.time);
  EXPECT_FALSE(parsed->wants.disk_order);
}

TEST(Tokens, OfAScheduleWithoutDeviations) {
  const ScheduleToken token{
      .scenario = "4f1c09d2a77b", .wants = {.every_step = true}, .oracle = Oracle::stops};
  EXPECT_EQ(to_string(token), "sched1:4f1c09d2a77b:e:stops");
  EXPECT_TRUE(parse_schedule_token(to_string(token)).has_value());
}

TEST(Tokens, WhatIsNoneIsRefused) {
  for (const char* text : {"", "sched1", "sched2:4f1c09d2a77b:e:stops", "sched1:4f1c09d2a77b:x:stops",
                           "sched1:4f1c09d2a77b:e:nothing", "sched1:4f1c09d2a77b:e+no-such-defect:stops",
                           "sched1:4f1c09d2a77b:e:stops:1.2", "cut1:4f1c09d2a77b:fifo"})
    EXPECT_FALSE(parse_schedule_token(text).has_value()) << text;
}

const test::TinyProgram program = {{"inc a", "read a", "set b"}, {"inc a", "read b", "last a"}, {"read a"}};

// A run of the program, and its differences from first in, first out.
std::vector<Deviation> deviations_of(Engine& engine, std::string& seen) {
  Director director(engine);
  sim::DeterministicRuntime runtime(director.strategy());
  runtime.set_observer(director);
  seen = test::perform(program, runtime, director);
  return director.deviations();
}

TEST(Deviations, RepeatTheRunThatTheyAreOf) {
  RandomWalk random(7);
  for (int i = 0; i < 50; ++i) {
    random.begin();
    std::string seen;
    const std::vector<Deviation> deviations = deviations_of(random, seen);
    Deviating again(deviations, random.wants());
    again.begin();
    std::string seen_again;
    EXPECT_EQ(deviations_of(again, seen_again), deviations);
    EXPECT_EQ(seen_again, seen);
  }
}

TEST(Deviations, WithoutAnyItIsFirstInFirstOut) {
  Deviating none({}, {.parallel_work = true});
  none.begin();
  std::string seen;
  EXPECT_TRUE(deviations_of(none, seen).empty());
  EXPECT_EQ(seen, " 3; 7 not; 3");
}

TEST(Deviations, ThoseOfAnotherRunAreLeftOut) {
  Deviating other({{0xabc, 1, 0, 0xdef}}, {.parallel_work = true});
  other.begin();
  std::string seen;
  EXPECT_TRUE(deviations_of(other, seen).empty());
}

}  // namespace
