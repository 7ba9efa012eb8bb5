// SPDX-License-Identifier: GPL-2.0-or-later
// What a strategy decided in a run, so that the run can be repeated without the strategy.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/runtime/strategy.h"

namespace sim {

// A choice that was made, by names that the run gives again.
struct Decision {
  dmcore::Lineage lineage = 0;
  std::uint32_t steps = 0;    // that the lineage had taken
  std::uint32_t offered = 0;  // choices
  dmcore::Point point = dmcore::Point::begin;
  Choice::What what = Choice::What::ready;

  friend bool operator==(const Decision&, const Decision&) = default;
};

struct DecisionLog {
  Wants wants;  // of the strategy, which decide how often it is asked
  std::vector<Decision> decisions;
  std::map<dmcore::Lineage, std::string> names;  // Lineages::text() of those in decisions
};

// Decides as another strategy does, and keeps a log.
class RecordingStrategy final : public SeeingStrategy {
 public:
  // The log is made anew, and must outlive the run.
  RecordingStrategy(std::unique_ptr<SeeingStrategy> strategy, DecisionLog& log);
  [[nodiscard]] Wants wants() const override { return log_.wants; }
  std::size_t choose(const Situation& situation) override;

 private:
  std::unique_ptr<SeeingStrategy> strategy_;
  DecisionLog& log_;
};

// Thrown out of run() when a run does not offer what was decided in the one that was recorded: what() names
// the decision, what the log has, and what the run has instead.
class ScheduleDiverged : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Repeats a run.
class ReplayingStrategy final : public SeeingStrategy {
 public:
  explicit ReplayingStrategy(const DecisionLog& log) : log_(log) {}
  [[nodiscard]] Wants wants() const override { return log_.wants; }
  std::size_t choose(const Situation& situation) override;
  // How many decisions have been repeated; all, after a run that was the same.
  [[nodiscard]] std::size_t repeated() const { return next_; }

 private:
  [[nodiscard]] std::string text_of(const Decision& decision) const;

  const DecisionLog& log_;
  std::size_t next_ = 0;
};

}  // namespace sim
