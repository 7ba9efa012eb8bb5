// SPDX-License-Identifier: GPL-2.0-or-later
// How large a clone may be.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dmclone/clone_target.h"

#include "tests/rig/dm_machine.h"

namespace {

constexpr dmcore::sector_t smallest_region = 8;
constexpr dmcore::sector_t largest_clone = dmclone::max_regions * smallest_region;

// Metadata for so many regions would take long to make: what comes behind the number of regions is wrong,
// too.
std::string refusal_of_size(dmcore::sector_t sectors) {
  test::DmMachine machine;
  machine.add_disk(8192);
  for (int i = 0; i < 2; ++i) machine.add_disk(largest_clone + smallest_region);
  std::string text;
  machine.run([&] {
    text = machine.refusal(sectors, "clone", fmt::format("7:0 7:1 7:2 {} 1 no_such", smallest_region));
  });
  return text;
}

TEST(CloneOfManyRegions, MayHaveAsManyAsCanBe) {
  EXPECT_EQ(refusal_of_size(largest_clone), "clone: Invalid feature argument (-EINVAL)");
}
TEST(CloneOfManyRegions, MayNotHaveOneMore) {
  EXPECT_EQ(refusal_of_size(largest_clone + 1),
            "clone: Too many regions. Consider increasing the region size (-EINVAL)");
}

}  // namespace
