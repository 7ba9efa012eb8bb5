// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/dmsetup/options.h"

#include <gtest/gtest.h>

namespace sim::dmsetup {
namespace {

using Words = std::vector<std::string>;

TEST(DmsetupOptions, MayStandAnywhere) {
  const Words arguments = {"--noheadings", "info", "-c", "a", "-o", "name"};
  const ParsedOptions parsed = parse_options(arguments);
  ASSERT_TRUE(parsed.ok);
  EXPECT_EQ(parsed.words, (Words{"info", "a"}));
  EXPECT_TRUE(parsed.options.columns);
  EXPECT_EQ(parsed.options.fields, "name");
}

TEST(DmsetupOptions, ShortOnesMayBeJoined) {
  const Words arguments = {"-cu", "X", "-onope"};
  const ParsedOptions parsed = parse_options(arguments);
  EXPECT_TRUE(parsed.options.columns);
  EXPECT_EQ(parsed.options.uuid, "X");
  EXPECT_EQ(parsed.options.fields, "nope");
}

TEST(DmsetupOptions, LongOnesMayBeAbbreviated) {
  const Words arguments = {"--nohead", "--target=zero"};
  const ParsedOptions parsed = parse_options(arguments);
  ASSERT_TRUE(parsed.ok);
  EXPECT_TRUE(parsed.options.no_headings);
  EXPECT_EQ(parsed.options.target, "zero");
}

TEST(DmsetupOptions, RefusesAnAmbiguousAbbreviation) {
  const Words arguments = {"--no"};
  EXPECT_FALSE(parse_options(arguments).ok);
}

TEST(DmsetupOptions, NegativeNumberIsTakenForAnOption) {
  const Words arguments = {"message", "c", "0", "-1"};
  EXPECT_FALSE(parse_options(arguments).ok);
}

TEST(DmsetupOptions, EndWithTwoHyphens) {
  const Words arguments = {"message", "c", "0", "--", "-1"};
  EXPECT_EQ(parse_options(arguments).words, (Words{"message", "c", "0", "-1"}));
}

TEST(DmsetupOptions, RefusesAMissingArgument) {
  const Words arguments = {"create", "a", "--table"};
  EXPECT_FALSE(parse_options(arguments).ok);
}

TEST(DmsetupOptions, MajorAndMinorComeTogether) {
  const Words arguments = {"create", "a", "--minor", "9"};
  EXPECT_FALSE(parse_options(arguments).ok);
}

}  // namespace
}  // namespace sim::dmsetup
