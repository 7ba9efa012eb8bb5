// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/samplers.h"

#include <algorithm>
#include <limits>

namespace sim::schedules {

bool Sampler::begin() {
  std::seed_seq seeds{static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32U),
                      static_cast<std::uint32_t>(next_), static_cast<std::uint32_t>(next_ >> 32U)};
  random_.seed(seeds);
  ++next_;
  begin_run();
  return true;
}

bool Sampler::is_out(const Choice& choice) {
  constexpr std::uint64_t one_in = 64;
  return choice.what == Choice::What::deadline && choice.housekeeping && draw() % one_in != 0;
}

std::size_t RandomWalk::choose(const Situation& situation) {
  in_.clear();
  for (std::size_t i = 0; i < situation.choices.size(); ++i) {
    if (!is_out(situation.choices[i])) in_.push_back(i);
  }
  return in_.empty() ? 0 : in_[draw() % in_.size()];
}

std::size_t PartialOrderSampling::choose(const Situation& situation) {
  std::size_t best = 0;
  std::uint64_t highest = 0;
  for (std::size_t i = 0; i < situation.choices.size(); ++i) {
    const Choice& choice = situation.choices[i];
    const auto [place, is_new] = pending_.try_emplace(choice.lineage);
    if (is_new || place->second.steps != choice.steps) place->second = {choice.steps, draw()};
    if (place->second.priority >= highest && !is_out(choice)) {
      highest = place->second.priority;
      best = i;
    }
  }
  const Choice& taken = situation.choices[best];
  for (const Choice& choice : situation.choices) {
    if (choice.lineage != taken.lineage && conflict(choice.next, taken.next)) pending_.erase(choice.lineage);
  }
  return best;
}

void PriorityChanges::begin_run() {
  // Priorities that are drawn are above those that were lowered.
  lowest_ = std::numeric_limits<std::uint32_t>::max();
  steps_ = 0;
  priorities_.clear();
  changes_.clear();
  for (unsigned i = 0; i < changes_of_a_run_; ++i) changes_.push_back(draw() % steps_max_);
}

std::size_t PriorityChanges::choose(const Situation& situation) {
  std::size_t best = 0;
  std::uint64_t highest = 0;
  for (std::size_t i = 0; i < situation.choices.size(); ++i) {
    const Choice& choice = situation.choices[i];
    const auto [place, is_new] = priorities_.try_emplace(choice.lineage);
    if (is_new) place->second = draw() | (std::uint64_t{1} << 63U);
    if (place->second >= highest && !is_out(choice)) {
      highest = place->second;
      best = i;
    }
  }
  const bool changes = std::find(changes_.begin(), changes_.end(), steps_) != changes_.end();
  ++steps_;
  if (!changes) return best;
  priorities_[situation.choices[best].lineage] = --lowest_;
  // The change comes before the step.
  changes_.erase(std::find(changes_.begin(), changes_.end(), steps_ - 1));
  --steps_;
  return choose(situation);
}

}  // namespace sim::schedules
