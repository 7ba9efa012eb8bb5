// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/interrupt.h"

#include <gtest/gtest.h>

namespace {

using sim::cli::ExitStatus;
using sim::cli::InterruptGuard;

// A shell without job control lets what it starts in the background ignore interrupts.
class Interrupt : public testing::Test {
 protected:
  Interrupt() : before_(std::signal(SIGINT, SIG_DFL)) {}
  ~Interrupt() override { std::signal(SIGINT, before_); }

 private:
  void (*before_)(int);
};

TEST_F(Interrupt, TheFirstSignalIsOnlyRemembered) {
  const InterruptGuard guard;
  EXPECT_EQ(sim::cli::interrupting_signal(), 0);
  std::raise(SIGINT);
  EXPECT_EQ(sim::cli::interrupting_signal(), SIGINT);
  EXPECT_EQ(sim::cli::interrupted_status(), ExitStatus::interrupted);
}

TEST_F(Interrupt, TerminationHasAStatusOfItsOwn) {
  const InterruptGuard guard;
  std::raise(SIGTERM);
  EXPECT_EQ(sim::cli::interrupted_status(), ExitStatus::terminated);
}

TEST_F(Interrupt, TheSecondSignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        const InterruptGuard guard;
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

TEST_F(Interrupt, AnIgnoredSignalStaysIgnored) {
  const auto before = std::signal(SIGINT, SIG_IGN);
  {
    const InterruptGuard guard;
    std::raise(SIGINT);
    EXPECT_EQ(sim::cli::interrupting_signal(), 0);
  }
  std::signal(SIGINT, before);
}

TEST_F(Interrupt, SignalsAreBackAsTheyWereAfterwards) {
  { const InterruptGuard guard; }
  EXPECT_EXIT(std::raise(SIGTERM), testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
