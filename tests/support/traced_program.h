// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a program of the host and stops it at a chosen one of the calls by which it changes files, as a kill
// or a Ctrl-C at that moment would: every moment can be tried, and the same one again.
#pragma once

#include <csignal>
#include <optional>
#include <string>
#include <vector>

namespace test {

struct TracedRun {
  bool interrupted = false;  // the signal was sent
  int status = -1;           // 128 + N if signal N ended it
  unsigned changes = 0;      // calls that change files: writes, truncations, syncs, renames...
  std::string output;        // what it printed
};

// Sends `signal` when the program is about to make its `nth` such call, counted from 1; 0: never. Nothing if
// this process may not trace others.
std::optional<TracedRun> run_traced(const std::vector<std::string>& words, unsigned nth,
                                    int signal = SIGKILL);

}  // namespace test
