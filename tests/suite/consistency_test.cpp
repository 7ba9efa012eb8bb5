// SPDX-License-Identifier: GPL-2.0-or-later
// The consistency tests of dm-clone's authors: what is read through a clone is what was put there or on its
// source, before, during and after hydration; and the source keeps what it had.
#include <gtest/gtest.h>

#include "tests/suite/clone_stack.h"
#include "tests/suite/pattern_stomper.h"

namespace suite {
namespace {

class ConsistencyTests : public testing::Test {
 protected:
  Rig rig;
};

TEST_F(ConsistencyTests, pattern_stomp_test) {
  constexpr std::uint64_t seed = 42;
  rig.run([&] {
    CloneStack stack(rig, {.size = mib(128), .metadata_size = mib(16), .hydration = false});
    stack.activate_support_devs([&] {
      PatternStomper source(rig, stack.source(), stack.options().region_size, seed);
      source.stamp(20);
      stack.activate_top_level([&] {
        PatternStomper clone = source.fork(stack.clone());
        EXPECT_EQ(clone.wrong_blocks(0, 1), 0U);

        clone.stamp(10);
        EXPECT_EQ(clone.wrong_blocks(0, 2), 0U);
        EXPECT_EQ(source.wrong_blocks(0, 1), 0U);

        stack.enable_hydration();
        stack.wait_until_hydrated();
        EXPECT_EQ(clone.wrong_blocks(0, 2), 0U);
        EXPECT_EQ(source.wrong_blocks(0, 1), 0U);

        clone.stamp(5);
        EXPECT_EQ(clone.wrong_blocks(0, 3), 0U);
        EXPECT_EQ(source.wrong_blocks(0, 1), 0U);
      });
    });
  });
}

}  // namespace
}  // namespace suite
