// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/text/quantities.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(Size, CountsSectorsWithoutAUnit) {
  EXPECT_EQ(parse_size("9"), 9U * 512);
  EXPECT_EQ(parse_size("9s"), 9U * 512);
}

TEST(Size, HasUnitsThatArePowersOf1024) {
  EXPECT_EQ(parse_size("3K"), 3U << 10);
  EXPECT_EQ(parse_size("1MiB"), 1U << 20);
  EXPECT_EQ(parse_size("100g"), std::uint64_t{100} << 30);
  EXPECT_EQ(parse_size("2tib"), std::uint64_t{2} << 40);
}

TEST(Size, RefusesOtherWords) {
  for (const std::string_view word :
       {"", "M", "-1", "+1", "1.5G", "1_0", "1MB", "1Mi", "1KK", "1S", "0x10", "1 M"})
    EXPECT_EQ(parse_size(word), std::nullopt) << word;
}

TEST(Size, IsAtMostASignedNumberOfBytes) {
  EXPECT_EQ(parse_size("18014398509481983s"), 18014398509481983U * 512);
  EXPECT_EQ(parse_size("18014398509481984s"), std::nullopt);
  EXPECT_EQ(parse_size("8388608T"), std::nullopt);
  EXPECT_EQ(parse_size("99999999999999999999"), std::nullopt);
}

TEST(Size, SaysWhatIsWrong) {
  EXPECT_EQ(not_a_size("4X"),
            "'4X' is no size; those are a number and s (or nothing: sectors), K, M, G or T (powers of 1024)");
  EXPECT_EQ(
      not_a_size("100MB"),
      "'100MB' is no size; those are a number and s (or nothing: sectors), K, M, G or T (powers of 1024); "
      "did you mean '100M'?");
  EXPECT_EQ(not_a_size("8388608T"), "'8388608T' is too large for a size");
}

TEST(Duration, NeedsAUnit) {
  EXPECT_EQ(parse_duration("20ms"), milliseconds(20));
  EXPECT_EQ(parse_duration("1.5us"), nanoseconds(1500));
  EXPECT_EQ(parse_duration("7ns"), nanoseconds(7));
  EXPECT_EQ(parse_duration("2s"), seconds(2));
  EXPECT_EQ(parse_duration("2"), std::nullopt);
}

TEST(Duration, OfSecondsNeedsNone) {
  EXPECT_EQ(parse_seconds("0.25"), milliseconds(250));
  EXPECT_EQ(parse_seconds(" 1e-3 "), milliseconds(1));
  EXPECT_EQ(parse_seconds("1_000"), seconds(1000));
  EXPECT_EQ(parse_seconds("5ms"), milliseconds(5));
}

TEST(Duration, IsNotNegativeNorLongerThanTenYears) {
  for (const std::string_view word : {"-1", "-1s", "1e9", "inf", "nan", "", "ms", "1 ms", "1m", "1h"})
    EXPECT_EQ(parse_seconds(word), std::nullopt) << word;
}

TEST(Duration, SaysWhatIsWrong) {
  EXPECT_EQ(not_a_duration("5m", false), "'5m' is no time; those are a number and ns, us, ms or s");
  EXPECT_EQ(not_a_duration("5m", true),
            "'5m' is no time; those are a number and ns, us, ms or s (or nothing: seconds)");
}

}  // namespace
}  // namespace sim
