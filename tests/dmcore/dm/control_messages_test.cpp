// SPDX-License-Identifier: GPL-2.0-or-later
// Messages and events.
#include "tests/dmcore/dm/control_fixture.h"
#include "tests/rig/control.h"
#include "tests/rig/probe_target.h"

namespace {

using namespace dmcore;
using ioctl::Command;
using test::Control;
using test::DmControl;
using testing::ElementsAre;

TEST_F(DmControl, PassesMessagesOn) {
  m.run([&] {
    m.make("a", {{0, 8, "probe", ""}});
    Control silent;
    EXPECT_TRUE(silent.name("a").payload("hello world", 8).run(m.dm(), Command::target_message).ok());
    EXPECT_FALSE(silent.has(ioctl::flag_data_out));
    EXPECT_EQ(probe.calls.back(), "message hello world");
    probe.answer = "hi";
    Control call;
    EXPECT_TRUE(call.name("a").payload("hello", 8).run(m.dm(), Command::target_message).ok());
    EXPECT_TRUE(call.has(ioctl::flag_data_out));
    EXPECT_STREQ(call.out(), "hi");
  });
}

TEST_F(DmControl, RefusesMessagesThatNobodyTakes) {
  TargetType mute = test::probe_type("mute", probe);
  mute.has_message = false;
  ASSERT_TRUE(m.dm().register_target(mute).ok());
  EXPECT_THAT(logged([&] {
                ASSERT_TRUE(m.create("a").ok());
                const auto send = [&](const char* text, sector_t sector = 0) {
                  Control call;
                  call.name("a").payload(text, 8);
                  std::memcpy(call.buffer().data() + 312, &sector, 8);
                  return call.run(m.dm(), Command::target_message);
                };
                EXPECT_EQ(send("x"), Errno::inval);
                m.make("b", {{0, 8, "mute", ""}});
                ASSERT_TRUE(m.load("a", {{0, 8, "mute", ""}}).ok());
                ASSERT_TRUE(m.resume("a").ok());
                EXPECT_EQ(send("x"), Errno::inval);
                EXPECT_EQ(send("x", 8), Errno::inval);
                EXPECT_EQ(send(" "), Errno::inval);
                EXPECT_EQ(send("@what"), Errno::inval);
                EXPECT_EQ(send("@cancel_deferred_remove now"), Errno::inval);
                Control far;
                far.name("a").header().data_start = 100;
                EXPECT_EQ(far.run(m.dm(), Command::target_message), Errno::inval);
              }),
              ElementsAre("ioctl: The device has no table.", "ioctl: Target type does not support messages",
                          "ioctl: Target message sector outside device.", "ioctl: Empty message received.",
                          "ioctl: Unsupported message sent to DM core: @what",
                          "ioctl: Invalid arguments for @cancel_deferred_remove",
                          "ioctl: Invalid target message parameters."));
}

TEST_F(DmControl, WaitsForAnEvent) {
  m.run([&] {
    MappedDevice& md = m.make("a", {{0, 8, "probe", ""}});
    bool woken = false;
    m.runtime().spawn("waiter", [&] {
      Control call;
      EXPECT_TRUE(call.name("a").run(m.dm(), Command::dev_wait).ok());
      EXPECT_EQ(call.header().event_nr, 1U);
      woken = true;
    });
    m.runtime().settle();
    EXPECT_FALSE(woken);
    {
      const MappedDevice::LiveTable table(md);
      table->event();
    }
    m.runtime().settle();
    EXPECT_TRUE(woken);
  });
}

TEST_F(DmControl, RemovingADeviceWakesItsWaiters) {
  m.run([&] {
    m.make("a", {{0, 8, "probe", ""}});
    bool woken = false;
    m.runtime().spawn("waiter", [&] {
      EXPECT_TRUE(Control().name("a").run(m.dm(), Command::dev_wait).ok());
      woken = true;
    });
    m.runtime().settle();
    EXPECT_TRUE(m.remove("a").ok());
    EXPECT_TRUE(woken);
  });
}

TEST_F(DmControl, CountsEventsOfAllDevices) {
  m.run([&] {
    EXPECT_TRUE(Control().run(m.dm(), Command::dev_arm_poll).ok());
    EXPECT_FALSE(m.dm().poll_ready());
    EXPECT_TRUE(m.create("a").ok());
    EXPECT_TRUE(m.dm().poll_ready());
  });
}

}  // namespace
