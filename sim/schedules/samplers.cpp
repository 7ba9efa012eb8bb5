// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/samplers.h"

namespace sim::schedules {

namespace {

// Of PriorityChanges: at least.
constexpr std::uint64_t drawn_min = std::uint64_t{1} << 63U;

}  // namespace

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

bool PartialOrderSampling::begin() {
  pending_.clear();
  return true;
}

std::size_t PartialOrderSampling::choose(const Situation& situation) {
  const std::size_t best = highest(situation, [this](const Choice& choice) {
    const auto [place, is_new] = pending_.try_emplace(choice.lineage);
    if (is_new || place->second.steps != choice.steps) place->second = {choice.steps, draw()};
    return place->second.priority;
  });
  const Choice& taken = situation.choices[best];
  for (const Choice& choice : situation.choices) {
    if (choice.lineage != taken.lineage && conflict(choice.next, taken.next)) pending_.erase(choice.lineage);
  }
  return best;
}

bool PriorityChanges::begin() {
  // Priorities that are drawn are above those that were lowered.
  lowest_ = drawn_min;
  steps_ = 0;
  priorities_.clear();
  changes_.clear();
  for (unsigned i = 0; i < changes_of_a_run_; ++i) changes_.insert(draw() % steps_max_);
  return true;
}

std::uint64_t& PriorityChanges::priority_of(const Choice& choice) {
  const auto [place, is_new] = priorities_.try_emplace(choice.lineage);
  if (is_new) place->second = draw() | drawn_min;
  return place->second;
}

std::size_t PriorityChanges::choose(const Situation& situation) {
  const auto priority = [this](const Choice& choice) { return priority_of(choice); };
  for (std::size_t left = changes_.count(steps_); left != 0; --left)
    priority_of(situation.choices[highest(situation, priority)]) = --lowest_;
  ++steps_;
  return highest(situation, priority);
}

}  // namespace sim::schedules
