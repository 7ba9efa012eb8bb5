// SPDX-License-Identifier: GPL-2.0-or-later
// The virtual disk: I/O, limits, counters, time, faults.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/block/lib.h"
#include "dmcore/block/sysfs.h"

#include "sim/machine/machine.h"

#include "tests/rig/bio.h"
#include "tests/rig/letters.h"
#include "tests/rig/machine.h"
#include "tests/support/failing_store.h"

namespace {

using dmcore::BioOp;
using dmcore::BlockStatus;
using dmcore::Errno;
using dmcore::Time;
using std::chrono::milliseconds;
using test::Machine;
using test::read_letters;
using test::stored_letters;
using test::TestBio;
using test::write_letters;
using testing::AllOf;
using testing::HasSubstr;

TEST(Disk, ReadsBackWhatWasWritten) {
  Machine machine;
  auto& disk = machine.add_disk(64);
  machine.run([&] {
    EXPECT_EQ(write_letters(disk, 2, "ABC"), Errno::ok);
    EXPECT_EQ(read_letters(disk, 0, 6), "..ABC.");
  });
}

TEST(Disk, NothingEndsInsideSubmit) {
  Machine machine;
  auto& disk = machine.add_disk(64);
  machine.run([&] {
    TestBio bio(disk, BioOp::write, 0, 8, 'A');
    bio.submit();
    EXPECT_FALSE(bio.ended());
    machine.runtime().settle();
    EXPECT_TRUE(bio.ended());
    EXPECT_EQ(machine.runtime().now(), Time{0});
  });
}

TEST(Disk, EndsBiosInSoftirqContext) {
  Machine machine;
  auto& disk = machine.add_disk(64);
  machine.run([&] {
    dmcore::Bio bio;
    std::vector<std::byte> data(512);
    bio.init(disk, BioOp::read, 0, 512, data.data());
    dmcore::TaskKind kind{};
    bio.owner = &kind;
    bio.end_io = [](dmcore::Bio& ended) {
      *static_cast<dmcore::TaskKind*>(ended.owner) = ended.device->layer().runtime().current().kind;
    };
    submit_bio(bio);
    machine.runtime().settle();
    EXPECT_EQ(kind, dmcore::TaskKind::softirq);
  });
}

TEST(Disk, LeavesNothingOfABioThatItCompleted) {
  Machine machine;
  auto& disk = machine.add_disk(64);
  machine.run([&] {
    TestBio bio(disk, BioOp::read, 8, 8);
    bio.submit().wait();
    EXPECT_EQ(bio.bio.size, 0U);
    EXPECT_EQ(bio.bio.sector, 16U);
  });
}

TEST(Disk, SplitsWhatIsLongerThanItsLimit) {
  Machine machine;
  auto& disk = machine.add_disk(8192);
  machine.run([&] {
    TestBio bio(disk, BioOp::write, 0, 6000, 'A');
    bio.submit();
    EXPECT_EQ(disk.in_flight(), 3U);
    EXPECT_EQ(bio.wait(), BlockStatus::ok);
    EXPECT_EQ(disk.counters.written_sectors, 6000U);
    EXPECT_EQ(read_letters(disk, 5999, 2), "A.");
  });
}

TEST(Disk, SplitsLongDiscardsAtItsGranularity) {
  Machine machine;
  auto& disk = machine.add_disk(std::uint64_t{1} << 32);
  disk.limits.max_discard_sectors = 100;
  machine.run([&] {
    TestBio bio(disk, BioOp::discard, 3, 300);
    bio.submit();
    // 96 sectors at most, less what would let the next part begin off the grid.
    EXPECT_EQ(disk.in_flight(), 4U);
    bio.wait();
    EXPECT_EQ(disk.counters.discarded_sectors, 300U);
  });
}

TEST(Disk, DiscardsAndWriteZeroesReadAsZero) {
  Machine machine;
  auto& disk = machine.add_disk(64);
  machine.run([&] {
    EXPECT_EQ(write_letters(disk, 0, "AAAAAAAA"), Errno::ok);
    TestBio(disk, BioOp::discard, 1, 2).submit().wait();
    TestBio(disk, BioOp::write_zeroes, 5, 1).submit().wait();
    EXPECT_EQ(read_letters(disk, 0, 8), "A..AA.AA");
  });
}

TEST(Disk, CountsSectorsByDirection) {
  Machine machine;
  auto& disk = machine.add_disk(64);
  machine.run([&] {
    EXPECT_EQ(write_letters(disk, 0, "AAA"), Errno::ok);
    TestBio(disk, BioOp::read, 0, 7).submit().wait();
    TestBio(disk, BioOp::discard, 0, 5).submit().wait();
    TestBio(disk, BioOp::write_zeroes, 0, 2).submit().wait();
  });
  EXPECT_EQ(disk.counters.read_sectors, 7U);
  EXPECT_EQ(disk.counters.written_sectors, 5U);  // write-zeroes count as writes
  EXPECT_EQ(disk.counters.discarded_sectors, 5U);
}

TEST(Disk, ADiskWithoutDiscardRefusesThem) {
  Machine machine;
  auto& disk = machine.add_disk(64, {.discard = false});
  machine.run([&] {
    EXPECT_EQ(TestBio(disk, BioOp::discard, 0, 8).submit().wait(), BlockStatus::notsupp);
    // The loop driver asks the same limit, although it announces write-zeroes.
    EXPECT_EQ(TestBio(disk, BioOp::write_zeroes, 0, 8).submit().wait(), BlockStatus::notsupp);
  });
}

TEST(Disk, AReadOnlyDiskFailsWritesButCountsThem) {
  Machine machine;
  auto& disk = machine.add_disk(64, {.read_only = true});
  machine.run([&] {
    EXPECT_EQ(write_letters(disk, 0, "A"), Errno::io);
    EXPECT_EQ(TestBio(disk, BioOp::discard, 0, 8).submit().wait(), BlockStatus::ioerr);
    EXPECT_EQ(read_letters(disk, 0, 1), ".");
  });
  EXPECT_EQ(disk.counters.written_sectors, 1U);
  EXPECT_EQ(disk.counters.discarded_sectors, 8U);
}

TEST(Disk, PokingChangesBytesAtRest) {
  Machine machine;
  auto& disk = machine.add_disk(2);
  const std::vector bytes(512, std::byte{'P'});
  EXPECT_TRUE(disk.poke(512, bytes).ok());
  EXPECT_EQ(stored_letters(disk, 0, 2), ".P");
  EXPECT_EQ(disk.poke(513, bytes).error(), Errno::inval);
  EXPECT_EQ(disk.counters.written_sectors, 0U);
}

// ---- Faults ----

TEST(Disk, ABadSectorFailsTheWholeRequestThatTouchesIt) {
  Machine machine;
  auto& disk = machine.add_disk(64);
  disk.faults().add(10, 2, sim::FaultMap::Fails::writes);
  machine.run([&] {
    EXPECT_EQ(write_letters(disk, 8, "AAA"), Errno::io);
    EXPECT_EQ(write_letters(disk, 8, "AA"), Errno::ok);
    EXPECT_EQ(write_letters(disk, 12, "A"), Errno::ok);
    EXPECT_EQ(read_letters(disk, 8, 5), "AA..A");
    disk.faults().clear();
    EXPECT_EQ(write_letters(disk, 8, "BBB"), Errno::ok);
  });
}

TEST(Disk, AFailedFlushFailsWhoWaitedForIt) {
  Machine machine;
  auto& disk = machine.add_disk(64);
  disk.faults().fail_flushes(true);
  machine.run([&] { EXPECT_EQ(issue_flush(disk).error(), Errno::io); });
}

// ---- Tags ----

TEST(Disk, WhoFindsNoTagSleepsUntilARequestEnds) {
  Machine machine;
  auto& disk = machine.add_disk(64, {.tags = 1, .timing = {.read_latency = milliseconds(3)}});
  machine.run([&] {
    TestBio first(disk, BioOp::read, 0, 1);
    TestBio second(disk, BioOp::read, 1, 1);
    first.submit();
    second.submit();
    EXPECT_TRUE(first.ended());
    EXPECT_EQ(machine.runtime().now(), milliseconds(3));
    second.wait();
    EXPECT_EQ(second.ended_at(), milliseconds(6));
  });
}

TEST(Disk, ABioThatMustNotWaitForATagIsRefused) {
  Machine machine;
  auto& disk = machine.add_disk(64, {.tags = 1});
  machine.run([&] {
    TestBio first(disk, BioOp::read, 0, 1);
    TestBio second(disk, BioOp::read, 1, 1, '\0', dmcore::bio_nowait);
    first.submit();
    second.submit();
    EXPECT_EQ(second.wait(), BlockStatus::again);
    first.wait();
  });
}

// ---- Time ----

TEST(Disk, LatencyDelaysEachRequestButNotTheOthers) {
  Machine machine;
  auto& disk =
      machine.add_disk(64, {.timing = {.read_latency = milliseconds(3), .write_latency = milliseconds(5)}});
  machine.run([&] {
    TestBio read(disk, BioOp::read, 0, 8);
    TestBio write(disk, BioOp::write, 8, 8, 'A');
    TestBio discard(disk, BioOp::discard, 16, 8);
    for (TestBio* bio : {&read, &write, &discard}) bio->submit();
    for (TestBio* bio : {&read, &write, &discard}) bio->wait();
    EXPECT_EQ(read.ended_at(), milliseconds(3));
    EXPECT_EQ(write.ended_at(), milliseconds(5));
    EXPECT_EQ(discard.ended_at(), milliseconds(5));
  });
}

TEST(Disk, TransfersQueueForTheBandwidth) {
  Machine machine;
  auto& disk =
      machine.add_disk(64, {.timing = {.write_latency = milliseconds(1), .bytes_per_second = 512'000}});
  machine.run([&] {
    TestBio first(disk, BioOp::write, 0, 4, 'A');
    TestBio second(disk, BioOp::write, 4, 4, 'B');
    first.submit();
    second.submit();
    first.wait();
    second.wait();
    EXPECT_EQ(first.ended_at(), milliseconds(5));   // 4 ms in the pipe, then the latency
    EXPECT_EQ(second.ended_at(), milliseconds(9));  // behind the first in the pipe
  });
}

TEST(Disk, FlushesTakeTheirOwnTime) {
  Machine machine;
  auto& disk = machine.add_disk(64, {.timing = {.flush_latency = milliseconds(7)}});
  machine.run([&] {
    EXPECT_TRUE(issue_flush(disk).ok());
    EXPECT_EQ(machine.runtime().now(), milliseconds(7));
  });
}

// ---- What it looks like ----

TEST(Disk, LooksLikeALoopDeviceInSysfs) {
  Machine machine;
  auto& disk = machine.add_disk(64, {.logical_block_size = 4096});
  const auto attribute = [&](const char* name) { return sysfs_attribute(disk, name).value(); };
  EXPECT_EQ(attribute("logical_block_size"), "4096");
  EXPECT_EQ(attribute("physical_block_size"), "4096");
  EXPECT_EQ(attribute("minimum_io_size"), "4096");
  EXPECT_EQ(attribute("optimal_io_size"), "0");
  EXPECT_EQ(attribute("max_sectors_kb"), "1280");
  EXPECT_EQ(attribute("discard_granularity"), "4096");
  EXPECT_EQ(attribute("discard_max_bytes"), "4294966784");
  EXPECT_EQ(attribute("write_zeroes_max_bytes"), "4294966784");
  EXPECT_EQ(attribute("write_cache"), "write back");
  EXPECT_EQ(attribute("fua"), "0");
  EXPECT_EQ(attribute("scheduler"), "[none] mq-deadline kyber bfq");
}

TEST(Disk, DiscardOffKeepsTheHardwareLimit) {
  Machine machine;
  auto& disk = machine.add_disk(64, {.discard = false});
  EXPECT_EQ(sysfs_attribute(disk, "discard_max_bytes").value(), "0");
  EXPECT_EQ(sysfs_attribute(disk, "discard_max_hw_bytes").value(), "4294966784");
  EXPECT_EQ(sysfs_attribute(disk, "discard_granularity").value(), "4096");
}

TEST(Disk, AReadOnlyDiskHasNoCacheToFlush) {
  Machine machine;
  auto& disk = machine.add_disk(64, {.read_only = true});
  EXPECT_EQ(sysfs_attribute(disk, "write_cache").value(), "write through");
}

TEST(Disk, UnknownAttributesAreNotThere) {
  Machine machine;
  auto& disk = machine.add_disk(64);
  EXPECT_EQ(sysfs_attribute(disk, "colour").error(), Errno::noent);
  EXPECT_EQ(sysfs_attribute(disk, "wbt_lat_usec").error(), Errno::inval);
}

// ---- Recording ----

struct Log final : sim::WriteRecorder {
  void written(dmcore::sector_t sector, std::span<const std::byte> data) override {
    text += fmt::format("write {}+{};", sector, dmcore::to_sectors(data.size()));
  }
  void zeroed(dmcore::sector_t sector, dmcore::sector_t count) override {
    text += fmt::format("zero {}+{};", sector, count);
  }
  void flush_begins() override { text += "flush;"; }
  void flush_ended() override { text += "flushed;"; }
  std::string text;
};

TEST(Disk, TheRecorderSeesChangesInOrder) {
  Machine machine;
  auto& disk = machine.add_disk(64);
  Log log;
  disk.set_recorder(&log);
  machine.run([&] {
    EXPECT_EQ(write_letters(disk, 0, "AB"), Errno::ok);
    read_letters(disk, 0, 2);
    issue_flush(disk).ignore();
    TestBio(disk, BioOp::discard, 8, 4).submit().wait();
    TestBio(disk, BioOp::write_zeroes, 1, 1).submit().wait();
  });
  EXPECT_EQ(log.text, "write 0+2;flush;flushed;zero 8+4;zero 1+1;");
}

TEST(Disk, DestroyingADiskUnderIoIsNoted) {
  Machine machine;
  std::unique_ptr<TestBio> bio;  // never ends, so it may only go when nothing runs any more
  EXPECT_THAT(machine.stopped_by([&] {
    {
      sim::VirtualDisk disk(machine.block(), {7, 99}, "loop99", std::make_unique<sim::MemoryStore>(4096),
                            {.timing = {.read_latency = milliseconds(1)}});
      bio = std::make_unique<TestBio>(disk, BioOp::read, 0, 1);
      bio->submit();
    }
    machine.runtime().settle();
  }),
              AllOf(HasSubstr("disk loop99 is destroyed with I/O in flight"),
                    HasSubstr("bio in flight: read 0+1 on a device that is gone")));
}

TEST(Disk, AStoreThatFailsIsAnIoErrorAndTheHostsErrorIsTold) {
  sim::Machine machine;
  auto store = std::make_unique<test::FailingStore>(65536, "full.img");
  store->on_write = Errno::nospc;
  store->on_sync = Errno::io;
  auto& disk = machine.add_disk("d", std::move(store), {});
  machine.run([&] {
    EXPECT_EQ(write_letters(disk, 0, "A"), Errno::io);
    EXPECT_EQ(write_letters(disk, 0, "A", dmcore::bio_preflush), Errno::io);
  });
  EXPECT_EQ(machine.host_errors().take(),
            (std::vector<sim::HostError>{{"full.img", Errno::nospc}, {"full.img", Errno::io}}));
}

}  // namespace
