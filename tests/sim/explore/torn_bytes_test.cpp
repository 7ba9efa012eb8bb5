// SPDX-License-Identifier: GPL-2.0-or-later
// Blocks that are torn inside a sector.
#include "sim/explore/torn_bytes.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "sim/explore/power_cuts.h"
#include "sim/generate/power_cut.h"

namespace {

using sim::explore::BlockContent;
using sim::explore::ContentId;
using sim::explore::Contents;
using sim::explore::Tear;
using sim::explore::TornBlocks;
using testing::UnorderedElementsAre;

struct TornBytes : testing::Test {
  // A sector of dots that begins with a text.
  ContentId sector(std::string_view text) {
    Contents::Sector bytes;
    bytes.fill(std::byte{'.'});
    std::transform(text.begin(), text.end(), bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
    return contents.number_of(bytes);
  }
  std::string text(ContentId id) const {
    Contents::Sector bytes;
    contents.copy(id, bytes);
    std::string all;
    for (const std::byte byte : bytes) all.push_back(static_cast<char>(byte));
    return all.substr(0, all.find_last_not_of('.') + 1);
  }
  // The sectors at a place of the blocks that were added.
  std::vector<std::string> added(std::size_t place) {
    const std::size_t whole = candidates.size();
    blocks.add_to(candidates);
    std::vector<std::string> found;
    for (std::size_t i = whole; i < candidates.size(); ++i) {
      EXPECT_TRUE(blocks.contains(candidates[i]));
      found.push_back(text(candidates[i][place]));
    }
    return found;
  }

  Contents contents;
  TornBlocks blocks{contents};
  std::vector<BlockContent> candidates;
};

TEST_F(TornBytes, ABlockWithOneContentIsNotTorn) {
  candidates = {{sector("abc")}};
  EXPECT_TRUE(added(0).empty());
}

TEST_F(TornBytes, TheBorderIsBetweenBytesThatDiffer) {
  candidates = {{sector("xNNNNy")}, {sector("xooooy")}};
  EXPECT_THAT(added(0), UnorderedElementsAre("xNoooy", "xNNooy", "xNNNoy", "xoNNNy", "xooNNy", "xoooNy"));
}

TEST_F(TornBytes, ASectorThatDiffersInOneByteCannotBeTorn) {
  candidates = {{sector("aNb")}, {sector("aob")}};
  EXPECT_TRUE(added(0).empty());
}

TEST_F(TornBytes, WhatIsBeforeTheBorderIsOfOneAndTheRestOfTheOther) {
  candidates = {{sector("N0"), sector("NN1"), sector("N2")}, {sector("o0"), sector("oo1"), sector("o2")}};
  blocks.add_to(candidates);
  const BlockContent torn = *std::find_if(candidates.begin(), candidates.end(),
                                          [&](const BlockContent& block) { return text(block[1]) == "No1"; });
  EXPECT_EQ(text(torn[0]), "N0");
  EXPECT_EQ(text(torn[2]), "o2");
}

TEST_F(TornBytes, WhatTheBlockMayHoldAnywayIsNotTorn) {
  candidates = {{sector("NN")}, {sector("oo")}, {sector("No")}};
  EXPECT_THAT(added(0), UnorderedElementsAre("oN"));
  EXPECT_FALSE(blocks.contains(candidates[2]));
}

TEST(TornMetadata, IsRefusedAndNothingWrongIsRead) {
  sim::explore::PowerCutOptions options;
  const std::string scenario = sim::generate::random_power_cut_workload(5, 12);
  const auto halves = explore_power_cuts(scenario, options);
  options.settings.tear = Tear::bytes;
  const auto bytes = explore_power_cuts(scenario, options);
  EXPECT_TRUE(bytes.holds()) << bytes.text();
  EXPECT_GT(bytes.report.recoveries, halves.report.recoveries);
}

}  // namespace
