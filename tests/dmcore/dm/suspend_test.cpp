// SPDX-License-Identifier: GPL-2.0-or-later
// Suspending, resuming, swapping tables, pushing bios back, and removing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/block/lib.h"
#include "dmcore/kernel/order.h"

#include "tests/rig/dm_machine.h"
#include "tests/rig/letters.h"
#include "tests/rig/probe_target.h"

namespace {

using namespace dmcore;
using test::DmMachine;
using test::Probe;
using test::ProbeTarget;
using test::read_letters;
using test::write_letters;
using testing::ElementsAre;
using testing::IsEmpty;

class DmSuspend : public testing::Test {
 protected:
  DmSuspend() {
    EXPECT_TRUE(m.dm().register_target(test::probe_type("probe", probe)).ok());
    m.add_probe_disk(256);
    m.add_probe_disk(256);
  }
  // A task that writes one fill and notes the end.
  void spawn_write(MappedDevice& md, sector_t sector, sector_t count, char fill) {
    m.runtime().spawn("writer", [this, &md, sector, count, fill] {
      last_status = write_letters(md, sector, std::string(count, fill));
      ++done;
    });
    m.runtime().settle();
  }

  DmMachine m;
  Probe probe;
  int done = 0;
  Status last_status;
};

TEST_F(DmSuspend, CallsTheTargetsInOrder) {
  m.run([&] {
    m.make("t", {{0, 8, "probe", ""}});
    EXPECT_TRUE(m.suspend("t").ok());
    EXPECT_TRUE(m.resume("t").ok());
    EXPECT_TRUE(m.remove("t").ok());
  });
  EXPECT_THAT(probe.calls, ElementsAre("ctr", "preresume", "resume", "presuspend", "postsuspend", "preresume",
                                       "resume", "presuspend", "postsuspend", "dtr"));
}

TEST_F(DmSuspend, KeepsBiosBackUntilResumed) {
  m.run([&] {
    MappedDevice& md = m.make("t", {{0, 64, "probe", "7:0"}});
    EXPECT_TRUE(m.suspend("t").ok());
    EXPECT_TRUE(md.suspended());
    spawn_write(md, 0, 1, 'A');
    spawn_write(md, 1, 1, 'B');
    EXPECT_THAT(m.probe_disk(0).seen, IsEmpty());
    EXPECT_TRUE(m.resume("t").ok());
    m.runtime().settle();
    EXPECT_EQ(done, 2);
  });
  EXPECT_THAT(m.probe_disk(0).seen, ElementsAre("write 0+1 on loop0", "write 1+1 on loop0"));
}

TEST_F(DmSuspend, WaitsForBiosThatAreWithTheTargets) {
  m.run([&] {
    MappedDevice& md = m.make("t", {{0, 64, "probe", "7:0"}});
    m.probe_disk(0).hold = true;
    spawn_write(md, 0, 1, 'A');
    bool suspended = false;
    m.runtime().spawn("suspend", [&] {
      EXPECT_TRUE(m.suspend("t").ok());
      suspended = true;
    });
    m.runtime().settle();
    EXPECT_FALSE(suspended);
    m.probe_disk(0).finish_held();
    m.runtime().settle();
    EXPECT_TRUE(suspended);
    EXPECT_EQ(done, 1);
  });
}

TEST_F(DmSuspend, NowaitBiosAreNotKept) {
  m.probe_disk(0).nowait = true;
  ASSERT_TRUE(m.dm().register_target(test::probe_type("quick", probe, TargetType::nowait)).ok());
  m.run([&] {
    MappedDevice& md = m.make("t", {{0, 64, "quick", "7:0"}});
    EXPECT_TRUE(m.suspend("t").ok());
    std::vector<std::byte> data(sector_size);
    EXPECT_EQ(read_sectors(md, 0, data, bio_nowait), Errno::again);
  });
}

TEST_F(DmSuspend, KeptBiosGoToTheNewTable) {
  m.run([&] {
    MappedDevice& md = m.make("t", {{0, 64, "probe", "7:0"}});
    EXPECT_TRUE(m.suspend("t").ok());
    spawn_write(md, 0, 1, 'A');
    EXPECT_TRUE(m.load("t", {{0, 32, "probe", "7:1 5"}}).ok());
    EXPECT_TRUE(m.resume("t").ok());
    m.runtime().settle();
    EXPECT_EQ(done, 1);
    EXPECT_EQ(md.nr_sectors(), 32U);
  });
  EXPECT_THAT(m.probe_disk(1).seen, ElementsAre("write 5+1 on loop1"));
  EXPECT_EQ(m.probe_disk(0).open_count(), 0U);
}

TEST_F(DmSuspend, KeptBiosBeyondTheNewEndFail) {
  m.run([&] {
    MappedDevice& md = m.make("t", {{0, 64, "probe", "7:0"}});
    EXPECT_TRUE(m.suspend("t").ok());
    spawn_write(md, 40, 1, 'A');
    EXPECT_TRUE(m.load("t", {{0, 32, "probe", "7:0"}}).ok());
    EXPECT_TRUE(m.resume("t").ok());
    m.runtime().settle();
    EXPECT_EQ(done, 1);
    EXPECT_EQ(last_status, Errno::io);
  });
}

TEST_F(DmSuspend, ResumingWithANewTableSuspendsFirst) {
  m.run([&] {
    m.make("t", {{0, 64, "probe", "7:0"}});
    probe.calls.clear();
    EXPECT_TRUE(m.load("t", {{0, 64, "probe", "7:1"}}).ok());
    EXPECT_TRUE(m.resume("t").ok());
  });
  EXPECT_THAT(probe.calls, ElementsAre("ctr 7:1", "presuspend", "postsuspend", "preresume", "resume", "dtr"));
}

TEST_F(DmSuspend, ATargetMayRefuseToResume) {
  m.run([&] {
    MappedDevice& md = m.make("t", {{0, 64, "probe", "7:0"}});
    EXPECT_TRUE(m.suspend("t").ok());
    probe.preresume = Errno::inval;
    EXPECT_EQ(m.resume("t"), Errno::inval);
    EXPECT_TRUE(md.suspended());
    probe.preresume = {};
    EXPECT_TRUE(m.resume("t").ok());
    EXPECT_FALSE(md.suspended());
  });
  EXPECT_THAT(m.logged(), ElementsAre("table: 253:0: probe: preresume failed, error = -22"));
}

TEST_F(DmSuspend, TargetsSeeThatTheDeviceIsSuspended) {
  ProbeTarget* target = nullptr;
  probe.at_ctr = [&](ProbeTarget& made) { target = &made; };
  m.run([&] {
    m.make("t", {{0, 64, "probe", "7:0"}});
    EXPECT_FALSE(target->is_suspended());
    EXPECT_TRUE(m.suspend("t").ok());
    EXPECT_TRUE(target->is_suspended());
  });
}

TEST_F(DmSuspend, NoflushLetsTargetsPushBiosBack) {
  Bio* kept = nullptr;
  bool keep = true;
  probe.map = [&](ProbeTarget& target, Bio& bio) {
    target.remap(bio);
    if (!keep) return MapResult::remapped;
    kept = &bio;
    dmcore::order::release(&bio);
    return MapResult::submitted;
  };
  probe.end_io = [&](ProbeTarget&, Bio&, BlockStatus&) {
    return keep ? EndIoResult::requeue : EndIoResult::done;
  };
  m.run([&] {
    MappedDevice& md = m.make("t", {{0, 64, "probe", "7:0"}});
    spawn_write(md, 0, 8, 'A');
    m.runtime().spawn("suspend", [&] { EXPECT_TRUE(m.suspend("t", ioctl::flag_noflush).ok()); });
    m.runtime().settle();
    EXPECT_TRUE(md.noflush_suspending());
    dmcore::order::acquire(kept);
    end_bio(*kept);
    m.runtime().settle();
    EXPECT_TRUE(md.suspended());
    EXPECT_EQ(done, 0);
    keep = false;
    EXPECT_TRUE(m.resume("t").ok());
    m.runtime().settle();
    EXPECT_EQ(done, 1);
    EXPECT_TRUE(last_status.ok());
  });
  EXPECT_THAT(m.probe_disk(0).seen, ElementsAre("write 0+8 on loop0"));
}

TEST_F(DmSuspend, WithoutNoflushAPushedBackBioFails) {
  probe.map = [](ProbeTarget&, Bio&) { return MapResult::requeue; };
  m.run([&] {
    MappedDevice& md = m.make("t", {{0, 64, "probe", "7:0"}});
    spawn_write(md, 0, 8, 'A');
    EXPECT_EQ(done, 1);
    EXPECT_EQ(last_status, Errno::io);
  });
}

TEST_F(DmSuspend, PartsOfASplitBioArePushedBackAlone) {
  std::vector<Bio*> kept;
  bool keep = true;
  probe.at_ctr = [](ProbeTarget& target) { EXPECT_TRUE(target.limit_io(4).ok()); };
  probe.map = [&](ProbeTarget& target, Bio& bio) {
    target.remap(bio);
    if (!keep) return MapResult::remapped;
    kept.push_back(&bio);
    dmcore::order::release(&bio);
    return MapResult::submitted;
  };
  probe.end_io = [&](ProbeTarget&, Bio& bio, BlockStatus&) {
    return keep && bio.sector != 8 ? EndIoResult::requeue : EndIoResult::done;
  };
  m.run([&] {
    MappedDevice& md = m.make("t", {{0, 64, "probe", "7:0"}});
    spawn_write(md, 4, 12, 'A');
    m.runtime().spawn("suspend", [&] { EXPECT_TRUE(m.suspend("t", ioctl::flag_noflush).ok()); });
    m.runtime().settle();
    ASSERT_EQ(kept.size(), 3U);
    for (Bio* bio : kept) {
      dmcore::order::acquire(bio);
      end_bio(*bio);
    }
    m.runtime().settle();
    EXPECT_TRUE(md.suspended());
    keep = false;
    EXPECT_TRUE(m.resume("t").ok());
    m.runtime().settle();
    EXPECT_EQ(done, 1);
    EXPECT_TRUE(last_status.ok());
    EXPECT_EQ(read_letters(md, 0, 20), "....AAAA....AAAA....");
  });
  EXPECT_EQ(m.block().in_flight(), 0U);
}

TEST_F(DmSuspend, InternalSuspendNestsAndIsKeptFromUsers) {
  m.run([&] {
    MappedDevice& md = m.make("t", {{0, 64, "probe", "7:0"}});
    md.internal_suspend_noflush();
    md.internal_suspend_noflush();
    EXPECT_FALSE(md.suspended());
    EXPECT_TRUE(md.suspended_internally());
    spawn_write(md, 0, 1, 'A');
    bool suspended = false;
    m.runtime().spawn("suspend", [&] {
      EXPECT_TRUE(m.suspend("t").ok());
      suspended = true;
    });
    md.internal_resume();
    m.runtime().settle();
    EXPECT_FALSE(suspended);
    md.internal_resume();
    m.runtime().settle();
    EXPECT_TRUE(suspended);
  });
}

TEST_F(DmSuspend, InternalSuspendOfASuspendedDeviceOnlyMarksIt) {
  m.run([&] {
    MappedDevice& md = m.make("t", {{0, 64, "probe", "7:0"}});
    EXPECT_TRUE(m.suspend("t").ok());
    probe.calls.clear();
    md.internal_suspend_noflush();
    md.internal_resume();
    EXPECT_TRUE(md.suspended());
    EXPECT_FALSE(md.suspended_internally());
  });
  EXPECT_THAT(probe.calls, IsEmpty());
}

TEST_F(DmSuspend, ANewTableWithoutDevicesKeepsTheLimits) {
  m.run([&] {
    m.probe_disk(0).limits.io_opt = 65536;
    MappedDevice& md = m.make("t", {{0, 64, "probe", "7:0"}});
    EXPECT_EQ(md.limits.io_opt, 65536U);
    // A type that tells its devices, of which there are none.
    struct Empty final : Target {
      using Target::Target;
      Status ctr(std::span<const std::string>) override { return {}; }
      MapResult map(Bio&) override { return MapResult::kill; }
      std::string status(StatusType, bool) override { return {}; }
      [[nodiscard]] bool has_iterate_devices() const override { return true; }
    };
    TargetType type;
    type.name = "empty";
    type.make = [](Table& table, sector_t begin, sector_t len) {
      return std::make_unique<Empty>(table, begin, len);
    };
    ASSERT_TRUE(m.dm().register_target(type).ok());
    EXPECT_TRUE(m.load("t", {{0, 64, "empty", ""}}).ok());
    EXPECT_TRUE(m.resume("t").ok());
    EXPECT_EQ(md.limits.io_opt, 65536U);
    // A type that does not tell changes them.
    EXPECT_TRUE(m.load("t", {{0, 64, "probe", ""}}).ok());
    EXPECT_TRUE(m.resume("t").ok());
    EXPECT_EQ(md.limits.io_opt, 0U);
  });
}

// Suspending, swapping tables and removing while bios come: nothing is lost, nothing hangs, in any order.
class DmSuspendSchedules : public testing::TestWithParam<unsigned> {};

TEST_P(DmSuspendSchedules, BiosSurviveTableSwaps) {
  DmMachine m(std::make_unique<sim::RandomStrategy>(GetParam()));
  Probe probe;
  ASSERT_TRUE(m.dm().register_target(test::probe_type("probe", probe)).ok());
  m.add_probe_disk(256);
  m.run([&] {
    MappedDevice& md = m.make("t", {{0, 64, "probe", "7:0"}});
    int done = 0;
    for (int i = 0; i < 8; ++i) {
      m.runtime().spawn("writer", [&, i] {
        EXPECT_TRUE(
            write_letters(md, static_cast<sector_t>(i), std::string(1, static_cast<char>('A' + i))).ok());
        ++done;
      });
    }
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(m.load("t", {{0, 64, "probe", "7:0"}}).ok());
      EXPECT_TRUE(m.resume("t", i == 1 ? ioctl::flag_noflush : 0U).ok());
    }
    while (done != 8) m.runtime().sleep_for(jiffy);
    EXPECT_EQ(read_letters(md, 0, 8), "ABCDEFGH");
    EXPECT_TRUE(m.remove("t").ok());
  });
  EXPECT_EQ(m.probe_disk(0).open_count(), 0U);
  EXPECT_EQ(m.block().in_flight(), 0U);
}
INSTANTIATE_TEST_SUITE_P(Seeds, DmSuspendSchedules, testing::Range(0U, 30U),
                         [](const auto& info) { return "Seed" + std::to_string(info.param); });

}  // namespace
