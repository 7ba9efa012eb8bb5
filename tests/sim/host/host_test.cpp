// SPDX-License-Identifier: GPL-2.0-or-later
// Time, processes, the log and dmsetup.
#include "sim/host/host.h"

#include <gmock/gmock.h>
#include <stdexcept>

#include "tests/sim/host/host_fixture.h"

namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using Host = test::HostTest;

TEST_F(Host, SleepForLetsTheMachinesTimePass) {
  host_.run([&] { host_.sleep_for(milliseconds(250)); });
  EXPECT_EQ(host_.now(), milliseconds(250));
}

TEST_F(Host, WaitUntilEndsWhenTheConditionIsTrue) {
  host_.run([&] {
    EXPECT_TRUE(host_.wait_until([&] { return host_.now() >= milliseconds(50); }, milliseconds(1000),
                                 milliseconds(20)));
  });
  EXPECT_EQ(host_.now(), milliseconds(60));
}

TEST_F(Host, WaitUntilGivesUpAfterItsTimeout) {
  host_.run(
      [&] { EXPECT_FALSE(host_.wait_until([] { return false; }, milliseconds(100), milliseconds(20))); });
  EXPECT_EQ(host_.now(), milliseconds(100));
}

TEST_F(Host, AProcessRunsBesideTheOneThatStartedIt) {
  std::string order;
  host_.run([&] {
    sim::host::Process process = host_.start("other", [&] {
      order += 'a';
      host_.sleep_for(milliseconds(10));
      order += 'c';
    });
    host_.settle();
    order += 'b';
    EXPECT_FALSE(process.ended());
    process.wait();
    EXPECT_TRUE(process.ended());
  });
  EXPECT_EQ(order, "abc");
}

TEST_F(Host, WaitingForAProcessPassesOnWhatItThrew) {
  host_.run([&] {
    sim::host::Process process = host_.start("other", [] { throw std::runtime_error("no luck"); });
    EXPECT_THROW(process.wait(), std::runtime_error);
  });
}

TEST_F(Host, WhatAProcessThrowsIsNotLostWithItsHandle) {
  const auto leave_alone = [&] { (void)host_.start("other", [] { throw std::runtime_error("no luck"); }); };
  EXPECT_THROW(host_.run([&] {
    leave_alone();
    host_.sleep_for(milliseconds(1));
  }),
               std::runtime_error);
}

TEST_F(Host, AProcessMayOutliveItsHandle) {
  bool ended = false;
  host_.run([&] {
    (void)host_.start("other", [&] {
      host_.sleep_for(milliseconds(10));
      ended = true;
    });
    host_.sleep_for(milliseconds(20));
  });
  EXPECT_TRUE(ended);
}

TEST_F(Host, DmsetupReturnsItsOutputsAndItsExitStatus) {
  host_.run([&] {
    const std::vector<std::string> create = {"create", "a"};
    EXPECT_EQ(host_.dmsetup(create, "0 8 zero\n").exit_code, 0);
    const std::vector<std::string> status = {"status", "a"};
    EXPECT_EQ(host_.dmsetup(status).out, "0 8 zero \n");
    const std::vector<std::string> missing = {"status", "b"};
    const sim::dmsetup::Outcome outcome = host_.dmsetup(missing);
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("Device does not exist."));
  });
}

TEST_F(Host, TakeLogReturnsWhatDeviceMapperLoggedSinceTheLastCall) {
  host_.run([&] {
    EXPECT_FALSE(host_.dm().create("a", {{0, 8, "nosuch", ""}}).ok());
    EXPECT_THAT(host_.take_log(),
                ElementsAre(HasSubstr("unknown target type"), HasSubstr("error adding target to table")));
    EXPECT_THAT(host_.take_log(), ElementsAre());
  });
}

}  // namespace
