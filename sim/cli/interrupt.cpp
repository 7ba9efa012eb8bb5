// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/interrupt.h"

#include <atomic>

namespace sim::cli {

namespace {

constexpr std::array signals = {SIGINT, SIGTERM};

// Written by the handler, which may use nothing but a lock-free atomic.
std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free);

void remember(int signal) {
  received = signal;
}

}  // namespace

InterruptGuard::InterruptGuard() {
  received = 0;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    sigaction(signals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler == SIG_IGN) continue;
    struct sigaction action {};
    action.sa_handler = remember;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
    sigaction(signals[i], &action, nullptr);
  }
}

InterruptGuard::~InterruptGuard() {
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &before_[i], nullptr);
}

int interrupting_signal() {
  return received;
}

ExitStatus interrupted_status() {
  return received == SIGTERM ? ExitStatus::terminated : ExitStatus::interrupted;
}

}  // namespace sim::cli
