// SPDX-License-Identifier: GPL-2.0-or-later
// Lets an engine choose within the parts of a run that are to be explored; the rest is first in, first out.
// Notes what was chosen.
#pragma once

#include <memory>
#include <vector>

#include "sim/runtime/observer.h"
#include "sim/schedules/deviations.h"
#include "sim/schedules/engine.h"
#include "sim/schedules/trace.h"

namespace sim::schedules {

// For one run. Must outlive its machine.
class Director final : public Observer {
 public:
  // `trace` sees the explored parts; null: none does. It has begun, and must outlive this as well.
  explicit Director(Engine& engine, Trace* trace = nullptr) : engine_(engine), trace_(trace) {}

  // For the machine, which also gets this as its observer.
  std::unique_ptr<Strategy> strategy();

  // Whether the engine chooses from here on.
  void explore(bool on);
  [[nodiscard]] const std::vector<Deviation>& deviations() const { return deviations_; }
  // Steps that were taken in the explored parts.
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

  // Observer
  void took_step(const Choice& step, dmcore::Time now) override;
  void turned_out(dmcore::AccessKind kind) override;
  void created(dmcore::Lineage parent, dmcore::Lineage child) override;
  void blocked(dmcore::Lineage lineage, const dmcore::Task& task) override;
  void woken(dmcore::Lineage lineage, dmcore::Lineage by) override;
  void ended(dmcore::Lineage lineage) override;

 private:
  class Directed;

  std::size_t choose(const Situation& situation);

  [[nodiscard]] bool traces() const { return exploring_ && trace_ != nullptr; }

  Engine& engine_;
  Trace* trace_;
  bool exploring_ = false;
  Places places_;
  std::vector<Deviation> deviations_;
  std::uint64_t steps_ = 0;
};

}  // namespace sim::schedules
