// SPDX-License-Identifier: GPL-2.0-or-later
// How a bio's status and an errno turn into each other (block/blk-core.c: blk_errors).
#include <gtest/gtest.h>
#include <utility>

#include "dmcore/block/bio.h"

namespace dmcore {
namespace {

class StatusAndErrno : public testing::TestWithParam<std::pair<BlockStatus, int>> {};

INSTANTIATE_TEST_SUITE_P(
    Each, StatusAndErrno,
    testing::Values(std::pair(BlockStatus::ok, 0), std::pair(BlockStatus::ioerr, 5),
                    std::pair(BlockStatus::again, 11), std::pair(BlockStatus::resource, 12),
                    std::pair(BlockStatus::nospc, 28), std::pair(BlockStatus::nexus, 52),
                    std::pair(BlockStatus::medium, 61), std::pair(BlockStatus::transport, 67),
                    std::pair(BlockStatus::protection, 84), std::pair(BlockStatus::notsupp, 95),
                    std::pair(BlockStatus::timeout, 110), std::pair(BlockStatus::target, 121)));

TEST_P(StatusAndErrno, TurnIntoEachOther) {
  const auto& [status, number] = GetParam();
  EXPECT_EQ(static_cast<int>(to_errno(status)), number);
  EXPECT_EQ(to_block_status(static_cast<Errno>(number)), status);
}

TEST(StatusOfAnUnknownErrno, IsAnIoError) {
  EXPECT_EQ(to_block_status(Errno::inval), BlockStatus::ioerr);
}

}  // namespace
}  // namespace dmcore
