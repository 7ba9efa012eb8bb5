// SPDX-License-Identifier: GPL-2.0-or-later
// The repairs of known bugs (docs/findings.md): what a clone does with them that it does not do in Linux.
#include <chrono>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/kernel/fixes.h"

#include "tests/rig/bio.h"
#include "tests/rig/clone.h"
#include "tests/rig/failure.h"

namespace {

using dmcore::Fix;
using std::chrono::milliseconds;

class Repairs : public testing::Test {
 protected:
  // On a new machine with the repair.
  static void with(Fix fix, const test::CloneShape& shape,
                   const std::function<void(test::Machine&, test::Clone&)>& body) {
    test::Machine machine;
    dmcore::Fixes fixes;
    fixes.put_in(fix);
    machine.kernel().put_in(fixes);
    test::Clone clone(machine, shape);
    machine.run([&] {
      clone.create();
      body(machine, clone);
    });
  }
  static dmcore::IoCounters counters(test::Machine& machine, const std::string& disk) {
    return test::checked(machine.host().take_io_counters(disk), "counters");
  }
};

TEST_F(Repairs, ADiscardUnderACopyLeavesTheRegionToTheCopy) {
  const test::CloneShape shape = {
      .sectors = 8, .features = {}, .source_options = {.timing = {.read_latency = milliseconds(400)}}};
  with(Fix::discard_under_copy, shape, [](test::Machine& machine, test::Clone& clone) {
    machine.host().sleep_for(milliseconds(100));
    clone.discard(0, 8);
    EXPECT_EQ(clone.status().hydrated_regions, 0U);
    clone.write(2, "A");
    machine.host().sleep_for(milliseconds(500));
    EXPECT_EQ(clone.read(0, 8), "ssAsssss");
  });
}

TEST_F(Repairs, ADiscardBesideACopyMarksItsRegions) {
  const test::CloneShape shape = {
      .sectors = 64, .features = {}, .source_options = {.timing = {.read_latency = milliseconds(400)}}};
  with(Fix::discard_under_copy, shape, [](test::Machine& machine, test::Clone& clone) {
    machine.host().sleep_for(milliseconds(100));
    clone.discard(0, 64);
    EXPECT_EQ(clone.status().hydrated_regions, 7U);
    EXPECT_EQ(clone.read(8, 56), std::string(56, '.'));
  });
}

// A discard comes to a region that it has discarded before, and to one that was written.
TEST_F(Repairs, ADiscardOfRegionsThatArePartlyMarkedMarksTheOthers) {
  with(Fix::discard_under_copy, {.sectors = 64}, [](test::Machine& machine, test::Clone& clone) {
    clone.discard(8, 8);
    clone.write(24, "AAAAAAAA");
    clone.discard(0, 40);
    EXPECT_EQ(clone.status().hydrated_regions, 5U);
    EXPECT_EQ(counters(machine, "loop1").discarded_sectors, 48U);
  });
}

// One region is hydrated already, and the other is left to its copy.
TEST_F(Repairs, ADiscardThatMarksNoRegionLeavesNothingToBeCommitted) {
  const test::CloneShape shape = {.sectors = 16,
                                  .source_options = {.timing = {.read_latency = milliseconds(400)}}};
  with(Fix::discard_under_copy, shape, [](test::Machine& machine, test::Clone& clone) {
    clone.write(0, "AAAAAAAA");
    clone.flush();
    counters(machine, "loop0");
    auto writer = machine.host().start("writer", [&] { clone.write(9, "B"); });
    machine.host().sleep_for(milliseconds(100));
    clone.discard(0, 16);
    clone.flush();
    EXPECT_EQ(counters(machine, "loop0").written_sectors, 0U);
    writer.wait();
  });
}

TEST_F(Repairs, AFuaWriteOfARegionEndsAfterItsCommitWithoutAWriteCache) {
  const test::CloneShape shape = {.sectors = 64, .destination_options = {.volatile_cache = false}};
  with(Fix::fua_overwrite, shape, [](test::Machine& machine, test::Clone& clone) {
    counters(machine, "loop0");
    test::TestBio bio(clone.device(), dmcore::BioOp::write, 0, 8, 'A', dmcore::bio_fua);
    EXPECT_EQ(bio.submit().wait(), dmcore::BlockStatus::ok);
    EXPECT_EQ(counters(machine, "loop0").flushes, 2U);
  });
}

TEST_F(Repairs, AnotherWriteOfARegionDoesNotWaitForACommit) {
  const test::CloneShape shape = {.sectors = 64, .destination_options = {.volatile_cache = false}};
  with(Fix::fua_overwrite, shape, [](test::Machine& machine, test::Clone& clone) {
    counters(machine, "loop0");
    clone.write(0, "AAAAAAAA");
    EXPECT_EQ(counters(machine, "loop0").flushes, 0U);
  });
}

TEST_F(Repairs, ATableThatWasLoadedEarlyHasWhatWasCommittedSince) {
  with(Fix::reread_metadata, {.sectors = 64}, [](test::Machine& machine, test::Clone& clone) {
    clone.write(0, "AAAAAAAA");
    test::checked(machine.host().dm().load(test::Clone::name, clone.table()), "load");
    clone.write(8, "BBBBBBBB");
    clone.suspend();
    clone.resume();
    EXPECT_EQ(clone.status().hydrated_regions, 2U);
    clone.write(16, "CCCCCCCC");
    clone.remove();
    clone.create();
    EXPECT_EQ(clone.read(0, 32), "AAAAAAAABBBBBBBBCCCCCCCCssssssss");
  });
}

TEST_F(Repairs, ATableThatWasLiveHasNothingToReadAgain) {
  with(Fix::reread_metadata, {.sectors = 64}, [](test::Machine& machine, test::Clone& clone) {
    clone.suspend();
    counters(machine, "loop0");
    clone.resume();
    EXPECT_EQ(counters(machine, "loop0").read_sectors, 0U);
  });
}

// Another one can be loaded, which reads them when it is.
TEST_F(Repairs, ATableThatCannotReadItsMetadataAgainDoesNotBecomeLive) {
  with(Fix::reread_metadata, {.sectors = 64}, [](test::Machine& machine, test::Clone& clone) {
    clone.write(0, "AAAAAAAA");
    test::checked(machine.host().dm().load(test::Clone::name, clone.table()), "load");
    machine.logged();
    clone.suspend();
    clone.metadata().faults().add(0, 8192, sim::FaultMap::Fails::reads);
    EXPECT_EQ(machine.host().dm().resume(test::Clone::name).error().error, dmcore::Errno::io);
    EXPECT_THAT(machine.logged(),
                testing::IsSupersetOf({"clone: 253:0: Failed to read metadata again: error = -5",
                                       "table: 253:0: clone: preresume failed, error = -5"}));
    clone.metadata().faults().clear();
    EXPECT_EQ(machine.host().dm().resume(test::Clone::name).error().error, dmcore::Errno::perm);
    test::checked(machine.host().dm().load(test::Clone::name, clone.table()), "load");
    clone.resume();
    EXPECT_EQ(clone.read(0, 16), "AAAAAAAAssssssss");
  });
}

}  // namespace
