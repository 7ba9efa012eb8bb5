// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/director.h"

#include "sim/rewind/arena.h"

namespace sim::schedules {

class Director::Directed final : public SeeingStrategy {
 public:
  explicit Directed(Director& director) : director_(director) {}
  [[nodiscard]] Wants wants() const override { return director_.engine_->wants(); }
  std::size_t choose(const Situation& situation) override { return director_.choose(situation); }

 private:
  Director& director_;
};

std::unique_ptr<Strategy> Director::strategy() {
  return std::make_unique<Directed>(*this);
}

std::size_t Director::ask(const Situation& situation) {
  try {
    const rewind::Outside outside;
    return engine_->choose(situation);
  } catch (const Abandoned&) {
    // Below, where nothing is left of the exception.
  }
  if (abandoned_) abandoned_();
  throw Abandoned();
}

void Director::explore(bool on) {
  if (!on) trace([](Trace& to) { to.end_part(); });
  exploring_ = on;
}

std::size_t Director::choose(const Situation& situation) {
  if (!exploring_) return 0;
  if (before_choice_) before_choice_(choices_);
  ++choices_;
  const std::size_t chosen = ask(situation);
  // Not counted: only some engines are asked there.
  if (situation.choices.size() == 1) return chosen;
  const Choice& first = situation.choices.front();
  taken_.push_back({first.lineage, situation.choices[chosen].lineage, first.steps});
  if (chosen != 0) trace([&](Trace& to) { to.passed_over(first, situation.choices[chosen], situation.now); });
  return chosen;
}

std::vector<Deviation> Director::deviations() const {
  Places places;
  std::vector<Deviation> deviations;
  for (const Taken& taken : taken_) {
    const Deviation deviation = places.next(taken.first, taken.steps, taken.goes);
    if (taken.goes != taken.first) deviations.push_back(deviation);
  }
  return deviations;
}

void Director::took_step(const Choice& step, dmcore::Time now) {
  if (other_ != nullptr) other_->took_step(step, now);
  if (!exploring_) return;
  ++steps_;
  tell([&](Engine& engine) { engine.took_step(step, now); });
  trace([&](Trace& to) { to.took_step(step, now); });
}

void Director::turned_out(dmcore::AccessKind kind) {
  if (other_ != nullptr) other_->turned_out(kind);
  tell([&](Engine& engine) { engine.turned_out(kind); });
  trace([&](Trace& to) { to.turned_out(kind); });
}

void Director::presumption_failed() {
  tell([](Engine& engine) { engine.presumption_failed(); });
}

void Director::created(dmcore::Lineage parent, dmcore::Lineage child) {
  if (other_ != nullptr) other_->created(parent, child);
  tell([&](Engine& engine) { engine.created(parent, child); });
  trace([&](Trace& to) { to.created(parent, child); });
}

void Director::blocked(dmcore::Lineage lineage, const dmcore::Task& task, const dmcore::Step& then) {
  if (other_ != nullptr) other_->blocked(lineage, task, then);
  trace([&](Trace& to) { to.blocked(lineage, task, then); });
}

void Director::woken(dmcore::Lineage lineage, dmcore::Lineage by) {
  if (other_ != nullptr) other_->woken(lineage, by);
  tell([&](Engine& engine) { engine.woken(lineage, by); });
  trace([&](Trace& to) { to.woken(lineage, by); });
}

void Director::ended(dmcore::Lineage lineage) {
  if (other_ != nullptr) other_->ended(lineage);
  trace([&](Trace& to) { to.ended(lineage); });
}

// Engines and traces see steps only, each with its task.
void Director::renamed(dmcore::Lineage lineage) {
  if (other_ != nullptr) other_->renamed(lineage);
}

}  // namespace sim::schedules
