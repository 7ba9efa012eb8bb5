// SPDX-License-Identifier: GPL-2.0-or-later
// Prints what came of explorations.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "sim/cli/output.h"
#include "sim/explore/power_cuts.h"

namespace sim::cli {

// All cases together.
struct ExploreTally {
  std::array<std::uint64_t, explore::PowerCutResult::verdicts> cases{};  // by verdict
  std::uint64_t cuts = 0;
  std::uint64_t reordered = 0;       // see CrashReport
  std::uint64_t runs = 0;            // the same
  std::uint64_t not_all_orders = 0;  // scenarios of which cuts of other orders were left out
  std::uint64_t distinct = 0;
  std::uint64_t samples = 0;
  std::uint64_t later_cuts = 0;
  std::uint64_t recoveries = 0;
  std::uint64_t looked_at = 0;
  std::uint64_t branches = 0;

  void add(const explore::PowerCutResult& result);
  [[nodiscard]] std::uint64_t total() const;
  [[nodiscard]] std::uint64_t count(explore::PowerCutResult::Verdict verdict) const {
    return cases[static_cast<std::size_t>(verdict)];
  }
};

class ExploreReporter {
 public:
  ExploreReporter() = default;
  ExploreReporter(const ExploreReporter&) = delete;
  ExploreReporter& operator=(const ExploreReporter&) = delete;
  virtual ~ExploreReporter() = default;

  virtual void report(const std::string& name, const explore::PowerCutResult& result) = 0;
  // `complete`: all cases were explored, to their ends.
  virtual void end(const ExploreTally& tally, bool complete) = 0;
};

// What a certificate is about besides the scenarios: all that decides what is looked at.
std::string bounds_of(const explore::PowerCutOptions& options);

// `each`: also those that hold, each on a line.
std::unique_ptr<ExploreReporter> make_explore_text_reporter(Console& console, std::string bounds, bool each);
std::unique_ptr<ExploreReporter> make_explore_json_reporter(Console& console, std::string bounds);
std::unique_ptr<ExploreReporter> make_explore_junit_reporter(const std::string& path);

}  // namespace sim::cli
