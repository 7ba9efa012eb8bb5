// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/rig/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rig/failure.h"
#include "tests/rig/letters.h"

namespace {

using std::chrono::milliseconds;
using test::Ending;
using test::Failure;
using test::Machine;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const sim::host::Table zeroes = {{0, 8, "zero", ""}};

TEST(RigMachine, DisksAreTheLoopDevicesInTheirOrder) {
  Machine machine;
  EXPECT_EQ(machine.add_disk(64).name(), "loop0");
  EXPECT_EQ(machine.add_probe_disk(32).name(), "loop1");
  EXPECT_EQ(machine.add_disk(16).name(), "loop2");
  EXPECT_EQ(machine.device("/dev/loop1").nr_sectors(), 32U);
  EXPECT_EQ(&machine.device("/dev/loop1"), &machine.probe_disk(0));
}

TEST(RigMachine, ADeviceThatDoesNotExistIsAFailure) {
  Machine machine;
  EXPECT_THROW(machine.device("/dev/mapper/c"), Failure);
}

TEST(RigMachine, ProbeDisksMayBePartsOfTables) {
  Machine machine;
  machine.add_probe_disk(64);
  machine.run([&] {
    EXPECT_TRUE(machine.host().dm().create("l", {{0, 8, "linear", "/dev/loop0 8"}}).ok());
    EXPECT_TRUE(machine.host().write("l", 1, test::bytes_of("A", 0)).ok());
  });
  EXPECT_THAT(machine.probe_disk(0).seen, testing::Contains("write 9+1 on loop0"));
}

TEST(RigMachine, TheLogIsTakenWithoutItsPrefix) {
  Machine machine;
  machine.run([&] { EXPECT_FALSE(machine.host().dm().create("a", {{0, 8, "zero", "x"}}).ok()); });
  EXPECT_THAT(machine.logged(), ElementsAre("table: 253:0: zero: No arguments required (-EINVAL)",
                                            "ioctl: error adding target to table"));
  EXPECT_THAT(machine.logged(), IsEmpty());
}

TEST(RigMachine, ProcessesRunAtTheSameTime) {
  Machine machine;
  std::vector<unsigned> begun;
  machine.run([&] {
    machine.in_parallel(3, [&](unsigned number) {
      begun.push_back(number);
      machine.host().sleep_for(milliseconds(10));
    });
  });
  EXPECT_THAT(begun, ElementsAre(0, 1, 2));
  EXPECT_EQ(machine.host().now(), milliseconds(10));
}

TEST(RigMachine, WhatAProcessThrowsIsPassedOn) {
  Machine machine;
  const auto fail = [&](unsigned number) {
    if (number == 1) throw Failure("no luck");
  };
  EXPECT_THROW(machine.run([&] { machine.in_parallel(2, fail); }), Failure);
}

TEST(RigMachine, NoFileOfTheHostIsRead) {
  Machine machine;
  machine.run([&] { EXPECT_FALSE(machine.host().read_file("README.md").has_value()); });
}

TEST(RigMachine, AnEndThatIsNoneIsFinished) {
  Machine machine;
  const Ending ending = machine.ending_of([&] { machine.run([] {}); });
  EXPECT_EQ(ending.kind, Ending::Kind::finished);
  EXPECT_EQ(ending.report, "");
}

TEST(RigMachine, AMachineEndsWhenItHasNoStepsLeft) {
  Machine machine;
  machine.runtime().set_step_budget(100);
  const Ending ending = machine.ending_of([&] {
    machine.run([&] {
      for (;;) machine.host().sleep_for(milliseconds(1));
    });
  });
  EXPECT_EQ(ending.kind, Ending::Kind::out_of_steps);
}

TEST(RigMachine, IoToASuspendedDeviceWaitsRightly) {
  Machine machine;
  const Ending ending = machine.ending_of([&] {
    machine.run([&] {
      test::checked(machine.host().dm().create("z", zeroes), "create");
      test::checked(machine.host().dm().suspend("z"), "suspend");
      std::vector<std::byte> data(dmcore::sector_size);
      EXPECT_TRUE(machine.host().read("z", 0, data).ok());
    });
  });
  EXPECT_EQ(ending.kind, Ending::Kind::waits);
}

TEST(RigMachine, WaitingForWhatNeverComesIsAMistake) {
  Machine machine;
  dmcore::Completion never(machine.runtime(), "nothing");
  const Ending ending = machine.ending_of([&] { machine.run([&] { never.wait(); }); });
  EXPECT_EQ(ending.kind, Ending::Kind::stopped);
  EXPECT_THAT(ending.report, HasSubstr("nothing"));
}

TEST(RigMachine, ARuleThatIsBrokenIsReported) {
  Machine machine;
  EXPECT_THAT(machine.stopped_by([&] { machine.runtime().violation("two and two"); }),
              HasSubstr("two and two"));
  Machine another;
  EXPECT_EQ(another.stopped_by([] {}), "");
}

}  // namespace
