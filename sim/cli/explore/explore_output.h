// SPDX-License-Identifier: GPL-2.0-or-later
// Prints what came of explorations.
#pragma once

#include <memory>
#include <string>

#include "sim/cli/explore/kind.h"
#include "sim/cli/output.h"

namespace sim::cli {

class ExploreReporter {
 public:
  ExploreReporter() = default;
  ExploreReporter(const ExploreReporter&) = delete;
  ExploreReporter& operator=(const ExploreReporter&) = delete;
  virtual ~ExploreReporter() = default;

  virtual void report(const std::string& name, const ExploredCase& explored) = 0;
  // `complete`: all cases were explored, to their ends.
  virtual void end(const ExploreTally& tally, bool complete) = 0;
};

// The kind must outlive them. `each`: also those that hold, each on a line.
std::unique_ptr<ExploreReporter> make_explore_text_reporter(Console& console, const ExploreKind& kind,
                                                            bool each);
std::unique_ptr<ExploreReporter> make_explore_json_reporter(Console& console, const ExploreKind& kind);
std::unique_ptr<ExploreReporter> make_explore_junit_reporter(const std::string& path,
                                                             const ExploreKind& kind);

}  // namespace sim::cli
