// SPDX-License-Identifier: GPL-2.0-or-later
// device-mapper as a program sees it.
#include "sim/host/dm.h"

#include <gmock/gmock.h>

#include "tests/sim/host/host_fixture.h"

namespace {

using dmcore::Errno;
using sim::host::Table;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class HostDm : public test::HostTest {
 protected:
  void run(const std::function<void(sim::host::Dm)>& body) {
    host_.run([&] { body(host_.dm()); });
  }
  const Table zeroes_{{0, 8, "zero", ""}};
  const Table errors_{{0, 8, "error", ""}};
};

TEST_F(HostDm, ADeviceIsCreatedWithItsTable) {
  run([&](auto dm) {
    EXPECT_TRUE(dm.create("a", {{0, 8, "zero", ""}, {8, 16, "error", ""}}).ok());
    const auto table = dm.table("a");
    ASSERT_TRUE(table.ok());
    EXPECT_EQ(sim::libdm::format_table(*table), "0 8 zero\n8 16 error");
    const auto info = dm.info("a");
    EXPECT_TRUE(info->live_table);
    EXPECT_FALSE(info->suspended);
    EXPECT_EQ(info->target_count, 2U);
    EXPECT_TRUE(machine_.block().lookup_path("/dev/mapper/a").ok());
  });
}

TEST_F(HostDm, WithoutLinesADeviceHasNoTable) {
  run([&](auto dm) {
    EXPECT_TRUE(dm.create("a", {}).ok());
    EXPECT_FALSE(dm.info("a")->live_table);
  });
}

TEST_F(HostDm, UuidMinorAndReadOnlyAreTheKernels) {
  run([&](auto dm) {
    EXPECT_TRUE(dm.create("a", zeroes_, {.uuid = "U-1", .minor = 7, .read_only = true}).ok());
    EXPECT_EQ(dm.info("a")->minor, 7U);
    EXPECT_TRUE(dm.info("a")->read_only);
    const std::vector<std::string> words = {"info", "-c", "--noheadings", "-o", "uuid", "a"};
    EXPECT_EQ(host_.dmsetup(words).out, "U-1\n");
  });
}

TEST_F(HostDm, ATableThatIsRefusedLeavesNoDevice) {
  run([&](auto dm) {
    const auto status = dm.create("a", {{0, 8, "linear", "/dev/nosuch 0"}});
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().error, Errno::nodev);
    EXPECT_EQ(status.error().text, "device-mapper: reload ioctl on a (253:0) failed: No such device");
    EXPECT_THAT(*dm.names(), IsEmpty());
  });
}

TEST_F(HostDm, ANameThatCannotBeIsRefusedWithoutAnIoctl) {
  run([&](auto dm) {
    const auto status = dm.create("a/b", zeroes_);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().error, Errno::inval);
    EXPECT_EQ(status.error().text, "Name \"a/b\" invalid. It contains \"/\".");
  });
}

TEST_F(HostDm, ALoadedTableIsLiveAfterResume) {
  run([&](auto dm) {
    EXPECT_TRUE(dm.create("a", zeroes_).ok());
    EXPECT_TRUE(dm.load("a", errors_).ok());
    EXPECT_EQ(dm.table("a")->front().type, "zero");
    EXPECT_EQ(dm.table("a", true)->front().type, "error");
    EXPECT_TRUE(dm.resume("a").ok());
    EXPECT_EQ(dm.table("a")->front().type, "error");
  });
}

TEST_F(HostDm, ClearDropsTheLoadedTable) {
  run([&](auto dm) {
    EXPECT_TRUE(dm.create("a", zeroes_).ok());
    EXPECT_TRUE(dm.load("a", errors_).ok());
    EXPECT_TRUE(dm.clear("a").ok());
    EXPECT_FALSE(dm.info("a")->inactive_table);
  });
}

TEST_F(HostDm, SuspendLastsUntilResume) {
  run([&](auto dm) {
    EXPECT_TRUE(dm.create("a", zeroes_).ok());
    EXPECT_TRUE(dm.suspend("a").ok());
    EXPECT_TRUE(dm.info("a")->suspended);
    EXPECT_TRUE(dm.resume("a").ok());
    EXPECT_FALSE(dm.info("a")->suspended);
  });
}

TEST_F(HostDm, RemoveTakesTheNodeToo) {
  run([&](auto dm) {
    EXPECT_TRUE(dm.create("a", zeroes_).ok());
    EXPECT_TRUE(dm.remove("a").ok());
    EXPECT_THAT(*dm.names(), IsEmpty());
    EXPECT_FALSE(machine_.block().lookup_path("/dev/mapper/a").ok());
  });
}

TEST_F(HostDm, ADeviceThatIsOpenIsBusy) {
  run([&](auto dm) {
    EXPECT_TRUE(dm.create("a", zeroes_).ok());
    auto file = host_.open("a", false);
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(dm.remove("a").error().error, Errno::busy);
    EXPECT_TRUE(dm.remove("a", {.deferred = true}).ok());
    EXPECT_TRUE(dm.info("a")->deferred_remove);
    file->close();
    host_.settle();
    EXPECT_THAT(*dm.names(), IsEmpty());
  });
}

