// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/host/clone_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using sim::host::CloneStatus;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(CloneStatus, HasEachNumberOfTheLine) {
  const auto status = CloneStatus::parse(
      "8 6/1024 16 200/256 3 1 no_hydration 4 hydration_threshold 2 hydration_batch_size 5 rw");
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->metadata_block_sectors, 8U);
  EXPECT_EQ(status->metadata_blocks_used, 6U);
  EXPECT_EQ(status->metadata_blocks, 1024U);
  EXPECT_EQ(status->region_sectors, 16U);
  EXPECT_EQ(status->hydrated_regions, 200U);
  EXPECT_EQ(status->regions, 256U);
  EXPECT_EQ(status->hydrating_regions, 3U);
  EXPECT_THAT(status->features, ElementsAre("no_hydration"));
  EXPECT_THAT(status->core_arguments,
              ElementsAre(Pair("hydration_threshold", "2"), Pair("hydration_batch_size", "5")));
  EXPECT_EQ(status->mode, CloneStatus::Mode::read_write);
}

TEST(CloneStatus, ModesAreTold) {
  EXPECT_EQ(CloneStatus::parse("8 6/1024 8 0/1 0 0 0 ro")->mode, CloneStatus::Mode::read_only);
  EXPECT_EQ(CloneStatus::parse("8 6/1024 8 0/1 0 0 0 Fail")->mode, CloneStatus::Mode::fail);
}

TEST(CloneStatus, ATargetThatFailedSaysNothingElse) {
  const auto status = CloneStatus::parse("Fail");
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->mode, CloneStatus::Mode::fail);
  EXPECT_THAT(status->features, IsEmpty());
  EXPECT_EQ(CloneStatus::parse("Error")->mode, CloneStatus::Mode::error);
}

TEST(CloneStatus, IsHydratedWhenNothingIsLeftOrUnderWay) {
  EXPECT_TRUE(CloneStatus::parse("8 6/1024 8 4/4 0 0 0 rw")->hydrated());
  EXPECT_FALSE(CloneStatus::parse("8 6/1024 8 3/4 0 0 0 rw")->hydrated());
  EXPECT_FALSE(CloneStatus::parse("8 6/1024 8 4/4 1 0 0 rw")->hydrated());
}

class NoCloneStatus : public testing::TestWithParam<const char*> {};

TEST_P(NoCloneStatus, IsRefused) {
  EXPECT_FALSE(CloneStatus::parse(GetParam()).has_value());
}

INSTANTIATE_TEST_SUITE_P(Lines, NoCloneStatus,
                         testing::Values("", "8", "8 6 8 4/4 0 0 0 rw", "8 6/ 8 4/4 0 0 0 rw",
                                         "8 6/1024 8 4/4 0 1 0 rw", "8 6/1024 8 4/4 0 0 1 a rw",
                                         "8 6/1024 8 4/4 0 0 0 rx", "8 6/1024 8 4/4 0 0 0 rw more",
                                         "x 6/1024 8 4/4 0 0 0 rw", "8 6/1024 8 4/4 0 99999999999 rw"));

}  // namespace
