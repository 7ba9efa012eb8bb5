// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/contents.h"

#include <gtest/gtest.h>

namespace {

using sim::explore::ContentId;
using sim::explore::Contents;
using sim::explore::Token;

Contents::Sector sector_of(std::uint8_t byte) {
  Contents::Sector sector;
  sector.fill(std::byte{byte});
  return sector;
}

TEST(Contents, EqualBytesHaveOneNumber) {
  Contents contents;
  const ContentId a = contents.number_of(sector_of(1));
  EXPECT_EQ(contents.number_of(sector_of(1)), a);
  EXPECT_NE(contents.number_of(sector_of(2)), a);
  EXPECT_EQ(contents.number_of(sector_of(0)), Contents::zeroes);
}

TEST(Contents, BytesComeBack) {
  Contents contents;
  const Contents::Sector sector = sector_of(0x5a);
  Contents::Sector back;
  contents.copy(contents.number_of(sector), back);
  EXPECT_EQ(back, sector);
}

// A token survives being written to a disk and read back, as code does that moves data.
TEST(Contents, ATokenHasBytes) {
  Contents contents;
  const ContentId id = Contents::number_of(Token{3, 1234});
  Contents::Sector bytes;
  contents.copy(id, bytes);
  EXPECT_EQ(contents.number_of(bytes), id);
  EXPECT_TRUE(Contents::is_token(id));
  EXPECT_EQ(Contents::token(id).disk, 3U);
  EXPECT_EQ(Contents::token(id).sector, 1234U);
}

TEST(Contents, KnowsItsBytes) {
  Contents contents;
  const ContentId id = contents.number_of(sector_of(7));
  EXPECT_TRUE(contents.has(id, sector_of(7)));
  EXPECT_FALSE(contents.has(id, sector_of(8)));
  Contents::Sector token;
  contents.copy(Contents::number_of(Token{0, 5}), token);
  EXPECT_TRUE(contents.has(Contents::number_of(Token{0, 5}), token));
  EXPECT_FALSE(contents.has(Contents::number_of(Token{0, 6}), token));
}

}  // namespace