TEST_F(HostDm, RemoveWithRetryWaitsForTheLastClose) {
  run([&](auto dm) {
    EXPECT_TRUE(dm.create("a", zeroes_).ok());
    auto file = host_.open("a", false);
    ASSERT_TRUE(file.ok());
    auto closer = host_.start("closer", [&] {
      host_.sleep_for(std::chrono::seconds(1));
      file->close();
    });
    EXPECT_TRUE(dm.remove("a", {.retry = true}).ok());
    closer.wait();
  });
}

TEST_F(HostDm, RenameMovesTheNode) {
  run([&](auto dm) {
    EXPECT_TRUE(dm.create("a", zeroes_).ok());
    EXPECT_TRUE(dm.rename("a", "b").ok());
    EXPECT_THAT(*dm.names(), ElementsAre("b"));
    EXPECT_TRUE(host_.open("b", false).ok());
  });
}

TEST_F(HostDm, MessagesGetAnAnswer) {
  add_disk("d", 64);
  run([&](auto dm) {
    EXPECT_TRUE(dm.create("a", {{0, 64, "dust", "/dev/d 0 512"}}).ok());
    EXPECT_EQ(*dm.message("a", 0, "addbadblock 3"), "");
    EXPECT_THAT(*dm.message("a", 0, "queryblock 3"), HasSubstr("block 3 found in badblocklist"));
    EXPECT_EQ(dm.message("a", 0, "nonsense").error().error, Errno::inval);
  });
}

TEST_F(HostDm, DepsAreTheDevicesOfTheTable) {
  const sim::VirtualDisk& disk = add_disk("d", 64);
  run([&](auto dm) {
    EXPECT_TRUE(dm.create("a", {{0, 8, "linear", "/dev/d 0"}}).ok());
    EXPECT_THAT(*dm.deps("a"), ElementsAre(disk.dev()));
  });
}

TEST_F(HostDm, WaitReturnsWithTheNextEvent) {
  run([&](auto dm) {
    EXPECT_TRUE(dm.create("a", zeroes_).ok());
    const std::uint32_t seen = dm.info("a")->event_nr;
    auto renamer = host_.start("renamer", [&] {
      host_.sleep_for(std::chrono::seconds(1));
      EXPECT_TRUE(dm.rename("a", "b").ok());
    });
    const auto info = dm.wait("a", seen);
    ASSERT_TRUE(info.ok());
    EXPECT_GT(info->event_nr, seen);
    EXPECT_GE(host_.now(), std::chrono::seconds(1));
    renamer.wait();
  });
}

TEST_F(HostDm, QuestionsAboutADeviceThatIsNotThereFail) {
  run([&](auto dm) {
    EXPECT_EQ(dm.status("a").error().error, Errno::nxio);
    EXPECT_EQ(dm.info("a").error().text, "Device does not exist.");
    EXPECT_EQ(dm.suspend("a").error().error, Errno::nxio);
  });
}

TEST_F(HostDm, NamesAreMangledAsByDmsetup) {
  run([&](auto dm) {
    EXPECT_TRUE(dm.create("a b", zeroes_).ok());
    EXPECT_THAT(*dm.names(), ElementsAre("a b"));
    EXPECT_TRUE(machine_.block().lookup_path("/dev/mapper/a\\x20b").ok());
  });
}

TEST_F(HostDm, ACloneTellsItsStatusInNumbers) {
  for (const char* disk : {"m", "d", "s"}) add_disk(disk, 8192);
  run([&](auto dm) {
    EXPECT_TRUE(dm.create("c", {{0, 2048, "clone", "/dev/m /dev/d /dev/s 8 1 no_hydration"}}).ok());
    const auto status = dm.clone_status("c");
    ASSERT_TRUE(status.ok());
    EXPECT_EQ(status->regions, 256U);
    EXPECT_EQ(status->hydrated_regions, 0U);
    EXPECT_TRUE(status->has_feature("no_hydration"));
  });
}

TEST_F(HostDm, OtherTargetsHaveNoCloneStatus) {
  run([&](auto dm) {
    EXPECT_TRUE(dm.create("a", zeroes_).ok());
    EXPECT_EQ(dm.clone_status("a").error().text, "a is not a clone");
  });
}

TEST(HostTable, IsReadAsByDmsetup) {
  const auto table = sim::host::parse_table("# two\n0 8 zero\n 8 8 linear /dev/a 0\n");
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(sim::libdm::format_table(*table), "0 8 zero\n8 8 linear /dev/a 0");
}

TEST(HostTable, ALineThatIsNoTargetIsNamed) {
  EXPECT_EQ(sim::host::parse_table("0 8 zero\n8 eight zero").error().text,
            "Invalid format on line 2 of table .");
}

}  // namespace
