// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/runtime/decisions.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace sim {

namespace {

Decision decision_of(const Situation& situation, std::size_t index) {
  const Choice& choice = situation.choices[index];
  return {choice.lineage, choice.steps, static_cast<std::uint32_t>(situation.choices.size()),
          choice.next.point, choice.what};
}

std::string text(const Decision& decision, const std::string& name) {
  return fmt::format("'{}' at its step {} ({}{})", name, decision.steps, dmcore::point_name(decision.point),
                     decision.what == Choice::What::deadline ? ", by its deadline" : "");
}

}  // namespace

RecordingStrategy::RecordingStrategy(std::unique_ptr<SeeingStrategy> strategy, DecisionLog& log)
    : strategy_(std::move(strategy)), log_(log) {
  log_ = {.wants = strategy_->wants(), .decisions = {}, .names = {}};
}

std::size_t RecordingStrategy::choose(const Situation& situation) {
  const std::size_t index = strategy_->choose(situation);
  if (index >= situation.choices.size()) return index;  // the runtime reports it
  const Decision& made = log_.decisions.emplace_back(decision_of(situation, index));
  const auto [name, is_new] = log_.names.try_emplace(made.lineage);
  if (is_new) name->second = situation.lineages.text(made.lineage);
  return index;
}

std::string ReplayingStrategy::text_of(const Decision& decision) const {
  const auto name = log_.names.find(decision.lineage);
  return fmt::format("{}, one of {}", text(decision, name == log_.names.end() ? "?" : name->second),
                     decision.offered);
}

std::size_t ReplayingStrategy::choose(const Situation& situation) {
  const bool ended = next_ == log_.decisions.size();
  for (std::size_t i = 0; !ended && i < situation.choices.size(); ++i) {
    if (decision_of(situation, i) == log_.decisions[next_]) {
      ++next_;
      return i;
    }
  }
  std::string offered;
  for (std::size_t i = 0; i < situation.choices.size(); ++i) {
    const Choice& choice = situation.choices[i];
    offered +=
        fmt::format("\n  {}", text(decision_of(situation, i), situation.lineages.text(choice.lineage)));
  }
  throw ScheduleDiverged(fmt::format("decision {}: the log has {}, but the run offers {}:{}", next_ + 1,
                                     ended ? "ended" : text_of(log_.decisions[next_]),
                                     situation.choices.size(), offered));
}

}  // namespace sim
