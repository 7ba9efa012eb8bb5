// SPDX-License-Identifier: GPL-2.0-or-later
// Commands that make, remove, rename and describe devices.
#include "tests/dmcore/dm/control_fixture.h"
#include "tests/rig/control.h"

namespace {

using namespace dmcore;
using ioctl::Command;
using test::Control;
using test::DmControl;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(DmControl, CreatesWithTheLowestFreeMinor) {
  m.run([&] {
    for (const char* name : {"a", "b", "c"}) EXPECT_TRUE(m.create(name).ok());
    EXPECT_TRUE(m.remove("b").ok());
    Control call;
    EXPECT_TRUE(call.name("d").run(m.dm(), Command::dev_create).ok());
    EXPECT_EQ(call.header().dev, ioctl::encode_device(253, 1));
  });
}

TEST_F(DmControl, CreatesWithTheMinorThatIsAskedFor) {
  m.run([&] {
    Control call;
    call.name("a").flags(ioctl::flag_persistent_dev).header().dev = ioctl::encode_device(253, 300);
    EXPECT_TRUE(call.run(m.dm(), Command::dev_create).ok());
    EXPECT_EQ(m.mapped("a").device_name(), "253:300");
    EXPECT_EQ(m.mapped("a").name(), "dm-300");
    Control again;
    again.name("b").flags(ioctl::flag_persistent_dev).header().dev = ioctl::encode_device(253, 300);
    EXPECT_EQ(again.run(m.dm(), Command::dev_create), Errno::nxio);
  });
}

TEST_F(DmControl, NamesAndUuidsAreUnique) {
  m.run([&] {
    EXPECT_TRUE(m.create("a", "U").ok());
    EXPECT_EQ(m.create("a"), Errno::busy);
    EXPECT_EQ(m.create("b", "U"), Errno::busy);
    EXPECT_THAT(names(), ElementsAre("a"));
    EXPECT_TRUE(m.create("b").ok());
    EXPECT_EQ(m.mapped("b").device_name(), "253:1");
  });
}

TEST_F(DmControl, RefusesBadNames) {
  EXPECT_THAT(logged([&] {
                EXPECT_EQ(m.create("a/b"), Errno::inval);
                EXPECT_EQ(m.create(""), Errno::inval);
              }),
              ElementsAre("ioctl: invalid device name", "ioctl: name not supplied when creating device"));
}

TEST_F(DmControl, FindsByNameUuidAndNumber) {
  m.run([&] {
    ASSERT_TRUE(m.create("a", "U").ok());
    Control by_uuid;
    EXPECT_TRUE(by_uuid.uuid("U").run(m.dm(), Command::dev_status).ok());
    EXPECT_STREQ(by_uuid.header().name, "a");
    Control by_number;
    by_number.header().dev = ioctl::encode_device(253, 0);
    EXPECT_TRUE(by_number.run(m.dm(), Command::dev_status).ok());
    EXPECT_STREQ(by_number.header().name, "a");
    EXPECT_STREQ(by_number.header().uuid, "U");
    EXPECT_EQ(Control().run(m.dm(), Command::dev_status), Errno::nxio);
  });
}

TEST_F(DmControl, ReportsTheStateOfADevice) {
  m.run([&] {
    ASSERT_TRUE(m.create("a").ok());
    ASSERT_TRUE(m.load("a", {{0, 8, "probe", ""}, {8, 8, "probe", ""}}, ioctl::flag_readonly).ok());
    Control before;
    EXPECT_TRUE(before.name("a").run(m.dm(), Command::dev_status).ok());
    EXPECT_TRUE(before.has(ioctl::flag_inactive_present));
    EXPECT_FALSE(before.has(ioctl::flag_active_present));
    EXPECT_EQ(before.header().target_count, 0U);
    Control inactive;
    inactive.name("a").flags(ioctl::flag_query_inactive_table);
    EXPECT_TRUE(inactive.run(m.dm(), Command::dev_status).ok());
    EXPECT_TRUE(inactive.has(ioctl::flag_readonly));
    EXPECT_EQ(inactive.header().target_count, 2U);
    ASSERT_TRUE(m.resume("a").ok());
    ASSERT_TRUE(m.suspend("a").ok());
    ASSERT_TRUE(m.block().open(m.mapped("a").dev(), {true, false}).ok());
    Control after;
    EXPECT_TRUE(after.name("a").run(m.dm(), Command::dev_status).ok());
    EXPECT_EQ(after.header().flags, ioctl::flag_active_present | ioctl::flag_suspend | ioctl::flag_readonly);
    EXPECT_EQ(after.header().open_count, 1);
    EXPECT_EQ(after.header().target_count, 2U);
    EXPECT_TRUE(m.mapped("a").read_only);
  });
}

TEST_F(DmControl, ListsInTheOrderOfNames) {
  m.run([&] {
    EXPECT_THAT(names(), IsEmpty());
    for (const char* name : {"b", "a", "\xc3\xa4", "B"}) EXPECT_TRUE(m.create(name).ok());
    EXPECT_THAT(names(), ElementsAre("B", "a", "b", "\xc3\xa4"));
  });
}

TEST_F(DmControl, ListsUuidsAndFiltersIfAsked) {
  m.run([&] {
    ASSERT_TRUE(m.create("a1", "LVM-1").ok());
    ASSERT_TRUE(m.create("a2").ok());
    ASSERT_TRUE(m.create("b", "LVM-2").ok());
    Control call;
    EXPECT_TRUE(call.name("a").uuid("LVM").flags(ioctl::flag_uuid).run(m.dm(), Command::list_devices).ok());
    const char* entry = call.out();
    ioctl::NameListEntry head;
    std::memcpy(&head, entry, sizeof head);
    EXPECT_EQ(head.next, 0U);
    EXPECT_STREQ(entry + 12, "a1");
    std::uint32_t event_and_flags[2];
    std::memcpy(event_and_flags, entry + 16, 8);
    EXPECT_THAT(event_and_flags, ElementsAre(0, ioctl::name_list_has_uuid));
    EXPECT_STREQ(entry + 24, "LVM-1");
    EXPECT_EQ(call.header().data_size, 312U + 32U);
  });
}

TEST_F(DmControl, SaysWhenAListDoesNotFit) {
  m.run([&] {
    ASSERT_TRUE(m.create("a").ok());
    Control call(312 + 23);
    EXPECT_TRUE(call.run(m.dm(), Command::list_devices).ok());
    EXPECT_TRUE(call.has(ioctl::flag_buffer_full));
    Control enough(312 + 24);
    EXPECT_TRUE(enough.run(m.dm(), Command::list_devices).ok());
    EXPECT_FALSE(enough.has(ioctl::flag_buffer_full));
  });
}

TEST_F(DmControl, Renames) {
  m.run([&] {
    ASSERT_TRUE(m.create("b").ok());
    ASSERT_TRUE(m.create("c").ok());
    EXPECT_TRUE(Control().name("b").payload("d").run(m.dm(), Command::dev_rename).ok());
    EXPECT_THAT(names(), ElementsAre("c", "d"));
    EXPECT_TRUE(
        Control().name("c").flags(ioctl::flag_uuid).payload("U").run(m.dm(), Command::dev_rename).ok());
    EXPECT_EQ(m.dm().devices().by_uuid("U")->name, "c");
  });
  EXPECT_THAT(m.logged(), IsEmpty());
}

TEST_F(DmControl, RefusesImpossibleRenames) {
  EXPECT_THAT(
      logged([&] {
        ASSERT_TRUE(m.create("a", "U").ok());
        ASSERT_TRUE(m.create("b").ok());
        EXPECT_EQ(Control().name("a").payload("b").run(m.dm(), Command::dev_rename), Errno::busy);
        EXPECT_EQ(Control().name("x").payload("y").run(m.dm(), Command::dev_rename), Errno::nxio);
        EXPECT_EQ(Control().name("a").flags(ioctl::flag_uuid).payload("V").run(m.dm(), Command::dev_rename),
                  Errno::inval);
        EXPECT_EQ(Control().name("b").flags(ioctl::flag_uuid).payload("U").run(m.dm(), Command::dev_rename),
                  Errno::busy);
        EXPECT_EQ(Control().name("b").payload("").run(m.dm(), Command::dev_rename), Errno::inval);
        EXPECT_EQ(Control().name("b").payload("x/y").run(m.dm(), Command::dev_rename), Errno::inval);
        EXPECT_EQ(Control().name("b").payload(std::string(128, 'n')).run(m.dm(), Command::dev_rename),
                  Errno::inval);
      }),
      ElementsAre("ioctl: Unable to change name on mapped device a to one that already exists: b",
                  "ioctl: Unable to rename non-existent device, x to y",
                  "ioctl: Unable to change uuid of mapped device a to V because uuid is already set "
                  "to U",
                  "ioctl: Unable to change uuid on mapped device b to one that already exists: U",
                  "ioctl: Invalid new mapped device name or uuid string supplied.",
                  "ioctl: invalid device name",
                  "ioctl: Invalid new mapped device name or uuid string supplied."));
}

TEST_F(DmControl, OpenDevicesAreNotRemoved) {
  m.run([&] {
    MappedDevice& md = m.make("a", {{0, 8, "probe", ""}});
    ASSERT_TRUE(m.block().open(md.dev(), {true, false}).ok());
    EXPECT_EQ(m.remove("a"), Errno::busy);
    md.close({true, false});
    EXPECT_TRUE(m.remove("a").ok());
    EXPECT_EQ(m.remove("a"), Errno::nxio);
    EXPECT_THAT(m.block().find(DevT{253, 0}), nullptr);
  });
}

TEST_F(DmControl, DeferredRemovalHappensAtTheLastClose) {
  m.run([&] {
    MappedDevice& md = m.make("a", {{0, 8, "probe", ""}});
    ASSERT_TRUE(m.block().open(md.dev(), {true, false}).ok());
    Control call;
    EXPECT_TRUE(call.name("a").flags(ioctl::flag_deferred_remove).run(m.dm(), Command::dev_remove).ok());
    EXPECT_TRUE(call.has(ioctl::flag_deferred_remove));
    EXPECT_TRUE(
        Control().name("a").payload("@Cancel_deferred_remove", 8).run(m.dm(), Command::target_message).ok());
    EXPECT_FALSE(md.deferred_remove());
    EXPECT_TRUE(m.remove("a", ioctl::flag_deferred_remove).ok());
    md.close({true, false});
    m.runtime().settle();
    EXPECT_THAT(names(), IsEmpty());
  });
}

TEST_F(DmControl, RemoveAllTakesStacksFromTheTop) {
  EXPECT_THAT(logged([&] {
                m.make("a", {{0, 8, "probe", "7:0"}});
                m.make("b", {{0, 8, "probe", "253:0"}});
                m.make("c", {{0, 8, "probe", "253:1"}});
                MappedDevice& open = m.make("d", {{0, 8, "probe", "7:0"}});
                ASSERT_TRUE(m.block().open(open.dev(), {true, false}).ok());
                EXPECT_TRUE(Control().run(m.dm(), Command::remove_all).ok());
                EXPECT_THAT(names(), ElementsAre("d"));
              }),
              ElementsAre("ioctl: remove_all left 1 open device(s)"));
}

TEST_F(DmControl, SetsTheGeometry) {
  EXPECT_THAT(
      logged([&] {
        MappedDevice& md = m.make("a", {{0, 8, "probe", ""}});
        const auto set = [&](const char* text) {
          return Control().name("a").payload(text).run(m.dm(), Command::dev_set_geometry);
        };
        EXPECT_TRUE(set("100 16 63 5").ok());
        EXPECT_EQ(md.geometry().heads, 16U);
        EXPECT_EQ(set("100 16 63"), Errno::inval);
        EXPECT_EQ(set("100 256 63 0"), Errno::inval);
        EXPECT_EQ(set("1 1 1 2"), Errno::inval);
      }),
      ElementsAre("ioctl: Unable to interpret geometry settings.", "ioctl: Geometry exceeds range limits.",
                  "core: Start sector is beyond the geometry limits."));
}

}  // namespace
