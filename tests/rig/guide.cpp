// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/rig/guide.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "tests/rig/failure.h"

namespace test {

using sim::Choice;

StepIs before(dmcore::Point point, std::string_view name, unsigned nth) {
  return [=, name = std::string(name), left = nth](const dmcore::Step& step) mutable {
    return step.point == point && (name.empty() || name == step.name) && --left == 0;
  };
}

Guide& Guide::run_until(std::string who, StepIs step) {
  stages_.push_back({std::move(who), std::move(step)});
  return *this;
}

Guide& Guide::run(std::string who) {
  stages_.push_back({std::move(who), {}});
  return *this;
}

std::optional<std::size_t> Guide::find(const Stage& stage, const sim::Situation& situation) {
  for (std::size_t i = 0; i < situation.choices.size(); ++i) {
    const Choice& choice = situation.choices[i];
    if (stage.task != 0) {
      if (choice.lineage == stage.task) return i;
      continue;
    }
    const std::string text = situation.lineages.text(choice.lineage);
    if (text == stage.who || text.ends_with(" > " + stage.who) || choice.name() == stage.who) return i;
  }
  return std::nullopt;
}

bool Guide::held(dmcore::Lineage task) const {
  return std::find(held_.begin(), held_.end(), task) != held_.end();
}

// Periodic work alone does not end a wait, however long it runs.
std::size_t Guide::first_free(const sim::Situation& situation) {
  constexpr dmcore::Time in_vain = std::chrono::minutes(10);
  for (const bool deadlines : {false, true}) {
    for (std::size_t i = 0; i < situation.choices.size(); ++i) {
      const Choice& choice = situation.choices[i];
      if ((choice.what == Choice::What::deadline) != deadlines || held(choice.lineage)) continue;
      if (deadlines && !choice.housekeeping) progress_ = situation.now;
      if (situation.now - progress_ < in_vain) return i;
    }
  }
  throw Failure(fmt::format("the guide waits for '{}', and all that can run is held",
                            stages_.empty() ? "nothing" : stages_.front().who));
}

std::size_t Guide::choose(const sim::Situation& situation) {
  while (!stages_.empty()) {
    Stage& stage = stages_.front();
    const std::optional<std::size_t> found = find(stage, situation);
    if (!found) {
      const bool over = stage.task != 0 && !stage.until;
      if (!over) return first_free(situation);
      stages_.pop_front();
      continue;
    }
    const Choice& task = situation.choices[*found];
    stage.task = task.lineage;
    // A task that was held takes the step at which it was.
    const bool released = std::erase(held_, task.lineage) != 0;
    if (released || !stage.until || !stage.until(task.next)) return *found;
    held_.push_back(task.lineage);
    stages_.pop_front();
  }
  held_.clear();
  return first_free(situation);
}

}  // namespace test
