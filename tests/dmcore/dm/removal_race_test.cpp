// SPDX-License-Identifier: GPL-2.0-or-later
// A device is removed at every single step of what looks it up. A use that comes too late fails, and
// none touches a device that is gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/dm/dm.h"

#include "tests/rig/clone.h"
#include "tests/rig/dm_machine.h"
#include "tests/rig/guide.h"
#include "tests/rig/preemption.h"

namespace {

using dmcore::Errno;
using sim::host::Host;
using testing::AnyOf;

struct Use {
  const char* name;
  // What looks "victim" up and uses it; what comes of it.
  Errno (*use)(Host& host);
};

void PrintTo(const Use& use, std::ostream* out) {
  *out << use.name;
}

template <class Result>
Errno errno_of(const Result& result) {
  return result.has_value() ? Errno::ok : result.error().error;
}

sim::host::Table on_victim() {
  return {test::linear_target(8, "/dev/mapper/victim", 0)};
}

const Use uses[] = {
    {"read",
     [](Host& host) {
       std::array<std::byte, 512> data{};
       auto file = host.open("victim", false);
       if (!file.ok()) return file.error();
       const auto read = file->read(data, 0);
       file->close();
       return read.ok() ? Errno::ok : read.error();
     }},
    {"table",
     [](Host& host) {
       const Errno error = errno_of(host.dm().create("user", on_victim()));
       (void)host.dm().remove("user");
       return error;
     }},
    {"status", [](Host& host) { return errno_of(host.dm().status("victim")); }},
    {"info", [](Host& host) { return errno_of(host.dm().info("victim")); }},
    {"dependencies", [](Host& host) { return errno_of(host.dm().deps("victim")); }},
    {"message", [](Host& host) { return errno_of(host.dm().message("victim", 0, "@stats_list")); }},
    {"suspend",
     [](Host& host) {
       const Errno error = errno_of(host.dm().suspend("victim"));
       (void)host.dm().resume("victim");
       return error;
     }},
    {"load", [](Host& host) { return errno_of(host.dm().load("victim", on_victim())); }},
    {"rename", [](Host& host) { return errno_of(host.dm().rename("victim", "other")); }},
    {"names", [](Host& host) { return errno_of(host.dm().names()); }},
};

class Removal : public testing::TestWithParam<Use> {};

TEST_P(Removal, AtEveryStepOfAUseIsSafe) {
  const auto run = [&](test::Preemption& preemption) {
    test::DmMachine machine(preemption.strategy());
    machine.add_disk(8);
    machine.run([&] {
      ASSERT_TRUE(machine.host().dm().create("victim", {test::linear_target(8, "/dev/loop0", 0)}).ok());
      auto remover = machine.host().start("remover", [&] {
        machine.runtime().sleep_for(std::chrono::seconds(1));
        machine.remove("victim").ignore();
      });
      auto user = machine.host().start("user", [&] {
        machine.runtime().settle();
        preemption.arm();
        EXPECT_THAT(GetParam().use(machine.host()),
                    AnyOf(Errno::ok, Errno::nxio, Errno::noent, Errno::busy, Errno::inval));
      });
      user.wait();
      remover.wait();
    });
    EXPECT_EQ(machine.check_idle(), "");
  };
  EXPECT_GT(test::at_every_step(run, "remover"), 3U);
}

INSTANTIATE_TEST_SUITE_P(OfADevice, Removal, testing::ValuesIn(uses),
                         [](const auto& info) { return std::string(info.param.name); });

// A disk's driver does not know that it was removed: the block layer does.
TEST(Opening, FailsIfTheDiskIsRemovedMeanwhile) {
  test::GuidedMachine machine;
  dmcore::BlockDevice& disk = machine.add_disk(8);
  machine.guide()
      .run_until("opener", test::before(dmcore::Point::mutex_lock, "disk open_mutex"))
      .run("remover");
  machine.run([&] {
    auto opener = machine.host().start(
        "opener", [&] { EXPECT_EQ(machine.block().open(disk.dev(), {}).error(), Errno::nxio); });
    auto remover = machine.host().start("remover", [&] { machine.block().remove(disk); });
    opener.wait();
    remover.wait();
  });
  EXPECT_TRUE(machine.guide().done());
  machine.block().add(disk);
}

// Two programs that want a disk for themselves.
TEST(ExclusiveOpen, IsGivenToOneOfTwo) {
  test::at_every_step([](test::Preemption& preemption) {
    test::DmMachine machine(preemption.strategy());
    machine.add_disk(8);
    const dmcore::DevT dev = machine.device("/dev/loop0").dev();
    constexpr dmcore::OpenMode mode{.read = true, .write = true};
    unsigned given = 0;
    unsigned refused = 0;
    machine.run([&] {
      machine.in_parallel(2, [&](unsigned process) {
        if (process == 0) preemption.arm();
        const int holder = 0;
        const auto device = machine.block().open(dev, mode, &holder);
        ++(device.ok() ? given : refused);
        EXPECT_EQ(device.ok() ? Errno::busy : device.error(), Errno::busy);
        machine.runtime().settle();
        if (device.ok()) (*device)->close(mode, &holder);
      });
    });
    EXPECT_EQ(given, 1U);
    EXPECT_EQ(refused, 1U);
  });
}

}  // namespace
