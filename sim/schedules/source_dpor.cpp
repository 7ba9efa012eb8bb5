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

namespace {

bool clears_bit(const dmcore::Step& step) {
  return step.point == dmcore::Point::flag && step.access.kind == dmcore::AccessKind::releases;
}

}  // namespace

bool SourceDpor::begin() {
  if (begun_ && nodes_.empty()) return false;
  begun_ = true;
  changed_ = same_choices();
  depth_ = 0;
  now_ = {};
  sleepers_.clear();
  happened_before_.swap(happened_);
  happened_.clear();
  is_continued_ = false;
  return true;
}

void SourceDpor::continues_at(std::size_t choice) {
  const Node& node = nodes_[choice];
  depth_ = choice;
  now_ = node.now;
  is_continued_ = true;
  happened_.swap(happened_before_);
  happened_.resize(node.happened, {});
}

// A task that would only wait is not run until what it waits for is there; unless all would: then they do.
void SourceDpor::add_node(const Situation& situation) {
  const bool all_wait = situation.all_wait();
  const auto is_enabled = [all_wait](const Choice& choice) { return all_wait || !choice.next.waits_now(); };
  // A task that looks at a bit goes before what clears it, and waits: that would have to be tried after all,
  // and this for each bit.
  const Choice* awake = nullptr;
  for (const Choice& choice : situation.choices) {
    if (!is_enabled(choice) || contains(sleep_, choice.lineage)) continue;
    if (awake == nullptr || clears_bit(awake->next)) awake = &choice;
    if (!clears_bit(awake->next)) break;
  }
  if (awake == nullptr) throw Abandoned();
  Node& node = nodes_.emplace_back();
  node.chosen = awake->lineage;
  node.backtrack.push_back(node.chosen);
  node.sleep = sleep_;
  node.happened = happened_.size();
  node.now = now_;
  for (const Choice& choice : situation.choices) {
    if (is_enabled(choice)) node.enabled.push_back(choice.lineage);
  }
}

std::size_t SourceDpor::choose(const Situation& situation) {
  if (presumption_failed_) throw Abandoned();
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
  if (!happened_.empty() && happened_.back().what == Happened::What::step)
    happened_.back().step.access.kind = kind;
}

// Time passes when no task can run, so all that was before comes before.
void SourceDpor::took_step(const Choice& step, dmcore::Time now) {
  if (now != std::exchange(now_, now)) happened_.push_back({Happened::What::barrier});
  happened_.push_back({Happened::What::step, step.lineage, 0, step.next});
}

void SourceDpor::woken(Lineage lineage, Lineage by) {
  happened_.push_back({Happened::What::woken, lineage, by});
}

// What is the same as in the run before is known from that, if this one continues it: in another machine what
// steps touch is at other addresses.
void SourceDpor::find_order() {
  constexpr std::size_t apart = 64;
  if (!is_continued_) known_.clear();
  while (!known_.empty() && known_.back().happened > nodes_[changed_].happened) known_.pop_back();
  std::size_t next = 0;
  if (known_.empty()) {
    order_.clear();
  } else {
    next = known_.back().happened;
    order_.back_to(known_.back().place);
  }
  for (std::size_t last_known = next; next < happened_.size(); ++next) {
    const Happened& happened = happened_[next];
    switch (happened.what) {
      case Happened::What::step:
        if (next >= last_known + apart) {
          known_.push_back({next, order_.place()});
          last_known = next;
        }
        order_.took_step(happened.task, happened.step);
        break;
      case Happened::What::woken:
        order_.woken(happened.task, happened.by);
        break;
      case Happened::What::barrier:
        order_.barrier();
        break;
    }
  }
  order_.finish();
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

// Without presumptions: in the runs up to now the order of some steps was not looked at that can be seen.
void SourceDpor::begin_anew() {
  presumes_ = presumption_failed_ = begun_ = is_continued_ = false;
  nodes_.clear();
  known_.clear();
}

void SourceDpor::end() {
  if (presumption_failed_) {
    begin_anew();
    return;
  }
  find_order();
  for (const HappensBefore::Race& race : order_.races()) {
    // Those before are of the run before, too.
    if (race.second >= changed_) reverse(race);
  }
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
