// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/rig/dm_machine.h"

#include <gtest/gtest.h>

#include "tests/rig/failure.h"

namespace {

using test::DmMachine;

TEST(RigDmMachine, MakesDevicesAndShowsTheirTables) {
  DmMachine machine;
  machine.add_disk(64);
  machine.run([&] {
    EXPECT_EQ(machine.make("l", 8, "linear", "/dev/loop0 3").nr_sectors(), 8U);
    EXPECT_EQ(machine.table("l"), "7:0 3");
    EXPECT_EQ(machine.status("l"), "");
    EXPECT_TRUE(machine.remove("l").ok());
    EXPECT_EQ(machine.table("l"), "ENXIO");
  });
}

TEST(RigDmMachine, SaysWhyATableIsRefused) {
  DmMachine machine;
  machine.run([&] {
    EXPECT_EQ(machine.refusal(8, "zero", "x"), "zero: No arguments required (-EINVAL)");
    EXPECT_EQ(machine.refusal(8, "zero", ""), "");
  });
}

TEST(RigDmMachine, ADeviceThatCannotBeMadeIsAFailure) {
  DmMachine machine;
  machine.run([&] { EXPECT_THROW(machine.make("z", 8, "zero", "x"), test::Failure); });
}

TEST(RigDmMachine, SendsMessages) {
  DmMachine machine;
  machine.add_disk(64);
  machine.run([&] {
    machine.make("d", 64, "dust", "/dev/loop0 0 512");
    EXPECT_EQ(machine.message("d", "addbadblock 5"), "");
    EXPECT_EQ(machine.message("d", "countbadblocks"), "countbadblocks: 1 badblock(s) found");
    EXPECT_EQ(machine.message("d", "nothing"), "EINVAL");
  });
}

}  // namespace
