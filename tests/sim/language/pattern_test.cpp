// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/pattern.h"

#include <cstring>
#include <gtest/gtest.h>

namespace sim::language {
namespace {

constexpr std::size_t sector = dmcore::sector_size;

std::vector<std::byte> filled(std::string_view pattern, dmcore::sector_t first, std::size_t sectors) {
  std::vector<std::byte> data(sectors * sector);
  fill_pattern(*parse_pattern(pattern), first, data);
  return data;
}

std::string text_of(std::span<const std::byte> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

std::vector<std::string> runs_of(std::span<const std::byte> data, dmcore::sector_t first) {
  RunPrinter runs;
  runs.add(data, first);
  return runs.finish(first);
}

TEST(Pattern, KnowsZeroFillAndStamp) {
  EXPECT_EQ(parse_pattern("zero")->kind, Pattern::Kind::zero);
  EXPECT_EQ(parse_pattern("@")->kind, Pattern::Kind::fill);
  EXPECT_EQ(parse_pattern("@S")->kind, Pattern::Kind::stamp);
}

TEST(Pattern, RefusesOtherWords) {
  for (const std::string_view word : {"", "AB", "@AB", "zeros", "\xc3\xa9"})
    EXPECT_EQ(parse_pattern(word), std::nullopt);
}

TEST(Pattern, StampRepeatsLetterAndSector) {
  const auto data = filled("@Z", 7, 1);
  EXPECT_TRUE(text_of(data).starts_with("Z@7\nZ@7\nZ@7\n"));
  EXPECT_TRUE(text_of(data).ends_with("\nZ@7\n"));
}

TEST(Pattern, StampOfALongNumberIsCutAtTheSectorsEnd) {
  const auto data = filled("@S", 1234567, 1);
  EXPECT_TRUE(text_of(data).ends_with("S@1234567\nS@"));
}

TEST(SectorName, CallsFillsByTheirCharacter) {
  EXPECT_EQ(sector_name(filled("A", 0, 1), 0), "A");
  EXPECT_EQ(sector_name(filled("zero", 0, 1), 0), "zero");
  EXPECT_EQ(sector_name(filled(" ", 0, 1), 0), "0x20");
}

TEST(SectorName, CallsAStampByItsLetterAndDistance) {
  const auto data = filled("@S", 12345, 1);
  EXPECT_EQ(sector_name(data, 12345), "@S");
  EXPECT_EQ(sector_name(data, 12340), "@S+5");
  EXPECT_EQ(sector_name(data, 12445), "@S-100");
}

TEST(SectorName, CallsAnythingElseByItsHash) {
  std::vector<std::byte> data(sector);
  for (std::size_t i = 0; i < sector; i++) data[i] = static_cast<std::byte>(i);
  EXPECT_EQ(sector_name(data, 0), "?110009dc");
}

TEST(SectorName, LeadingZeroesMakeNoStamp) {
  std::string text;
  while (text.size() < sector) text += "S@007\n";
  std::vector<std::byte> data(sector);
  std::memcpy(data.data(), text.data(), sector);
  EXPECT_EQ(sector_name(data, 7), "?5d619a05");
}

TEST(SectorName, OneChangedByteEndsAStamp) {
  auto data = filled("@S", 5, 1);
  data[sector - 1] = std::byte{'x'};
  EXPECT_TRUE(sector_name(data, 5).starts_with('?'));
}

TEST(RunPrinter, JoinsSectorsOfTheSameName) {
  auto data = filled("@S", 0, 8);
  fill_pattern(*parse_pattern("A"), 2, std::span(data).subspan(2 * sector, 3 * sector));
  EXPECT_EQ(runs_of(data, 0), (std::vector<std::string>{"0-1 @S", "2-4 A", "5-7 @S"}));
}

TEST(RunPrinter, CountsFromWhereTheReadingBegan) {
  EXPECT_EQ(runs_of(filled("@S", 100, 4), 96), (std::vector<std::string>{"96-99 @S+4"}));
}

TEST(RunPrinter, GoesOnAcrossPieces) {
  RunPrinter runs;
  runs.add(filled("@S", 10, 2), 10);
  runs.add(filled("@S", 12, 2), 12);
  EXPECT_EQ(runs.finish(10), (std::vector<std::string>{"10-13 @S"}));
}

TEST(RunPrinter, JoinsEqualSectorsWithoutAName) {
  std::vector<std::byte> data(2 * sector);
  for (std::size_t i = 0; i < data.size(); i++) data[i] = static_cast<std::byte>(i);
  EXPECT_EQ(runs_of(data, 0), (std::vector<std::string>{"0-1 ?110009dc"}));
}

TEST(RunPrinter, NothingHasAnOddLine) {
  EXPECT_EQ(runs_of({}, 7), (std::vector<std::string>{"None-6 None"}));
}

}  // namespace
}  // namespace sim::language
