// SPDX-License-Identifier: GPL-2.0-or-later
// A machine that is asked from outside to stop.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/kernel/workqueue.h"

#include "sim/runtime/deterministic.h"

namespace {

using sim::DeterministicRuntime;
using sim::MachineStopped;
using std::chrono::seconds;

struct StopRequest : testing::Test {
  DeterministicRuntime runtime;
  unsigned asked = 0;

  void stop_at_question(unsigned number) {
    runtime.set_stop_request([this, number]() -> std::optional<std::string> {
      if (++asked < number) return std::nullopt;
      return "that is enough";
    });
  }
};

TEST_F(StopRequest, StopsBeforeTheFirstStep) {
  stop_at_question(1);
  bool began = false;
  EXPECT_THROW(runtime.run([&] { began = true; }), MachineStopped);
  EXPECT_FALSE(began);
}

TEST_F(StopRequest, GivesTheReasonInTheReport) {
  stop_at_question(1);
  try {
    runtime.run([] {});
    FAIL() << "was not stopped";
  } catch (const MachineStopped& stopped) {
    EXPECT_THAT(stopped.what(), testing::StartsWith("that is enough\n  at 0.000000 s"));
  }
}

TEST_F(StopRequest, StopsAMachineThatIsNeverIdle) {
  stop_at_question(3);
  dmcore::WorkQueue queue{runtime, "queue"};
  dmcore::WorkItem work{runtime, "spinning work", [&] { queue.queue(work); }};
  EXPECT_THROW(runtime.run([&] {
    queue.queue(work);
    runtime.sleep_for(seconds(3600));
  }),
               MachineStopped);
}

TEST_F(StopRequest, StopsAMachineThatOnlySleeps) {
  stop_at_question(3);
  EXPECT_THROW(runtime.run([&] {
    for (;;) runtime.sleep_for(seconds(1));
  }),
               MachineStopped);
}

TEST_F(StopRequest, ARefusalChangesNothing) {
  stop_at_question(~0U);
  runtime.run([&] { runtime.sleep_for(seconds(1)); });
  EXPECT_EQ(runtime.now(), seconds(1));
  EXPECT_EQ(asked, 1U);
}

}  // namespace
