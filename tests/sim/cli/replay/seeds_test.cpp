// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/replay/seeds.h"

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using sim::cli::parse_seeds;
using testing::ElementsAre;

TEST(Seeds, AreRangesAndNumbersInTheirOrder) {
  EXPECT_THAT(parse_seeds("--seeds", "7"), ElementsAre(7));
  EXPECT_THAT(parse_seeds("--seeds", "8-10,3,5-5"), ElementsAre(8, 9, 10, 3, 5));
}

TEST(Seeds, MayBeTheLargest) {
  EXPECT_THAT(parse_seeds("--seeds", "18446744073709551614-18446744073709551615"),
              ElementsAre(UINT64_MAX - 1, UINT64_MAX));
}

TEST(Seeds, AreRefusedUnlessTheyAreSome) {
  for (const char* text : {"", ",", "5-", "-5", "a", "5-3", "1--3", "1-2-3", "0x5", "1-18446744073709551615",
                           "1-9000000,1-9000000"}) {
    EXPECT_THROW(parse_seeds("--seeds", text), CLI::ValidationError) << text;
  }
}

}  // namespace
