// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/stack.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using dmcore::DevT;
using sim::explore::Device;
using sim::explore::Devices;
using testing::ElementsAre;

constexpr DevT disk_a{7, 0};
constexpr DevT disk_b{7, 1};

Device device(std::uint32_t minor, sim::host::Table table, std::vector<DevT> below) {
  Device made{.name = fmt::format("d{}", minor), .minor = minor, .table = std::move(table)};
  made.below = std::move(below);
  return made;
}

// "7:0 8+16" for sectors 8 to 23 of the disk 7:0.
std::vector<std::string> below(const Devices& devices, DevT number, std::uint64_t first,
                               std::uint64_t count) {
  std::vector<std::string> found;
  sim::explore::for_each_range_below(
      devices, number, first, count, [&](DevT disk, std::uint64_t begin, std::uint64_t sectors) {
        const bool all = sectors == sim::explore::sectors_everywhere;
        found.push_back(all ? fmt::format("{} all", to_string(disk))
                            : fmt::format("{} {}+{}", to_string(disk), begin, sectors));
      });
  return found;
}

TEST(Stack, ADiskIsItsOwnBottom) {
  EXPECT_THAT(below({}, disk_a, 3, 5), ElementsAre("7:0 3+5"));
}

TEST(Stack, ALinearDeviceMovesTheRange) {
  const Device linear =
      device(0, {{0, 100, "linear", "7:0 1000"}, {100, 50, "linear", "7:1 8"}}, {disk_a, disk_b});
  EXPECT_THAT(below({linear}, linear.number(), 10, 5), ElementsAre("7:0 1010+5"));
  EXPECT_THAT(below({linear}, linear.number(), 90, 20), ElementsAre("7:0 1090+10", "7:1 8+10"));
  EXPECT_THAT(below({linear}, linear.number(), 150, 20), ElementsAre());
}

TEST(Stack, EachLevelMovesItOn) {
  const Device lower = device(0, {{0, 100, "linear", "7:0 1000"}}, {disk_a});
  const Device upper = device(1, {{0, 40, "flakey", "253:0 60 5 1"}}, {lower.number()});
  EXPECT_THAT(below({lower, upper}, upper.number(), 1, 2), ElementsAre("7:0 1061+2"));
}

TEST(Stack, ADelayMayHaveAnotherDeviceForWrites) {
  const Device delay = device(0, {{0, 100, "delay", "7:0 10 5 7:1 20 5"}}, {disk_a, disk_b});
  EXPECT_THAT(below({delay}, delay.number(), 1, 2), ElementsAre("7:0 11+2", "7:1 21+2"));
}

TEST(Stack, OtherTargetsMayUseAllThatIsBelow) {
  const Device striped = device(0, {{0, 100, "striped", "2 8 7:0 0 7:1 0"}}, {disk_a, disk_b});
  EXPECT_THAT(below({striped}, striped.number(), 1, 2), ElementsAre("7:0 all", "7:1 all"));
}

}  // namespace
