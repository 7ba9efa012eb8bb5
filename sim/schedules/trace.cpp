// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/trace.h"

#include <fmt/format.h>
#include <utility>

namespace sim::schedules {

using dmcore::Lineage;

void Trace::begin(const DeterministicRuntime& runtime, std::function<std::string(const void*)> owner_of) {
  *this = Trace();
  runtime_ = &runtime;
  owner_of_ = std::move(owner_of);
}

void Trace::end() {
  order_.finish();
  runtime_ = nullptr;
  owner_of_ = nullptr;
  lineages_.clear();
}

std::size_t Trace::number_of(Lineage lineage) {
  const auto [place, is_new] = numbers_.try_emplace(lineage, tasks_.size());
  if (is_new) tasks_.push_back({lineage, runtime_->lineages().text(lineage)});
  return place->second;
}

Trace::Event& Trace::add(Event::What what, Lineage lineage) {
  return events_.emplace_back(Event{.what = what,
                                    .task = lineage == 0 ? none : number_of(lineage),
                                    .number = steps_,
                                    .at = runtime_->now()});
}

void Trace::add_step(Event::What what, const Choice& choice, dmcore::Time now) {
  Event& event = add(what, choice.lineage);
  event.at = now;
  event.text = owner_of_(choice.next.access.object);
  event.of_task = choice.steps;
  event.point = choice.next.point;
  event.access = choice.next.access;
  event.name = choice.next.name;
  event.place = choice.next.place;
}

void Trace::passed_over(const Choice& first, const Choice& goes, dmcore::Time now) {
  add_step(Event::What::passed_over, first, now);
  const std::size_t other = number_of(goes.lineage);
  events_.back().other = other;
}

void Trace::took_step(const Choice& step, dmcore::Time now) {
  order_.took_step(step.lineage, step.next);
  add_step(Event::What::step, step, now);
  ++steps_;
  lineages_[&runtime_->current()] = step.lineage;
}

void Trace::turned_out(dmcore::AccessKind kind) {
  order_.turned_out(kind);
}

void Trace::blocked(Lineage lineage, const dmcore::Task& task, const dmcore::Step& then) {
  const dmcore::WaitingFor& wait = task.waiting_for;
  Event& event = add(Event::What::waits, lineage);
  event.name = wait.what;
  event.place = then.place;
  event.text = event.name == "wait queue" ? fmt::format("'{}'", wait.object)
                                          : fmt::format("{} '{}'", wait.what, wait.object);
  if (const auto owner = lineages_.find(wait.owner); owner != lineages_.end()) {
    const std::size_t other = number_of(owner->second);
    events_.back().other = other;
  }
}

void Trace::woken(Lineage lineage, Lineage by) {
  order_.woken(lineage, by);
  const std::size_t other = number_of(lineage);
  add(Event::What::wakes, by).other = other;
}

void Trace::ended(Lineage lineage) {
  add(Event::What::ends, lineage);
}

void Trace::io(Event::What what, std::string text) {
  add(what, runtime_->lineage()).text = std::move(text);
}

}  // namespace sim::schedules
