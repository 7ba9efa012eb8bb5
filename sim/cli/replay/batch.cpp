// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/replay/batch.h"

#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <utility>

namespace sim::cli {

void Batch::run(const GiveUp& give_up) {
  // Each takes the next case when it is done with one, so that cases begin in their order.
  tbb::parallel_for(
      0, tbb::info::default_concurrency(), [&](int) { work(give_up); }, tbb::simple_partitioner());
}

void Batch::work(const GiveUp& give_up) {
  for (std::size_t index = next_++; index < cases_.size(); index = next_++) {
    const auto over = [&] { return give_up() || index > last_; };
    if (over()) return;
    end(index, run_(cases_.at(index), over));
  }
}

void Batch::end(std::size_t index, CaseResult result) {
  const std::lock_guard lock(mutex_);
  if (options_.stop_at_failure && result.verdict != Verdict::passed && result.verdict != Verdict::not_run &&
      index < last_)
    last_ = index;
  waiting_.emplace(index, std::move(result));
  for (auto it = waiting_.begin(); it != waiting_.end() && it->first == next_report_;
       it = waiting_.erase(it)) {
    if (next_report_ <= last_) report_(cases_.at(next_report_), it->second);
    ++next_report_;
  }
}

}  // namespace sim::cli
