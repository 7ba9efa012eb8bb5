// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/checksum.h"

#include <gtest/gtest.h>
#include <string_view>

namespace {

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(BlockChecksum, IsCrc32cOfWhatFollowsTheFirstFourBytes) {
  // The check value of CRC-32C, which inverts its result.
  EXPECT_EQ(dmcore::block_checksum(bytes("????123456789"), 0xffffffff), 0xe3069283);
}

TEST(BlockChecksum, DiffersByTheKindOfBlock) {
  EXPECT_EQ(dmcore::block_checksum(bytes("????abc"), 0) ^ 240779,
            dmcore::block_checksum(bytes("????abc"), 240779));
}

}  // namespace
