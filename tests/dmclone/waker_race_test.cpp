// SPDX-License-Identifier: GPL-2.0-or-later
// The clone's timer fires while another task is in the middle of what it does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rig/clone.h"
#include "tests/rig/failure.h"
#include "tests/rig/guide.h"

namespace {

using dmcore::Point;
using std::chrono::seconds;

// A writer has found that its region is not hydrated, and is about to take the lock under which it looks
// again; a second passes, and the worker commits, before it does.
TEST(CloneWaker, FiresInTheMiddleOfAWrite) {
  test::GuidedMachine machine;
  test::Clone clone(machine, {.sectors = 64, .region_sectors = 8});
  machine.run([&] {
    clone.create();
    clone.write(0, "AAAAAAAA");  // something to commit
    const std::uint64_t flushes = test::checked(machine.host().take_io_counters("loop1"), "counters").flushes;
    EXPECT_EQ(flushes, 0U);
    machine.guide()
        .run_until("process 0", test::before(Point::spin_lock, "clone hydration bucket"))
        .run("clone waker")   // the timer
        .run("clone waker")   // the work item that it queues
        .run("clone worker")  // commits
        .run_until("clone worker", test::before(Point::wait))
        .run("process 0");
    machine.in_parallel(1, [&](unsigned) {
      const dmcore::Time before = machine.runtime().now();
      clone.write(9, "B");
      EXPECT_GE(machine.runtime().now() - before, seconds(1));
    });
    EXPECT_EQ(clone.read(0, 24), "AAAAAAAAsBssssssssssssss");
  });
  EXPECT_TRUE(machine.guide().done());
}

}  // namespace
