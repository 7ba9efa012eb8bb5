// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/cut_token.h"

#include <gtest/gtest.h>

namespace {

using sim::explore::CutToken;
using sim::explore::Oracle;
using sim::explore::parse_cut_token;
using sim::explore::Tear;
using sim::explore::to_string;

CutToken example() {
  return {.scenario = "4f1c09d2a77b",
          .schedule = {sim::Schedule::Kind::random, 17},
          .tear = Tear::sectors,
          .cuts = {{118, {96, 101, 102, 103}, {{0, 0, 2}, {1, 7, 3}}}, {12, {}, {}}},
          .oracle = Oracle::stable,
          .device = "a-b:c",
          .sector = 9};
}

TEST(CutToken, IsOneLine) {
  EXPECT_EQ(to_string(example()),
            "cut1:4f1c09d2a77b:random17:sectors:118~96~101-103,0.0.2,1.7.3:12:stable:9:a-b:c");
}

TEST(CutToken, ComesBack) {
  const auto back = parse_cut_token(to_string(example()));
  ASSERT_TRUE(back);
  EXPECT_EQ(to_string(*back), to_string(example()));
  EXPECT_EQ(back->cuts, example().cuts);
  EXPECT_EQ(back->schedule.seed, 17U);
  EXPECT_EQ(back->device, "a-b:c");
}

TEST(CutToken, SaysThatNoKnownBugIsExcepted) {
  CutToken token = example();
  token.finds_known_bugs = true;
  token.defects.put_in(dmcore::Defect::commit_before_flush);
  EXPECT_EQ(to_string(token),
            "cut1:4f1c09d2a77b:random17:sectors+commit-before-flush+known-bugs:118~96~101-103,0.0.2,1.7.3:12:"
            "stable:9:a-b:c");
  const auto back = parse_cut_token(to_string(token));
  ASSERT_TRUE(back);
  EXPECT_TRUE(back->finds_known_bugs);
  EXPECT_TRUE(back->defects.on(dmcore::Defect::commit_before_flush));
}

TEST(CutToken, NeedNotBeAboutASector) {
  CutToken token = example();
  token.device.clear();
  token.oracle = Oracle::metadata;
  const auto back = parse_cut_token(to_string(token));
  ASSERT_TRUE(back);
  EXPECT_TRUE(back->device.empty());
  EXPECT_EQ(back->oracle, Oracle::metadata);
}

TEST(CutToken, SaysWhatTheBlocksHoldForAScenarioThatSaysCrash) {
  CutToken token = example();
  token.cuts.clear();
  token.kept = {0, 2, 1};
  token.oracle = Oracle::expect;
  token.device.clear();
  EXPECT_EQ(to_string(token), "cut1:4f1c09d2a77b:random17:sectors:=0.2.1:expect");
  const auto back = parse_cut_token(to_string(token));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->kept, token.kept);
}

class NoToken : public testing::TestWithParam<const char*> {};
TEST_P(NoToken, IsRefused) {
  EXPECT_FALSE(parse_cut_token(GetParam()));
}
INSTANTIATE_TEST_SUITE_P(
    Texts, NoToken,
    testing::Values("", "cut1", "cut2:4f1c:fifo:halves:118:stable:9:c",
                    "cut1:4f1c:lifo:halves:118:stable:9:c", "cut1:4f1c:fifo:thirds:118:stable:9:c",
                    "cut1:4f1c:fifo:halves:stable:9:c", "cut1:4f1c:fifo:halves:118:luck:9:c",
                    "cut1:4f1c:fifo:halves:0:stable:9:c", "cut1:4f1c:fifo:halves:118,0.0:stable:9:c",
                    "cut1:4f1c:fifo:halves:118x:stable:9:c", "cut1:4f1c:fifo:halves:118~118:stable:9:c",
                    "cut1:4f1c:fifo:halves:118~x:stable:9:c", "cut1:4f1c:fifo:halves:118~9-7:stable:9:c",
                    "cut1:4f1c:fifo:halves:118~9-4000000000:stable:9:c", "cut1:4f1c:fifo:halves:118:expect",
                    "cut1:4f1c:fifo:halves:=1:stable:9:c", "cut1:4f1c:fifo:halves:118:=1:expect",
                    "cut1:4f1c:fifo:halves:=x:expect", "cut1:4f1c:fifo:halves:118:stable:9",
                    "cut1:4f1c:fifo:halves:118:stable:x:c", "cut1:4f1c:randomx:halves:118:stable:9:c"));

}  // namespace
