// SPDX-License-Identifier: GPL-2.0-or-later
// Many cases side by side, with results in the order of the cases.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>

#include "sim/cli/replay/case.h"

namespace sim::cli {

class Batch {
 public:
  struct Options {
    // The first case that does not pass, in their order, is the last one that is reported.
    bool stop_at_failure = false;
  };
  using GiveUp = std::function<bool()>;
  // Runs a case. Called by several threads at once.
  using Run = std::function<CaseResult(const Case& one, const GiveUp& give_up)>;
  // Gets the results, one at a time, in the order of the cases.
  using Report = std::function<void(const Case& one, const CaseResult& result)>;

  Batch(const CaseList& cases, const Options& options, Run run, Report report)
      : cases_(cases), options_(options), run_(std::move(run)), report_(std::move(report)) {}

  // `give_up` ends the batch early; any thread may ask it. What was running then is reported as not run, and
  // what had not begun is not reported.
  void run(const GiveUp& give_up);

 private:
  void work(const GiveUp& give_up);
  void end(std::size_t index, CaseResult result);

  const CaseList& cases_;
  Options options_;
  Run run_;
  Report report_;
  std::atomic<std::size_t> next_{0};
  // The first case that did not pass, if that ends the batch.
  std::atomic<std::size_t> last_{~std::size_t{0}};
  std::mutex mutex_;  // of all below
  std::size_t next_report_ = 0;
  std::map<std::size_t, CaseResult> waiting_;  // for an earlier one
};

}  // namespace sim::cli
