// SPDX-License-Identifier: GPL-2.0-or-later
// Loading tables: what is refused, and what a table makes of its devices.
#include "dmcore/dm/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/block/lib.h"

#include "tests/rig/control.h"
#include "tests/rig/dm_machine.h"
#include "tests/rig/probe_target.h"

namespace {

using namespace dmcore;
using test::DmMachine;
using test::Line;
using test::Probe;
using testing::ElementsAre;
using testing::IsEmpty;

class DmTable : public testing::Test {
 protected:
  DmTable() { EXPECT_TRUE(m.dm().register_target(test::probe_type("probe", probe)).ok()); }

  // Loads a table into the new device 253:0 and returns the log.
  std::vector<std::string> load(const std::vector<Line>& lines, std::uint32_t flags = 0) {
    m.run([&] {
      if (m.dm().devices().by_name("t") == nullptr) m.create("t").ignore();
      status = m.load("t", lines, flags);
    });
    return m.logged();
  }

  DmMachine m;
  Probe probe;
  Status status;
};

constexpr const char* not_added = "ioctl: error adding target to table";

TEST_F(DmTable, RefusesAGap) {
  EXPECT_THAT(load({{0, 8, "probe", ""}, {9, 8, "probe", ""}}),
              ElementsAre("table: 253:0: probe: Gap in table (-EINVAL)", not_added));
  EXPECT_EQ(status, Errno::inval);
  EXPECT_THAT(probe.calls, ElementsAre("ctr", "dtr"));
}

TEST_F(DmTable, RefusesAZeroLengthTarget) {
  EXPECT_THAT(load({{0, 0, "probe", ""}}), ElementsAre("table: 253:0: zero-length target", not_added));
}

TEST_F(DmTable, RefusesADeviceLargerThanAFileOffset) {
  const sector_t too_long = (sector_t{1} << 54U);
  EXPECT_THAT(load({{0, too_long, "probe", ""}}), ElementsAre("table: 253:0: too large device", not_added));
  EXPECT_THAT(load({{8, ~sector_t{0}, "probe", ""}}),
              ElementsAre("table: 253:0: too large device", not_added));
}

TEST_F(DmTable, RefusesAnUnknownType) {
  EXPECT_THAT(load({{0, 8, "nosuch", ""}}),
              ElementsAre("table: 253:0: nosuch: unknown target type", not_added));
}

TEST_F(DmTable, SaysWhyAConstructorFailed) {
  probe.ctr_status = Errno::nospc;
  EXPECT_THAT(load({{0, 8, "probe", ""}}),
              ElementsAre("table: 253:0: probe: constructor says no (-ENOSPC)", not_added));
  EXPECT_EQ(status, Errno::nospc);
}

TEST_F(DmTable, RefusesATableWithoutTargets) {
  EXPECT_THAT(load({}), ElementsAre("ioctl: populate_table: no targets specified"));
}

TEST_F(DmTable, SingletonStandsAlone) {
  ASSERT_TRUE(m.dm().register_target(test::probe_type("single", probe, TargetType::singleton)).ok());
  EXPECT_THAT(load({{0, 8, "single", ""}, {8, 8, "probe", ""}}),
              ElementsAre("table: 253:0: target type single must appear alone in table", not_added));
  EXPECT_THAT(load({{0, 8, "probe", ""}, {8, 8, "single", ""}}),
              ElementsAre("table: 253:0: single: singleton target type must appear alone in table (-EINVAL)",
                          not_added));
}

TEST_F(DmTable, AlwaysWriteableTypeRefusesAReadOnlyTable) {
  ASSERT_TRUE(m.dm().register_target(test::probe_type("writer", probe, TargetType::always_writeable)).ok());
  EXPECT_THAT(load({{0, 8, "writer", ""}}, ioctl::flag_readonly),
              ElementsAre("table: 253:0: writer: target type may not be included in a read-only table "
                          "(-EINVAL)",
                          not_added));
}

TEST_F(DmTable, ImmutableTypeCannotBeMixedOrReplaced) {
  ASSERT_TRUE(m.dm().register_target(test::probe_type("fixed", probe, TargetType::immutable)).ok());
  EXPECT_THAT(load({{0, 8, "fixed", ""}, {8, 8, "probe", ""}}),
              ElementsAre("table: 253:0: probe: immutable target type cannot be mixed with other target "
                          "types (-EINVAL)",
                          not_added));
  EXPECT_THAT(load({{0, 8, "fixed", ""}}), IsEmpty());
  m.run([&] { EXPECT_TRUE(m.resume("t").ok()); });
  EXPECT_THAT(load({{0, 8, "probe", ""}}), ElementsAre("ioctl: can't replace immutable target type fixed"));
}

TEST_F(DmTable, FindsTheTargetOfEachSector) {
  std::vector<Line> lines;
  for (sector_t i = 0; i < 100; ++i) lines.push_back({i * 10, 10, "probe", ""});
  EXPECT_THAT(load(lines), IsEmpty());
  const Table& table = *m.dm().devices().by_name("t")->inactive;
  for (sector_t sector = 0; sector < 1000; ++sector) {
    ASSERT_NE(table.find_target(sector), nullptr);
    EXPECT_EQ(table.find_target(sector)->begin(), sector / 10 * 10);
  }
  EXPECT_EQ(table.find_target(1000), nullptr);
}

// ---- Devices ----

TEST_F(DmTable, NamesDevicesInManyWays) {
  m.add_probe_disk(64);
  m.block().add_node("mapper/alias", {7, 0});
  for (const char* name : {"/dev/loop0", "7:0", "007:0", "/dev/mapper/alias", "700", "0x700", "7:0:3:"}) {
    EXPECT_THAT(load({{0, 8, "probe", name}}), IsEmpty()) << name;
  }
}

TEST_F(DmTable, SaysWhyADeviceCannotBeHad) {
  const auto error_of = [&](const std::string& name) {
    load({{0, 8, "probe", name}});
    return status.error();
  };
  EXPECT_EQ(error_of("/dev/nosuch"), Errno::nodev);
  EXPECT_EQ(error_of("nosuch"), Errno::nodev);
  EXPECT_EQ(error_of("7:0x"), Errno::nodev);
  EXPECT_EQ(error_of("8:9"), Errno::nxio);
  EXPECT_EQ(error_of("5000:1"), Errno::overflow);
  EXPECT_EQ(error_of("7:1048576"), Errno::overflow);
}

TEST_F(DmTable, DeviceClaimedBySomebodyElseIsBusy) {
  BlockDevice& disk = m.add_probe_disk(64);
  const int somebody = 0;
  m.run([&] { EXPECT_TRUE(m.block().open(disk.dev(), {true, false}, &somebody).ok()); });
  load({{0, 8, "probe", "7:0"}});
  EXPECT_EQ(status, Errno::busy);
}

TEST_F(DmTable, OpensADeviceOnceForAllItsTargets) {
  const BlockDevice& disk = m.add_probe_disk(64);
  EXPECT_THAT(load({{0, 8, "probe", "7:0"}, {8, 8, "probe", "7:0 8"}}), IsEmpty());
  EXPECT_EQ(disk.open_count(), 1U);
  EXPECT_TRUE(disk.claimed());
  m.run([&] { EXPECT_TRUE(m.remove("t").ok()); });
  EXPECT_EQ(disk.open_count(), 0U);
  EXPECT_FALSE(disk.claimed());
}

TEST_F(DmTable, WidensTheModeOfADeviceForALaterTarget) {
  const BlockDevice& disk = m.add_probe_disk(64);
  m.run([&] {
    ASSERT_TRUE(m.create("t").ok());
    Table table(m.mapped("t"), OpenMode{true, true});
    const auto reader = table.get_device("7:0", {true, false});
    const auto writer = table.get_device("7:0", {true, true});
    ASSERT_TRUE(reader.ok() && writer.ok());
    EXPECT_NE(*reader, *writer);
    EXPECT_THAT(table.devices(), ElementsAre(*writer));
    EXPECT_EQ(disk.open_count(), 2U);
    table.put_device(*reader);
    EXPECT_EQ(disk.open_count(), 2U);
    table.put_device(*writer);
    EXPECT_EQ(disk.open_count(), 0U);
  });
}

TEST_F(DmTable, ClosesWhatTargetsLeaveOpen) {
  const BlockDevice& disk = m.add_probe_disk(64);
  probe.at_ctr = [](test::ProbeTarget& target) { target.device = nullptr; };
  load({{0, 8, "probe", "7:0"}});
  m.run([&] { EXPECT_TRUE(m.remove("t").ok()); });
  EXPECT_THAT(m.logged(), ElementsAre("table: 253:0: dm_table_destroy: dm_put_device call missing for 7:0"));
  EXPECT_EQ(disk.open_count(), 0U);
}

// ---- Limits ----

constexpr const char* no_limits = "core: Cannot calculate initial queue limits";
constexpr const char* no_queue = "ioctl: unable to set up device queue for new table.";

TEST_F(DmTable, RefusesADeviceThatIsTooSmall) {
  m.add_probe_disk(64);
  EXPECT_THAT(load({{0, 60, "probe", "7:0 8"}}),
              ElementsAre("table: 253:0: loop0 too small for target: start=8, len=60, dev_size=64", no_limits,
                          no_queue));
}

TEST_F(DmTable, RefusesATargetThatIsNotMadeOfWholeBlocks) {
  m.add_probe_disk(64).limits.logical_block_size = 4096;
  m.probe_disk(0).limits.physical_block_size = 4096;
  m.probe_disk(0).limits.io_min = 4096;
  EXPECT_THAT(load({{0, 12, "probe", "7:0"}}),
              ElementsAre("table: 253:0: len=12 not aligned to h/w logical block size 4096 of loop0",
                          no_limits, no_queue));
}

TEST_F(DmTable, RefusesATargetThatBeginsWithinABlock) {
  QueueLimits& limits = m.add_probe_disk(64).limits;
  limits.logical_block_size = limits.physical_block_size = limits.io_min = 4096;
  EXPECT_THAT(load({{0, 8, "probe", "7:0 4"}}),
              ElementsAre("table: 253:0: adding target device loop0 caused an alignment inconsistency: "
                          "physical_block_size=4096, logical_block_size=4096, alignment_offset=0, start=2048",
                          "table: 253:0: start=4 not aligned to h/w logical block size 4096 of loop0",
                          no_limits, no_queue));
}

TEST_F(DmTable, RefusesABlockSharedByTargetsThatCannotSplitIt) {
  m.add_probe_disk(64);
  QueueLimits& limits = m.add_probe_disk(64).limits;
  limits.logical_block_size = limits.physical_block_size = limits.io_min = 4096;
  EXPECT_THAT(load({{0, 4, "probe", "7:0"}, {4, 8, "probe", "7:1"}}),
              ElementsAre("table: 253:0: table line 1 (start sect 4 len 8) not aligned to h/w logical "
                          "block size 4096",
                          no_limits, no_queue));
  EXPECT_THAT(load({{0, 8, "probe", "7:1"}, {8, 4, "probe", "7:0"}}),
              ElementsAre("table: 253:0: table line 2 (start sect 8 len 4) not aligned to h/w logical "
                          "block size 4096",
                          no_limits, no_queue));
}

TEST_F(DmTable, LetsTargetsHaveTheLastWordOnLimits) {
  m.add_probe_disk(64);
  probe.io_hints = [](QueueLimits& limits) { limits.io_opt = 65536; };
  load({{0, 8, "probe", "7:0"}});
  EXPECT_EQ(m.mapped("t").limits.io_opt, 65536U);
}

TEST_F(DmTable, DiscardsOnlyIfEveryTargetCan) {
  m.add_probe_disk(64);
  EXPECT_THAT(load({{0, 8, "probe", "7:0"}}), IsEmpty());
  EXPECT_NE(m.mapped("t").limits.max_discard_sectors, 0U);
  EXPECT_NE(m.mapped("t").limits.max_write_zeroes_sectors, 0U);
  EXPECT_NE(m.mapped("t").limits.max_secure_erase_sectors, 0U);
  m.run([&] {
    // The second target has no device and wants no discards.
    EXPECT_TRUE(m.load("t", {{0, 8, "probe", "7:0"}, {8, 8, "probe", ""}}).ok());
    EXPECT_TRUE(m.resume("t").ok());
    EXPECT_EQ(m.mapped("t").limits.max_discard_sectors, 0U);
    EXPECT_EQ(m.mapped("t").limits.discard_granularity, 0U);
    EXPECT_EQ(m.mapped("t").limits.max_write_zeroes_sectors, 0U);
    EXPECT_EQ(m.mapped("t").limits.max_secure_erase_sectors, 0U);
  });
}

TEST_F(DmTable, WarnsOfDiscardsThatNoBioWouldBring) {
  probe.at_ctr = [](test::ProbeTarget& target) { target.discards_supported = true; };
  EXPECT_THAT(load({{0, 8, "probe", ""}}),
              ElementsAre("table: 253:0: probe: ignoring discards_supported because num_discard_bios is "
                          "zero."));
}

TEST_F(DmTable, HasAVolatileCacheIfAnyDeviceHas) {
  m.add_probe_disk(64).write_cache = false;
  m.add_probe_disk(64).fua = false;
  load({{0, 8, "probe", "7:0"}});
  EXPECT_FALSE(m.mapped("t").write_cache);
  m.run([&] {
    EXPECT_TRUE(m.load("t", {{0, 8, "probe", "7:0"}, {8, 8, "probe", "7:1"}}).ok());
    EXPECT_TRUE(m.resume("t").ok());
  });
  EXPECT_TRUE(m.mapped("t").write_cache);
  // Any device with FUA makes the mapped device have it, as in the kernel.
  EXPECT_TRUE(m.mapped("t").fua);
}

TEST_F(DmTable, NowaitNeedsTheTypesAndTheDevicesConsent) {
  ASSERT_TRUE(m.dm().register_target(test::probe_type("quick", probe, TargetType::nowait)).ok());
  m.add_probe_disk(64).nowait = true;
  load({{0, 8, "probe", "7:0"}});
  EXPECT_FALSE(m.mapped("t").nowait);
  m.run([&] {
    EXPECT_TRUE(m.load("t", {{0, 8, "quick", "7:0"}}).ok());
    EXPECT_TRUE(m.resume("t").ok());
  });
  EXPECT_TRUE(m.mapped("t").nowait);
}

}  // namespace
