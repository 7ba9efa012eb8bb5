// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/rig/clone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rig/failure.h"
#include "tests/rig/letters.h"

namespace {

using test::Clone;
using test::Failure;
using test::Machine;
using testing::ElementsAre;

TEST(RigClone, ReadsItsSource) {
  Machine machine;
  Clone clone(machine, {.sectors = 64});
  machine.run([&] {
    clone.create();
    EXPECT_EQ(clone.read(60, 4), "ssss");
  });
}

TEST(RigClone, KeepsWhatIsWritten) {
  Machine machine;
  Clone clone(machine, {.sectors = 64, .region_sectors = 16});
  machine.run([&] {
    clone.create();
    clone.write(3, "AB");
    EXPECT_EQ(clone.read(0, 6), "sssABs");
    EXPECT_EQ(clone.status().hydrated_regions, 1U);
    clone.discard(16, 16);
    clone.flush();
    EXPECT_EQ(clone.status().hydrated_regions, 2U);
  });
  EXPECT_EQ(test::stored_letters(clone.destination(), 0, 6), "sssABs");
}

TEST(RigClone, HasTheShapeThatWasAskedFor) {
  Machine machine;
  Clone clone(machine, {.sectors = 128,
                        .region_sectors = 32,
                        .features = {"no_hydration", "no_discard_passdown"},
                        .core_arguments = {{"hydration_threshold", "4"}},
                        .metadata_sectors = 512});
  machine.run([&] {
    clone.create();
    const sim::host::CloneStatus status = clone.status();
    EXPECT_EQ(status.regions, 4U);
    EXPECT_EQ(status.region_sectors, 32U);
    EXPECT_EQ(status.metadata_blocks, 64U);
    EXPECT_THAT(status.features, ElementsAre("no_hydration", "no_discard_passdown"));
    EXPECT_THAT(status.core_arguments, testing::Contains(testing::Pair("hydration_threshold", "4")));
  });
}

TEST(RigClone, IsReloadedAndHydrates) {
  Machine machine;
  Clone clone(machine, {.sectors = 64});
  machine.run([&] {
    clone.create();
    test::CloneShape hydrating = clone.shape();
    hydrating.features = {};
    clone.reload(hydrating);
    clone.wait_until_hydrated();
  });
  EXPECT_EQ(test::stored_letters(clone.destination(), 0, 64), std::string(64, 's'));
}

TEST(RigClone, TakesMessages) {
  Machine machine;
  Clone clone(machine, {.sectors = 64});
  machine.run([&] {
    clone.create();
    clone.message("hydration_threshold 9");
    EXPECT_THAT(clone.status().core_arguments, testing::Contains(testing::Pair("hydration_threshold", "9")));
    EXPECT_THROW(clone.message("nothing"), Failure);
  });
}

TEST(RigClone, IsThereAgainAfterItWasRemoved) {
  Machine machine;
  Clone clone(machine, {.sectors = 64});
  machine.run([&] {
    clone.create();
    clone.write(0, "AAAAAAAA");
    clone.remove();
    clone.create();
    EXPECT_EQ(clone.read(0, 9), "AAAAAAAAs");
  });
}

TEST(RigClone, ATableThatIsRefusedIsAFailure) {
  Machine machine;
  Clone clone(machine, {.sectors = 64, .region_sectors = 7});
  machine.run([&] { EXPECT_THROW(clone.create(), Failure); });
}

}  // namespace
