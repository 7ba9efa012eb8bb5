// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/source_dpor.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "sim/explore/add_once.h"

namespace sim::schedules {

using dmcore::Lineage;
using explore::add_once;
using explore::contains;

bool SourceDpor::begin() {
  if (begun_ && nodes_.empty()) return false;
  begun_ = true;
  depth_ = 0;
  now_ = {};
  sleepers_.clear();
  order_.clear();
  return true;
}

// A task that would only wait is not run until what it waits for is there; unless all would: then they do.
void SourceDpor::add_node(const Situation& situation) {
  const bool all_wait = situation.all_wait();
  const auto is_enabled = [all_wait](const Choice& choice) { return all_wait || !choice.next.waits_now(); };
  const auto awake = std::find_if(
      situation.choices.begin(), situation.choices.end(),
      [&](const Choice& choice) { return is_enabled(choice) && !contains(sleep_, choice.lineage); });
  if (awake == situation.choices.end()) throw Abandoned();
  Node& node = nodes_.emplace_back();
  node.chosen = awake->lineage;
  node.backtrack.push_back(node.chosen);
  node.sleep = sleep_;
  for (const Choice& choice : situation.choices) {
    if (is_enabled(choice)) node.enabled.push_back(choice.lineage);
  }
}

std::size_t SourceDpor::choose(const Situation& situation) {
  wake_sleepers();
  if (depth_ == nodes_.size()) add_node(situation);
  const Node& node = nodes_[depth_++];
  const auto chosen = std::find_if(situation.choices.begin(), situation.choices.end(),
                                   [&node](const Choice& choice) { return choice.lineage == node.chosen; });
  if (chosen == situation.choices.end()) {
    throw NotRepeatable(fmt::format("step {}: '{}' could run in the run before, and cannot in this one",
                                    depth_, situation.lineages.text(node.chosen)));
  }
  const auto index = static_cast<std::size_t>(chosen - situation.choices.begin());
  note_sleepers(situation, node, index);
  return index;
}

void SourceDpor::note_sleepers(const Situation& situation, const Node& node, std::size_t chosen) {
  sleepers_.clear();
  last_ = situation.choices[chosen].next;
  for (const Choice& choice : situation.choices) {
    const bool sleeps = contains(node.sleep, choice.lineage) || contains(node.done, choice.lineage);
    if (sleeps && choice.lineage != node.chosen) sleepers_.emplace_back(choice.lineage, choice.next);
  }
}

// The last step has been taken, and what it turned out to be is known.
void SourceDpor::wake_sleepers() {
  sleep_.clear();
  for (const auto& [task, step] : sleepers_) {
    if (!conflict(step, last_)) sleep_.push_back(task);
  }
}

void SourceDpor::turned_out(dmcore::AccessKind kind) {
  last_.access.kind = kind;
  order_.turned_out(kind);
}

// Time passes when no task can run, so all that was before comes before.
void SourceDpor::took_step(const Choice& step, dmcore::Time now) {
  if (now != std::exchange(now_, now)) order_.barrier();
  order_.took_step(step);
}

// Some run must begin as this one up to the first step, and continue with what the second one needs of what
// came between them: with any of those that can come first in that.
void SourceDpor::reverse(const HappensBefore::Race& race) {
  Tasks initials;
  std::vector<HappensBefore::Number> needed;
  for (HappensBefore::Number step = race.first + 1; step <= race.second; ++step) {
    if (step != race.second && order_.before(race.first, step)) continue;
    const bool is_initial = std::none_of(needed.begin(), needed.end(), [&](HappensBefore::Number earlier) {
      return order_.before(earlier, step);
    });
    if (is_initial) initials.push_back(order_.task(step));
    needed.push_back(step);
  }
  Node& node = nodes_[race.first];
  // What begins with one that sleeps is known, as is what begins with one that is chosen.
  if (std::any_of(initials.begin(), initials.end(),
                  [&](Lineage task) { return contains(node.backtrack, task) || contains(node.sleep, task); }))
    return;
  const auto initial = std::find_if(initials.begin(), initials.end(),
                                    [&](Lineage task) { return contains(node.enabled, task); });
  if (initial != initials.end()) {
    node.backtrack.push_back(*initial);
    return;
  }
  // Something keeps them from running that no step says, such as a work item that still runs: any of the
  // others may end that.
  for (const Lineage task : node.enabled) {
    add_once(node.backtrack, task);
  }
}

void SourceDpor::end() {
  order_.finish();
  for (const HappensBefore::Race& race : order_.races()) reverse(race);
  go_back();
}

// To the last step in whose place something else is to be tried.
void SourceDpor::go_back() {
  for (; !nodes_.empty(); nodes_.pop_back()) {
    Node& node = nodes_.back();
    node.done.push_back(node.chosen);
    const auto next = std::find_if(node.backtrack.begin(), node.backtrack.end(), [&](Lineage task) {
      return !contains(node.done, task) && !contains(node.sleep, task);
    });
    if (next == node.backtrack.end()) continue;
    node.chosen = *next;
    return;
  }
}

}  // namespace sim::schedules
