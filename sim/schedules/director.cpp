// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/director.h"

namespace sim::schedules {

class Director::Directed final : public SeeingStrategy {
 public:
  explicit Directed(Director& director) : director_(director) {}
  [[nodiscard]] Wants wants() const override { return director_.engine_.wants(); }
  std::size_t choose(const Situation& situation) override { return director_.choose(situation); }

 private:
  Director& director_;
};

std::unique_ptr<Strategy> Director::strategy() {
  return std::make_unique<Directed>(*this);
}

void Director::explore(bool on) {
  if (traces() && !on) trace_->end_part();
  exploring_ = on;
}

std::size_t Director::choose(const Situation& situation) {
  if (!exploring_) return 0;
  const std::size_t chosen = engine_.choose(situation);
  // Not counted: only some engines are asked there.
  if (situation.choices.size() == 1) return chosen;
  const Deviation place = places_.next(situation, chosen);
  if (chosen == 0) return chosen;
  deviations_.push_back(place);
  if (traces()) trace_->passed_over(situation.choices.front(), situation.choices[chosen], situation.now);
  return chosen;
}

void Director::took_step(const Choice& step, dmcore::Time now) {
  if (!exploring_) return;
  ++steps_;
  engine_.took_step(step, now);
  if (traces()) trace_->took_step(step, now);
}

void Director::turned_out(dmcore::AccessKind kind) {
  if (exploring_) engine_.turned_out(kind);
  if (traces()) trace_->turned_out(kind);
}

void Director::created(dmcore::Lineage parent, dmcore::Lineage child) {
  if (exploring_) engine_.created(parent, child);
  if (traces()) trace_->created(parent, child);
}

void Director::blocked(dmcore::Lineage lineage, const dmcore::Task& task) {
  if (traces()) trace_->blocked(lineage, task);
}

void Director::woken(dmcore::Lineage lineage, dmcore::Lineage by) {
  if (exploring_) engine_.woken(lineage, by);
  if (traces()) trace_->woken(lineage, by);
}

void Director::ended(dmcore::Lineage lineage) {
  if (traces()) trace_->ended(lineage);
}

}  // namespace sim::schedules
