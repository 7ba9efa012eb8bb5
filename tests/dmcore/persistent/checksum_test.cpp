// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/checksum.h"

#include <gtest/gtest.h>
#include <string_view>

namespace {

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// The check value of CRC-32C, for "123456789", is 0xe3069283; that one is inverted.
TEST(BlockChecksum, IsCrc32cOfWhatFollowsTheFirstFourBytes) {
  EXPECT_EQ(dmcore::block_checksum(bytes("????123456789"), 0), 0x1cf96d7c);
}

TEST(BlockChecksum, IsXoredWithTheNumberOfTheKindOfBlock) {
  EXPECT_EQ(dmcore::block_checksum(bytes("????123456789"), 0xffffffff), 0xe3069283);
  EXPECT_EQ(dmcore::block_checksum(bytes("????123456789"), 0x12345678), 0x0ecd3b04);
}

}  // namespace
