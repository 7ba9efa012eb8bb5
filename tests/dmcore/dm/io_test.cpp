// SPDX-License-Identifier: GPL-2.0-or-later
// A bio's way through a mapped device.
#include "dmcore/dm/io.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/block/lib.h"
#include "dmcore/kernel/order.h"

#include "tests/rig/bio.h"
#include "tests/rig/control.h"
#include "tests/rig/dm_machine.h"
#include "tests/rig/letters.h"
#include "tests/rig/probe_target.h"

namespace {

using namespace dmcore;
using test::DmMachine;
using test::Line;
using test::Probe;
using test::ProbeTarget;
using test::read_letters;
using test::TestBio;
using test::write_letters;
using testing::ElementsAre;

class DmIo : public testing::Test {
 protected:
  DmIo() {
    EXPECT_TRUE(m.dm().register_target(test::probe_type("probe", probe)).ok());
    for (int i = 0; i < 2; ++i) m.add_probe_disk(4096).limits.logical_block_size = 512;
  }
  MappedDevice& make(const std::vector<Line>& lines) { return m.make("t", lines); }
  std::vector<std::string>& seen(std::size_t disk = 0) { return m.probe_disk(disk).seen; }
  void expect_nothing_in_flight() { EXPECT_EQ(m.block().in_flight(), 0U) << m.block().describe_in_flight(); }

