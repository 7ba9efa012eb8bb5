// SPDX-License-Identifier: GPL-2.0-or-later
// Explores many cases side by side, and reports them in their order.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/exit_status.h"
#include "sim/cli/explore/cases.h"
#include "sim/cli/explore/checkpoint.h"
#include "sim/cli/explore/explore_output.h"
#include "sim/cli/explore/kind.h"
#include "sim/cli/explore/part.h"
#include "sim/cli/progress.h"

namespace sim::cli {

class Exploration {
 public:
  struct Options {
    std::optional<dmcore::Duration> time;  // of the host
    unsigned jobs = 0;                     // 0: as many as there are processors
    bool quiet = false;
    bool json = false;
    std::string junit;
    std::string checkpoint;
    // Which part of an exploration this is, and where what came of it is written; empty: nowhere.
    std::optional<ExplorePart> part;
    std::string result;
  };
  // The kind must outlive this. Of a part, the cases and the kind are those of the part already.
  Exploration(const ExploreCases::Request& cases, const ExploreKind& kind, const Options& options,
              Console& console);

  ExitStatus run();

 private:
  struct Done {
    std::uint64_t index = 0;
    ExploredCase explored;
  };

  [[nodiscard]] bool gives_up() const;
  void explore();
  ExploredCase explore(std::uint64_t index) const;
  void report(Done done);
  [[nodiscard]] std::string identity() const;

  ExploreCases cases_;
  const ExploreKind& kind_;
  Options options_;
  ExploreCheckpoint checkpoint_;
  Progress progress_;
  std::vector<std::unique_ptr<ExploreReporter>> reporters_;
  std::optional<std::chrono::steady_clock::time_point> end_;
  ExploreTally tally_;
  std::vector<PartResult::Found> found_;
  std::chrono::steady_clock::time_point saved_ = std::chrono::steady_clock::now();
  std::uint64_t next_ = 0;  // to be taken
  std::uint64_t done_ = 0;  // that were reported
  std::atomic<bool> stop_ = false;
};

}  // namespace sim::cli
