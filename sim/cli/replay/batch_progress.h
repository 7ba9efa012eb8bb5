// SPDX-License-Identifier: GPL-2.0-or-later
// How far a batch has come, on standard error.
#pragma once

#include <mutex>
#include <string>

#include "sim/cli/progress.h"
#include "sim/cli/replay/case.h"

namespace sim::cli {

class BatchProgress {
 public:
  // Of a single case, by the lines of its scenario, which must have been read; of several, by cases. `shown`
  // is false if it is not to be shown.
  BatchProgress(Console& console, const CaseList& cases, bool shown);

  // A case is at a line. Any thread.
  void at(const Case& one, int line);
  // One more case has ended. Any thread.
  void end_case(const Case& one);
  // Calls `body`, which may print.
  template <class Body>
  void print(Body body) {
    const std::lock_guard lock(mutex_);
    progress_.clear();
    body();
  }
  void finish() { progress_.finish(); }

 private:
  std::mutex mutex_;
  Progress progress_;
  bool single_;
  std::uint64_t done_ = 0;
};

}  // namespace sim::cli
