// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/libdm/report_pattern.h"

#include <gtest/gtest.h>

namespace {

using sim::libdm::ReportPattern;

bool matches(std::string_view pattern, const std::string& text) {
  const auto parsed = ReportPattern::parse(pattern);
  EXPECT_TRUE(parsed) << pattern;
  return parsed && parsed->matches(text);
}

TEST(ReportPattern, ARangeMayBeWrittenFromEitherEnd) {
  EXPECT_TRUE(matches("^[a-c]$", "b"));
  EXPECT_TRUE(matches("^[c-a]$", "b"));
  EXPECT_FALSE(matches("^[c-a]$", "d"));
}

TEST(ReportPattern, ARangeHasTheOrderOfUnsignedBytes) {
  EXPECT_TRUE(matches("^[a-\xc3]$", "b"));
  EXPECT_TRUE(matches("^[a-\xc3]$", "\x80"));
  EXPECT_FALSE(matches("^[a-\xc3]$", "A"));
  EXPECT_FALSE(matches("^[a-\xc3]$", "\xc4"));
}

}  // namespace
