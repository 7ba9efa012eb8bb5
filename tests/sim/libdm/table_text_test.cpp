// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/libdm/table_text.h"

#include <gtest/gtest.h>

namespace {

using sim::libdm::format_table;
using sim::libdm::parse_table;
using sim::libdm::parse_target;

TEST(TableText, ALineIsATarget) {
  const auto target = parse_target("8 16 linear /dev/a 0");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->start, 8U);
  EXPECT_EQ(target->length, 16U);
  EXPECT_EQ(target->type, "linear");
  EXPECT_EQ(target->params, "/dev/a 0");
}

TEST(TableText, NumbersAreReadAsByScanf) {
  EXPECT_EQ(parse_target("+8 16zero")->type, "zero");
  EXPECT_EQ(parse_target("99999999999999999999 1 zero")->start, UINT64_MAX);
  EXPECT_FALSE(parse_target("x 1 zero").has_value());
}

TEST(TableText, ParametersEndAtANumberSign) {
  EXPECT_EQ(parse_target("0 8 zero a # b")->params, "a ");
}

TEST(TableText, CommentsAndEmptyLinesAreLeftOut) {
  const auto table = parse_table("# a table\n\n  0 8 zero\t\n8 8 error\n", "t");
  ASSERT_TRUE(table.has_value());
  EXPECT_EQ(format_table(*table), "0 8 zero\n8 8 error");
}

TEST(TableText, ALineThatIsNoTargetIsNamed) {
  EXPECT_EQ(parse_table("0 8 zero\n\n8 eight zero", "t").error(), "Invalid format on line 3 of table t.");
}

TEST(TableText, ATypeHasFifteenCharacters) {
  EXPECT_TRUE(parse_table("0 8 123456789012345", "t").has_value());
  EXPECT_EQ(parse_table("0 8 1234567890123456", "t").error(),
            "Target type name 1234567890123456 is too long.");
}

}  // namespace
