// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/interrupt.h"

#include <gtest/gtest.h>

namespace {

using sim::cli::ExitStatus;
using sim::cli::InterruptGuard;

TEST(Interrupt, TheFirstSignalIsOnlyRemembered) {
  const InterruptGuard guard;
  EXPECT_EQ(sim::cli::interrupting_signal(), 0);
  std::raise(SIGINT);
  EXPECT_EQ(sim::cli::interrupting_signal(), SIGINT);
  EXPECT_EQ(sim::cli::interrupted_status(), ExitStatus::interrupted);
}

TEST(Interrupt, TerminationHasAStatusOfItsOwn) {
  const InterruptGuard guard;
  std::raise(SIGTERM);
  EXPECT_EQ(sim::cli::interrupted_status(), ExitStatus::terminated);
}

TEST(Interrupt, TheSecondSignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        const InterruptGuard guard;
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

TEST(Interrupt, AnIgnoredSignalStaysIgnored) {
  const auto before = std::signal(SIGINT, SIG_IGN);
  {
    const InterruptGuard guard;
    std::raise(SIGINT);
    EXPECT_EQ(sim::cli::interrupting_signal(), 0);
  }
  std::signal(SIGINT, before);
}

TEST(Interrupt, SignalsAreBackAsTheyWereAfterwards) {
  { const InterruptGuard guard; }
  EXPECT_EXIT(std::raise(SIGTERM), testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
