// SPDX-License-Identifier: GPL-2.0-or-later
// A commit fails while a region is being hydrated.
#include <gtest/gtest.h>
#include <vector>

#include "tests/rig/clone.h"
#include "tests/rig/guide.h"

namespace {

// The copy for a write has ended, and its region is about to be marked: the metadata could still be changed
// when that was asked. Then the commit of a flush fails, and the bitmap becomes that of the last commit.
TEST(AbortedCommit, IsNotFollowedByTheMarkOfARegion) {
  test::GuidedMachine machine({.time = true, .parallel_work = true});
  test::Clone clone(machine, {.sectors = 64, .region_sectors = 8});
  dmcore::Status written;
  dmcore::Status flushed;
  machine.run([&] {
    clone.create();
    clone.write(0, "AAAAAAAA");
    clone.metadata().faults().add(0, 8192, sim::FaultMap::Fails::writes);
    machine.guide()
        .run("kcopyd")
        .run("kcopyd")
        .run_until("kcopyd", test::before(dmcore::Point::spin_lock, "clone bitmap"))
        .run("flusher")  // sleeps
        .run("flusher")  // waits for the commit
        .run_until("flusher", [](const dmcore::Step&) { return true; });
    auto writer = machine.host().start("writer", [&] {
      written = machine.host().write("c", 8, std::vector<std::byte>(dmcore::sector_size));
    });
    auto flusher = machine.host().start("flusher", [&] {
      machine.runtime().sleep_for(std::chrono::milliseconds(100));
      flushed = machine.host().flush("c");
    });
    writer.wait();
    flusher.wait();
    EXPECT_EQ(clone.status().hydrated_regions, 0U);
  });
  EXPECT_TRUE(machine.guide().done());
  EXPECT_EQ(flushed, dmcore::Errno::io);
  EXPECT_EQ(written, dmcore::Errno::io);
}

}  // namespace
