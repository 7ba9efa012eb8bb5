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

// What an engine keeps is not a part of the run.
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

std::size_t Director::choose(const Situation& situation) {
  if (!exploring_) return 0;
  const std::size_t chosen = ask(situation);
  // Not counted: only some engines are asked there.
  if (situation.choices.size() == 1) return chosen;
  const Choice& first = situation.choices.front();
  taken_.push_back({first.lineage, situation.choices[chosen].lineage, first.steps});
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
  if (!exploring_) return;
  ++steps_;
  const rewind::Outside outside;
  engine_->took_step(step, now);
}

void Director::turned_out(dmcore::AccessKind kind) {
  if (!exploring_) return;
  const rewind::Outside outside;
  engine_->turned_out(kind);
}

void Director::created(dmcore::Lineage parent, dmcore::Lineage child) {
  if (!exploring_) return;
  const rewind::Outside outside;
  engine_->created(parent, child);
}

void Director::woken(dmcore::Lineage lineage, dmcore::Lineage by) {
  if (!exploring_) return;
  const rewind::Outside outside;
  engine_->woken(lineage, by);
}

}  // namespace sim::schedules
