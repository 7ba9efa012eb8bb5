// SPDX-License-Identifier: GPL-2.0-or-later
// A disk that answers nothing, for a while or for ever.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/block/lib.h"

#include "sim/store/memory_store.h"

#include "tests/rig/bio.h"
#include "tests/rig/letters.h"
#include "tests/rig/machine.h"

namespace {

using dmcore::bio_preflush;
using dmcore::BioOp;
using dmcore::BlockStatus;
using sim::Fault;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::TestBio;
using testing::HasSubstr;
using testing::StartsWith;

class SilentDisk : public testing::Test {
 protected:
  void have(const std::vector<Fault>& faults) { disk.set_faults(sim::FaultMap(faults)); }

  test::Machine machine;
  sim::VirtualDisk& disk = machine.add_disk(64, {.timing = {.read_latency = milliseconds(10)}});
};

TEST_F(SilentDisk, AnswersWhenItsTimeIsOver) {
  have({{Fault::Silent{seconds(1), seconds(2)}}});
  machine.run([&] {
    TestBio before(disk, BioOp::read, 0, 1);
    before.submit().wait();
    EXPECT_EQ(before.ended_at(), milliseconds(10));
    machine.runtime().sleep_for(milliseconds(985));
    TestBio in_flight(disk, BioOp::read, 0, 1);
    in_flight.submit();  // at 995 ms: due at 1005 ms
    TestBio flush(disk, BioOp::write, 0, 0, '\0', bio_preflush);
    machine.runtime().sleep_for(milliseconds(100));
    flush.submit();
    EXPECT_EQ(in_flight.wait(), BlockStatus::ok);
    EXPECT_EQ(in_flight.ended_at(), seconds(2));
    EXPECT_EQ(flush.wait(), BlockStatus::ok);
    EXPECT_EQ(flush.ended_at(), seconds(2));
    TestBio after(disk, BioOp::read, 0, 1);
    after.submit().wait();
    EXPECT_EQ(after.ended_at(), milliseconds(2010));
  });
}

TEST_F(SilentDisk, ExecutesWhatItHoldsInTheOrderInWhichItWasDue) {
  have({{Fault::Silent{seconds(0), seconds(1)}}});
  machine.run([&] {
    TestBio first(disk, BioOp::write, 0, 1, 'A');
    TestBio second(disk, BioOp::write, 0, 1, 'B');
    first.submit();
    second.submit();
    first.wait();
    second.wait();
  });
  EXPECT_EQ(test::stored_letters(disk, 0, 1), "B");
}

TEST_F(SilentDisk, IsSilentAgainInASecondTime) {
  have({{Fault::Silent{seconds(0), seconds(1)}}, {Fault::Silent{milliseconds(500), seconds(3)}}});
  machine.run([&] {
    TestBio bio(disk, BioOp::read, 0, 1);
    bio.submit().wait();
    EXPECT_EQ(bio.ended_at(), seconds(3));
  });
}

TEST_F(SilentDisk, AnswersWhenTheFaultIsTakenAway) {
  have({{Fault::Silent{}}});
  machine.run([&] {
    TestBio bio(disk, BioOp::read, 0, 1);
    bio.submit();
    machine.runtime().sleep_for(seconds(7));
    EXPECT_TRUE(disk.holds_back());
    have({});
    EXPECT_FALSE(disk.holds_back());
    bio.wait();
    EXPECT_EQ(bio.ended_at(), seconds(7));
  });
}

TEST_F(SilentDisk, AnEarlierEndCounts) {
  have({{Fault::Silent{seconds(0), seconds(100)}}});
  machine.run([&] {
    TestBio bio(disk, BioOp::read, 0, 1);
    bio.submit();
    machine.runtime().sleep_for(seconds(1));
    have({{Fault::Silent{seconds(0), seconds(2)}}});
    bio.wait();
    EXPECT_EQ(bio.ended_at(), seconds(2));
  });
}

TEST_F(SilentDisk, IsNamedByTheReportOfAMachineThatWaitsForIt) {
  have({{Fault::Silent{}}});
  const test::Ending ending =
      machine.ending_of([&] { machine.run([&] { EXPECT_EQ(test::read_letters(disk, 0, 1), ""); }); });
  EXPECT_THAT(ending.report,
              StartsWith("deadlock: no task can run, and some wait; the disk loop0 is silent, with "
                         "a request in flight\n"));
  EXPECT_EQ(ending.kind, test::Ending::Kind::waits);
}

TEST_F(SilentDisk, IsNotNamedIfNothingWaitsForIt) {
  have({{Fault::Silent{}}});
  dmcore::Completion never(machine.runtime(), "what never comes");
  const std::string report = machine.stopped_by([&] { never.wait(); });
  EXPECT_THAT(report, StartsWith("deadlock: no task can run, and some wait\n"));
}

TEST_F(SilentDisk, MayHaveRequestsWhenItsMachineEnds) {
  have({{Fault::Silent{}}});
  auto bio = std::make_unique<TestBio>(disk, BioOp::read, 0, 1);
  machine.run([&] {
    bio->submit();
    machine.runtime().sleep_for(seconds(1));
  });
  EXPECT_EQ(machine.check_idle(), "");
  EXPECT_THAT(machine.describe_silent_disks(), HasSubstr("loop0 is silent, with a request in flight"));
}

TEST(SilentDiskByItself, MayBeDestroyedWithRequestsInFlight) {
  test::Machine machine;
  auto disk = std::make_unique<sim::VirtualDisk>(machine.block(), dmcore::DevT{240, 99}, "d",
                                                 std::make_unique<sim::MemoryStore>(4096));
  disk->set_faults(sim::FaultMap(std::vector<Fault>{{Fault::Silent{seconds(0), seconds(5)}}}));
  TestBio bio(*disk, BioOp::read, 0, 1);
  const std::string report = machine.stopped_by([&] {
    bio.submit();
    machine.runtime().sleep_for(seconds(1));
    disk.reset();
    machine.runtime().sleep_for(seconds(9));
  });
  EXPECT_EQ(report, "");
}

}  // namespace