  DmMachine m;
  Probe probe;
};

TEST_F(DmIo, ReadsAndWritesThroughToTheDevice) {
  m.run([&] {
    MappedDevice& md = make({{0, 64, "probe", "7:0 100"}});
    EXPECT_TRUE(write_letters(md, 8, std::string(2, 'X')).ok());
    EXPECT_EQ(read_letters(md, 7, 4), ".XX.");
  });
  EXPECT_THAT(seen(), ElementsAre("write 108+2 on loop0", "read 107+4 on loop0"));
  expect_nothing_in_flight();
}

TEST_F(DmIo, SplitsAtTheTargetsEnds) {
  m.run([&] {
    MappedDevice& md =
        make({{0, 10, "probe", "7:0"}, {10, 10, "probe", "7:1 50"}, {20, 10, "probe", "7:0 10"}});
    EXPECT_TRUE(write_letters(md, 5, std::string(20, 'X')).ok());
    EXPECT_EQ(read_letters(md, 0, 30), ".....XXXXXXXXXXXXXXXXXXXX.....");
  });
  EXPECT_EQ(seen(0)[0], "write 5+5 on loop0");
  EXPECT_EQ(seen(0)[1], "write 10+5 on loop0");
  EXPECT_EQ(seen(1)[0], "write 50+10 on loop1");
}

TEST_F(DmIo, SplitsAtMultiplesOfTheTargetsMaximum) {
  probe.at_ctr = [](ProbeTarget& target) { EXPECT_TRUE(target.limit_io(8).ok()); };
  m.run([&] {
    MappedDevice& md = make({{0, 64, "probe", "7:0 3"}});
    EXPECT_TRUE(write_letters(md, 6, std::string(12, 'X')).ok());
  });
  EXPECT_THAT(seen(), ElementsAre("write 9+2 on loop0", "write 11+8 on loop0", "write 19+2 on loop0"));
}

TEST_F(DmIo, SplitsAtMultiplesThatAreNoPowerOfTwo) {
  probe.at_ctr = [](ProbeTarget& target) { EXPECT_TRUE(target.limit_io(12).ok()); };
  m.run([&] {
    MappedDevice& md = make({{0, 64, "probe", "7:0"}});
    EXPECT_TRUE(write_letters(md, 10, std::string(10, 'X')).ok());
  });
  EXPECT_THAT(seen(), ElementsAre("write 10+2 on loop0", "write 12+8 on loop0"));
}

TEST_F(DmIo, AnErrorInOnePartFailsTheWhole) {
  m.probe_disk(1).outcome = [](const Bio&) { return BlockStatus::medium; };
  m.run([&] {
    MappedDevice& md = make({{0, 8, "probe", "7:0"}, {8, 8, "probe", "7:1"}, {16, 8, "probe", "7:0"}});
    EXPECT_EQ(write_letters(md, 0, std::string(24, 'X')), Errno::nodata);
    EXPECT_TRUE(write_letters(md, 0, std::string(8, 'X')).ok());
  });
  // The parts behind it were sent all the same.
  EXPECT_THAT(seen(0), ElementsAre("write 0+8 on loop0", "write 0+8 on loop0", "write 0+8 on loop0"));
  expect_nothing_in_flight();
}

TEST_F(DmIo, KilledBiosFail) {
  m.run([&] { EXPECT_EQ(read_letters(make({{0, 8, "probe", ""}}), 0, 1), "EIO"); });
  expect_nothing_in_flight();
}

TEST_F(DmIo, ATargetMayEndTheBioItself) {
  probe.map = [](ProbeTarget&, Bio& bio) {
    end_bio(bio, BlockStatus::nospc);
    return MapResult::submitted;
  };
  m.run([&] { EXPECT_EQ(read_letters(make({{0, 8, "probe", ""}}), 0, 1), "ENOSPC"); });
  expect_nothing_in_flight();
}

TEST_F(DmIo, ATargetMayKeepTheBioForLater) {
  Bio* kept = nullptr;
  probe.map = [&](ProbeTarget& target, Bio& bio) {
    target.remap(bio);
    kept = &bio;
    dmcore::order::release(&bio);
    return MapResult::submitted;
  };
  m.run([&] {
    MappedDevice& md = make({{0, 8, "probe", "7:0"}});
    bool done = false;
    m.runtime().spawn("writer", [&] {
      EXPECT_TRUE(write_letters(md, 0, std::string(1, 'X')).ok());
      done = true;
    });
    m.runtime().settle();
    EXPECT_FALSE(done);
    dmcore::order::acquire(kept);
    submit_bio(*kept);
    m.runtime().settle();
    EXPECT_TRUE(done);
  });
}

TEST_F(DmIo, ATargetMayAcceptPartOfABio) {
  probe.map = [](ProbeTarget& target, Bio& bio) {
    if (bio.sectors() > 3) accept_partial_bio(bio, 3);
    target.remap(bio);
    return MapResult::remapped;
  };
  m.run([&] {
    MappedDevice& md = make({{0, 64, "probe", "7:0"}});
    EXPECT_TRUE(write_letters(md, 1, std::string(8, 'X')).ok());
    EXPECT_EQ(read_letters(md, 0, 1), ".");
  });
  EXPECT_THAT(seen(), ElementsAre("write 1+3 on loop0", "write 4+3 on loop0", "write 7+2 on loop0",
                                  "read 0+1 on loop0"));
}

TEST_F(DmIo, KeepsATargetsDataWithTheBio) {
  probe.map = [](ProbeTarget& target, Bio& bio) {
    per_bio_data_as<sector_t>(bio) = bio.sector;
    target.remap(bio);
    return MapResult::remapped;
  };
  std::vector<sector_t> ended;
  probe.end_io = [&](ProbeTarget&, Bio& bio, BlockStatus&) {
    ended.push_back(per_bio_data_as<sector_t>(bio));
    return EndIoResult::done;
  };
  m.run([&] { EXPECT_TRUE(write_letters(make({{0, 64, "probe", "7:0 7"}}), 5, std::string(1, 'X')).ok()); });
  EXPECT_THAT(ended, ElementsAre(5));
}

TEST_F(DmIo, EndIoMayChangeTheStatus) {
  probe.end_io = [](ProbeTarget&, Bio&, BlockStatus& status) {
    EXPECT_EQ(status, BlockStatus::ok);
    status = BlockStatus::ioerr;
    return EndIoResult::done;
  };
  m.run([&] { EXPECT_EQ(read_letters(make({{0, 64, "probe", "7:0"}}), 5, 1), "EIO"); });
  expect_nothing_in_flight();
}

TEST_F(DmIo, EndIoMayKeepTheBioAndTryAgain) {
  int failures = 1;
  m.probe_disk(0).outcome = [&](const Bio&) { return failures-- > 0 ? BlockStatus::ioerr : BlockStatus::ok; };
  Bio* kept = nullptr;
  probe.end_io = [&](ProbeTarget&, Bio& bio, BlockStatus& status) {
    if (status == BlockStatus::ok) return EndIoResult::done;
    kept = &bio;
    dmcore::order::release(&bio);
    return EndIoResult::incomplete;
  };
  m.run([&] {
    MappedDevice& md = make({{0, 64, "probe", "7:0"}});
    m.runtime().spawn("writer", [&] { EXPECT_TRUE(write_letters(md, 5, std::string(1, 'X')).ok()); });
    m.runtime().settle();
    ASSERT_NE(kept, nullptr);
    dmcore::order::acquire(kept);
    kept->status = BlockStatus::ok;
    submit_bio(*kept);
    m.runtime().settle();
  });
  EXPECT_THAT(seen(), ElementsAre("write 5+1 on loop0", "write 5+1 on loop0"));
  expect_nothing_in_flight();
}

// ---- Flushes ----

TEST_F(DmIo, AFlushGoesToEveryTarget) {
  m.run([&] {
    MappedDevice& md = make({{0, 8, "probe", "7:0"}, {8, 8, "probe", "7:1"}});
    EXPECT_TRUE(issue_flush(md).ok());
  });
  EXPECT_THAT(seen(0), ElementsAre("flush of loop0"));
  EXPECT_THAT(seen(1), ElementsAre("flush of loop1"));
}

TEST_F(DmIo, AFlushComesAsOftenAsTheTargetWants) {
  std::vector<unsigned> numbers;
  probe.at_ctr = [](ProbeTarget& target) { target.num_flush_bios = 3; };
  probe.map = [&](ProbeTarget& target, Bio& bio) {
    numbers.push_back(target_bio_nr(bio));
    target.remap(bio);
    return MapResult::remapped;
  };
  m.run([&] { EXPECT_TRUE(issue_flush(make({{0, 8, "probe", "7:0"}})).ok()); });
  EXPECT_THAT(numbers, ElementsAre(0, 1, 2));
  EXPECT_EQ(seen().size(), 3U);
  expect_nothing_in_flight();
}

TEST_F(DmIo, DataThatComesWithAFlushFollowsIt) {
  m.run([&] {
    MappedDevice& md = make({{0, 8, "probe", "7:0"}, {8, 8, "probe", "7:1"}});
    EXPECT_TRUE(write_letters(md, 6, std::string(4, 'X'), bio_preflush | bio_fua).ok());
  });
  EXPECT_THAT(seen(0), ElementsAre("flush of loop0", "write 6+2 on loop0 fua"));
  EXPECT_THAT(seen(1), ElementsAre("flush of loop1", "write 0+2 on loop1 fua"));
}

TEST_F(DmIo, AFlushFailsIfOneTargetFailsIt) {
  m.probe_disk(1).outcome = [](const Bio&) { return BlockStatus::ioerr; };
  m.run([&] {
    EXPECT_EQ(issue_flush(make({{0, 8, "probe", "7:0"}, {8, 8, "probe", "7:1"}, {16, 8, "probe", "7:0"}})),
              Errno::io);
  });
  EXPECT_EQ(seen(0).size(), 2U);
}

// ---- Discards and their like ----

TEST_F(DmIo, DiscardsAreCutAtTargetsNotAtTheirMaximum) {
  probe.at_ctr = [](ProbeTarget& target) { EXPECT_TRUE(target.limit_io(8).ok()); };
  m.run([&] {
    MappedDevice& md = make({{0, 100, "probe", "7:0"}, {100, 100, "probe", "7:1"}});
    EXPECT_TRUE(issue_discard(md, 50, 100).ok());
  });
  EXPECT_THAT(seen(0), ElementsAre("discard 50+50 on loop0"));
  EXPECT_THAT(seen(1), ElementsAre("discard 0+50 on loop1"));
}

TEST_F(DmIo, DiscardsAreCutAtTheDevicesLimit) {
  m.probe_disk(0).limits.max_discard_sectors = 24;
  m.probe_disk(0).limits.discard_granularity = 8 * sector_size;
  m.run([&] {
    MappedDevice& md = make({{0, 200, "probe", "7:0"}});
    EXPECT_TRUE(issue_discard(md, 4, 60).ok());
  });
  // Those after the first begin on the granularity.
  EXPECT_THAT(seen(), ElementsAre("discard 4+4 on loop0", "discard 8+24 on loop0", "discard 32+24 on loop0",
                                  "discard 56+8 on loop0"));
  expect_nothing_in_flight();
}

TEST_F(DmIo, WriteZeroesAreCutAtTheDevicesLimit) {
  m.probe_disk(0).limits.max_write_zeroes_sectors = 30;
  m.run([&] {
    TestBio bio(make({{0, 200, "probe", "7:0"}}), BioOp::write_zeroes, 4, 60);
    EXPECT_EQ(bio.submit().wait(), BlockStatus::ok);
  });
  EXPECT_THAT(seen(), ElementsAre("write zeroes 4+30 on loop0", "write zeroes 34+30 on loop0"));
}

TEST_F(DmIo, EachCopyOfADiscardIsCounted) {
  std::vector<unsigned> numbers;
  probe.at_ctr = [](ProbeTarget& target) { target.num_discard_bios = 2; };
  probe.map = [&](ProbeTarget& target, Bio& bio) {
    numbers.push_back(target_bio_nr(bio));
    target.remap(bio);
    return MapResult::remapped;
  };
  m.run([&] { EXPECT_TRUE(issue_discard(make({{0, 64, "probe", "7:0"}}), 0, 8).ok()); });
  EXPECT_THAT(numbers, ElementsAre(0, 1));
  EXPECT_THAT(seen(), ElementsAre("discard 0+8 on loop0", "discard 0+8 on loop0"));
}

TEST_F(DmIo, ADeviceThatTurnsOutNotToDiscardIsBelieved) {
  m.probe_disk(0).outcome = [&](const Bio&) {
    m.probe_disk(0).limits.max_discard_sectors = 0;
    return BlockStatus::target;
  };
  m.run([&] {
    MappedDevice& md = make({{0, 64, "probe", "7:0"}});
    EXPECT_EQ(issue_discard(md, 0, 8), Errno::remoteio);
    EXPECT_EQ(md.limits.max_discard_sectors, 0U);
  });
}

// ---- Ends ----

TEST_F(DmIo, WithoutATableEverythingFails) {
  m.run([&] {
    ASSERT_TRUE(m.create("t").ok());
    ASSERT_TRUE(m.load("t", {{0, 8, "probe", "7:0"}}).ok());
    EXPECT_EQ(issue_flush(m.mapped("t")), Errno::io);
  });
  EXPECT_THAT(m.logged(), ElementsAre("core: 253:0: mapping table unavailable, erroring io"));
}

TEST_F(DmIo, CountsWhatWasReadWrittenAndDiscarded) {
  m.run([&] {
    MappedDevice& md = make({{0, 8, "probe", "7:0"}, {8, 8, "probe", "7:1"}});
    EXPECT_TRUE(write_letters(md, 0, std::string(16, 'X'), bio_preflush).ok());
    EXPECT_EQ(read_letters(md, 4, 8), "XXXXXXXX");
    EXPECT_TRUE(issue_discard(md, 0, 3).ok());
    EXPECT_EQ(md.counters.written_sectors, 16U);
    EXPECT_EQ(md.counters.read_sectors, 8U);
    EXPECT_EQ(md.counters.discarded_sectors, 3U);
    EXPECT_EQ(md.counters.flushes, 0U);
  });
}

TEST_F(DmIo, NowaitFailsAtATargetThatDoesNotKnowIt) {
  m.probe_disk(0).nowait = true;
  m.run([&] {
    MappedDevice& md = make({{0, 8, "probe", "7:0"}});
    md.nowait = true;
    std::vector<std::byte> data(sector_size);
    EXPECT_EQ(read_sectors(md, 0, data, bio_nowait), Errno::opnotsupp);
  });
}

// Every schedule must put split bios together again.
class DmIoSchedules : public testing::TestWithParam<unsigned> {};

TEST_P(DmIoSchedules, SplitBiosEndOnceAndWhole) {
  DmMachine m(std::make_unique<sim::RandomStrategy>(GetParam()));
  Probe probe;
  probe.at_ctr = [](ProbeTarget& target) {
    EXPECT_TRUE(target.limit_io(4).ok());
    target.num_flush_bios = 2;
  };
  ASSERT_TRUE(m.dm().register_target(test::probe_type("probe", probe)).ok());
  m.add_probe_disk(256);
  m.run([&] {
    MappedDevice& md = m.make("t", {{0, 30, "probe", "7:0"}, {30, 34, "probe", "7:0 30"}});
    int done = 0;
    for (int i = 0; i < 4; ++i) {
      m.runtime().spawn("writer", [&, i] {
        EXPECT_TRUE(write_letters(md, static_cast<sector_t>(i) * 16,
                                  std::string(16, static_cast<char>('A' + i)), bio_preflush)
                        .ok());
        ++done;
      });
    }
    while (done != 4) m.runtime().sleep_for(jiffy);
    EXPECT_EQ(read_letters(md, 14, 4), "AABB");
    EXPECT_TRUE(m.remove("t").ok());
  });
  EXPECT_EQ(m.block().in_flight(), 0U);
}
INSTANTIATE_TEST_SUITE_P(Seeds, DmIoSchedules, testing::Range(0U, 20U),
                         [](const auto& info) { return "Seed" + std::to_string(info.param); });

}  // namespace
