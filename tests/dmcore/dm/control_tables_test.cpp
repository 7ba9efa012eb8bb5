// SPDX-License-Identifier: GPL-2.0-or-later
// Commands that load, show and clear tables, and list the types of targets.
#include "tests/dmcore/dm/control_fixture.h"
#include "tests/rig/control.h"
#include "tests/rig/probe_target.h"

namespace {

using namespace dmcore;
using ioctl::Command;
using test::Control;
using test::DmControl;
using testing::ElementsAre;

TEST_F(DmControl, LoadsReplacesAndClearsTheInactiveTable) {
  m.run([&] {
    ASSERT_TRUE(m.create("a").ok());
    EXPECT_TRUE(m.load("a", {{0, 8, "probe", "7:0"}}).ok());
    EXPECT_TRUE(m.load("a", {{0, 16, "probe", "7:0"}}).ok());
    EXPECT_THAT(probe.calls, ElementsAre("ctr 7:0", "ctr 7:0", "dtr"));
    Control clear;
    EXPECT_TRUE(clear.name("a").run(m.dm(), Command::table_clear).ok());
    EXPECT_FALSE(clear.has(ioctl::flag_inactive_present));
    EXPECT_TRUE(Control().name("a").run(m.dm(), Command::table_clear).ok());
    EXPECT_EQ(m.probe_disk(0).open_count(), 0U);
    // Without a table there is nothing to resume, and that is fine.
    EXPECT_TRUE(m.resume("a").ok());
  });
}

TEST_F(DmControl, ATableThatCannotBeLoadedLeavesTheOldOne) {
  m.run([&] {
    ASSERT_TRUE(m.create("a").ok());
    EXPECT_TRUE(m.load("a", {{0, 8, "probe", "7:0"}}).ok());
    EXPECT_FALSE(m.load("a", {{0, 8, "nosuch", ""}}).ok());
    Control call;
    EXPECT_TRUE(call.name("a")
                    .flags(ioctl::flag_query_inactive_table | ioctl::flag_status_table)
                    .run(m.dm(), Command::table_status)
                    .ok());
    EXPECT_THAT(call.targets(), ElementsAre("0 8 probe 7:0 0"));
  });
}

TEST_F(DmControl, ShowsTablesAndStatus) {
  probe.status_text = "fine";
  m.run([&] {
    m.make("a", {{0, 8, "probe", "7:0 3"}, {8, 8, "probe", ""}});
    Control status;
    EXPECT_TRUE(status.name("a").flags(ioctl::flag_noflush).run(m.dm(), Command::table_status).ok());
    EXPECT_THAT(status.targets(), ElementsAre("0 8 probe fine noflush", "8 8 probe fine noflush"));
    Control table;
    EXPECT_TRUE(table.name("a").flags(ioctl::flag_status_table).run(m.dm(), Command::table_status).ok());
    EXPECT_THAT(table.targets(), ElementsAre("0 8 probe 7:0 3", "8 8 probe "));
  });
}

TEST_F(DmControl, SaysWhenAStatusDoesNotFit) {
  probe.status_text = "1234567";
  m.run([&] {
    m.make("a", {{0, 8, "probe", ""}});
    for (const std::size_t room : {0, 40, 47, 48}) {
      Control call(312 + room);
      EXPECT_TRUE(call.name("a").run(m.dm(), Command::table_status).ok());
      EXPECT_TRUE(call.has(ioctl::flag_buffer_full)) << room;
    }
    Control call(312 + 49);
    EXPECT_TRUE(call.name("a").run(m.dm(), Command::table_status).ok());
    EXPECT_FALSE(call.has(ioctl::flag_buffer_full));
    EXPECT_EQ(call.header().data_size, 312U + 48U);
  });
}

TEST_F(DmControl, ListsWhatATableStandsOn) {
  m.run([&] {
    m.add_probe_disk(64);
    m.make("a", {{0, 8, "probe", "7:0"}, {8, 8, "probe", "7:1"}, {16, 8, "probe", "7:0"}});
    Control call;
    EXPECT_TRUE(call.name("a").run(m.dm(), Command::table_deps).ok());
    ioctl::TargetDeps deps;
    std::memcpy(&deps, call.out(), sizeof deps);
    EXPECT_EQ(deps.count, 2U);
    std::uint64_t first = 0;
    std::memcpy(&first, call.out() + sizeof deps, sizeof first);
    EXPECT_EQ(first, ioctl::encode_device(7, 1));
  });
}

TEST_F(DmControl, ADeviceMayStandOnItself) {
  m.run([&] {
    m.make("a", {{0, 8, "probe", "7:0"}});
    EXPECT_TRUE(m.load("a", {{0, 8, "probe", "253:0"}}).ok());
  });
}

TEST_F(DmControl, RefusesBrokenChainsOfTargets) {
  EXPECT_THAT(
      logged([&] {
        ASSERT_TRUE(m.create("a").ok());
        Control overlapping;
        overlapping.name("a").table({{0, 8, "probe", ""}, {8, 8, "probe", ""}});
        const std::uint32_t next = 39;
        std::memcpy(overlapping.buffer().data() + 312 + offsetof(ioctl::TargetSpec, next), &next, 4);
        EXPECT_EQ(overlapping.run(m.dm(), Command::table_load), Errno::inval);
        Control outside;
        outside.name("a").table({{0, 8, "probe", ""}}).header().data_start = 0xffffffff;
        EXPECT_EQ(outside.run(m.dm(), Command::table_load), Errno::inval);
        Control unterminated(312 + 48);
        unterminated.name("a").table({{0, 8, "probe", "1234567"}});
        unterminated.buffer().back() = std::byte{'8'};
        EXPECT_EQ(unterminated.run(m.dm(), Command::table_load), Errno::inval);
        Control too_many;
        too_many.name("a").table({{0, 8, "probe", ""}}).header().target_count = Table::max_targets + 1;
        EXPECT_EQ(too_many.run(m.dm(), Command::table_load), Errno::overflow);
      }),
      ElementsAre("ioctl: unable to find target", "ioctl: unable to find target",
                  "ioctl: unable to find target"));
}

TEST_F(DmControl, ListsTypesTheLastRegisteredFirst) {
  m.run([&] {
    ASSERT_TRUE(m.dm().register_target(test::probe_type("later", probe)).ok());
    EXPECT_EQ(m.dm().register_target(test::probe_type("later", probe)), Errno::exist);
    Control call;
    EXPECT_TRUE(call.run(m.dm(), Command::list_versions).ok());
    ioctl::TargetVersions first;
    std::memcpy(&first, call.out(), sizeof first);
    EXPECT_THAT(first.version, ElementsAre(1, 2, 3));
    EXPECT_STREQ(call.out() + sizeof first, "later");
    EXPECT_EQ(first.next, 24U);
    EXPECT_STREQ(call.out() + first.next + sizeof first, "probe");
    Control one;
    EXPECT_TRUE(one.name("probe").run(m.dm(), Command::get_target_version).ok());
    EXPECT_STREQ(one.out() + sizeof first, "probe");
    EXPECT_EQ(Control().name("x").run(m.dm(), Command::get_target_version), Errno::inval);
    Control tiny(312 + 20);
    EXPECT_TRUE(tiny.run(m.dm(), Command::list_versions).ok());
    EXPECT_TRUE(tiny.has(ioctl::flag_buffer_full));
  });
}

}  // namespace
