// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel takes for a number, and how it splits a line.
#include "dmcore/dm/args.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace dmcore;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(SplitArgs, SeparatesAtAnyWhiteSpace) {
  EXPECT_THAT(split_args("  a\tbc \n d\v\fe "), ElementsAre("a", "bc", "d", "e"));
}

TEST(SplitArgs, BackslashQuotesTheNextCharacter) {
  EXPECT_THAT(split_args(R"(a\ b \\c)"), ElementsAre("a b", R"(\c)"));
}

TEST(SplitArgs, BackslashAtTheEndStandsForItself) {
  EXPECT_THAT(split_args("a\\"), ElementsAre("a\\"));
}

TEST(SplitArgs, NothingButSpaceIsNoArgument) {
  EXPECT_THAT(split_args(" \t"), IsEmpty());
}

TEST(SplitArgs, NoBreakSpaceOfLatin1IsASpace) {
  EXPECT_THAT(split_args("a\xa0z"), ElementsAre("a", "z"));
}

TEST(Scan, TakesDigitsAfterWhiteSpaceOnly) {
  EXPECT_EQ(scan_u64(" \t12"), 12);
  EXPECT_EQ(scan_u64("007"), 7);
  for (const char* text : {"", " ", "12 ", "12x", "+1", "-1", "0x10", "1.0"})
    EXPECT_FALSE(scan_u64(text)) << text;
}

TEST(Scan, WrapsAroundLikeTheKernelsScanf) {
  EXPECT_EQ(scan_u64("18446744073709551624"), 8);
  EXPECT_EQ(scan_u32("4294967304"), 8);
}

TEST(Scan, LeavesTheRest) {
  std::string_view text = "12:7";
  EXPECT_EQ(scan_leading_u64(text), 12);
  EXPECT_EQ(text, ":7");
}

TEST(Parse, AllowsOnePlusAndOneNewline) {
  EXPECT_EQ(*parse_u32("+7"), 7U);
  EXPECT_EQ(*parse_u32("7\n"), 7U);
  EXPECT_EQ(parse_u32("7\n\n").error(), Errno::inval);
  EXPECT_EQ(parse_u32("++7").error(), Errno::inval);
}

TEST(Parse, RefusesWhatIsNoNumber) {
  for (const char* text : {"", "-1", " 1", "1 ", "0x7", "a"})
    EXPECT_EQ(parse_u32(text).error(), Errno::inval) << text;
}

TEST(Parse, SaysRangeForWhatIsTooLarge) {
  EXPECT_EQ(*parse_u32("4294967295"), 4294967295U);
  EXPECT_EQ(parse_u32("4294967296").error(), Errno::range);
  EXPECT_EQ(*parse_u64("18446744073709551615"), 18446744073709551615U);
  EXPECT_EQ(parse_u64("18446744073709551616").error(), Errno::range);
  // Too large comes before what follows.
  EXPECT_EQ(parse_u64("18446744073709551616x").error(), Errno::range);
}

TEST(Parse, BasesHaveTheirPrefixes) {
  EXPECT_EQ(*parse_u64("ff", 16), 255U);
  EXPECT_EQ(*parse_u64("0xff", 16), 255U);
  EXPECT_EQ(*parse_u64("0xff", 0), 255U);
  EXPECT_EQ(*parse_u64("017", 0), 15U);
  EXPECT_EQ(*parse_u64("17", 0), 17U);
}

TEST(ReadArg, ChecksTheLimits) {
  const std::vector<std::string> argv{"3", "9", "x"};
  ArgSet args(argv);
  std::string error;
  const ArgLimits limits{1, 5, "out of limits"};
  EXPECT_EQ(*read_arg(limits, args, error), 3U);
  EXPECT_EQ(read_arg(limits, args, error).error(), Errno::inval);
  EXPECT_EQ(error, "out of limits");
  EXPECT_EQ(read_arg(limits, args, error).error(), Errno::inval);
  EXPECT_TRUE(args.empty());
  EXPECT_EQ(read_arg(limits, args, error).error(), Errno::inval);
}

TEST(ReadArgGroup, NeedsAsManyArgumentsAsItSays) {
  const std::vector<std::string> argv{"2", "a", "b"};
  const std::vector<std::string> short_argv{"2", "a"};
  std::string error;
  ArgSet args(argv);
  EXPECT_EQ(*read_arg_group({0, 9, "too few"}, args, error), 2U);
  EXPECT_EQ(args.count(), 2U);
  ArgSet short_args(short_argv);
  EXPECT_FALSE(read_arg_group({0, 9, "too few"}, short_args, error).ok());
  EXPECT_EQ(error, "too few");
}

TEST(EqualIgnoringCase, ComparesAsciiLetters) {
  EXPECT_TRUE(equal_ignoring_case("Hydration_Threshold", "hydration_threshold"));
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
}

}  // namespace
