// SPDX-License-Identifier: GPL-2.0-or-later
// Ctrl-C and SIGTERM as a question that long work asks now and then.
#pragma once

#include <array>
#include <csignal>

#include "sim/cli/exit_status.h"

namespace sim::cli {

// While one exists, the first SIGINT or SIGTERM only sets a flag; the second one ends the process at once, as
// if there were none. A signal that was ignored when the program began stays ignored.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  std::array<struct sigaction, 2> before_{};
};

// The signal that came, 0 if none did. Any thread.
[[nodiscard]] int interrupting_signal();
// Of a program that ends because of it.
[[nodiscard]] ExitStatus interrupted_status();

}  // namespace sim::cli
