// SPDX-License-Identifier: GPL-2.0-or-later
// Lets an engine choose within the parts of a run that are to be explored; the rest is first in, first out.
// Notes what was chosen.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "sim/rewind/arena.h"
#include "sim/runtime/observer.h"
#include "sim/schedules/deviations.h"
#include "sim/schedules/engine.h"
#include "sim/schedules/trace.h"

namespace sim::schedules {

// For one run. Must outlive its machine.
class Director final : public Observer {
 public:
  // `trace` sees the explored parts; null: none does. It has begun, and must outlive this as well.
  explicit Director(Engine& engine, Trace* trace = nullptr)
      : fixed_(&engine), engine_(fixed_), trace_(trace) {}
  // `engine`: may be another one, which wants the same, after the run was rewound. `abandoned` ends the run
  // when the engine says so, or returns; then Abandoned is thrown.
  Director(Engine* const& engine, std::function<void()> abandoned, Trace* trace)
      : engine_(engine), abandoned_(std::move(abandoned)), trace_(trace) {}

  // Sees all steps as well, those before and after the explored parts too. Not owned.
  void also_tell(Observer& other) { other_ = &other; }

  // For the machine, which also gets this as its observer.
  std::unique_ptr<Strategy> strategy();

  // Is called before each choice of the engine, with its number, from 0 on.
  void before_choices(std::function<void(std::size_t)> what) { before_choice_ = std::move(what); }

  // Whether the engine chooses from here on.
  void explore(bool on);
  // What was chosen there that first in, first out would not have chosen.
  [[nodiscard]] std::vector<Deviation> deviations() const;
  // Steps that were taken in the explored parts.
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

  // Observer
  void took_step(const Choice& step, dmcore::Time now) override;
  void turned_out(dmcore::AccessKind kind) override;
  [[nodiscard]] bool presumes() const override { return exploring_ && engine_->presumes(); }
  void presumption_failed() override;
  void created(dmcore::Lineage parent, dmcore::Lineage child) override;
  void blocked(dmcore::Lineage lineage, const dmcore::Task& task, const dmcore::Step& then) override;
  void woken(dmcore::Lineage lineage, dmcore::Lineage by) override;
  void ended(dmcore::Lineage lineage) override;
  void renamed(dmcore::Lineage lineage) override;

 private:
  class Directed;

  std::size_t choose(const Situation& situation);
  std::size_t ask(const Situation& situation);

  // What an engine keeps is not a part of the run.
  template <class Tell>
  void tell(Tell what) {
    if (!exploring_) return;
    const rewind::Outside outside;
    what(*engine_);
  }
  // Nor is a trace.
  template <class Tell>
  void trace(Tell what) {
    if (!exploring_ || trace_ == nullptr) return;
    const rewind::Outside outside;
    what(*trace_);
  }

  Engine* fixed_ = nullptr;
  Engine* const& engine_;
  std::function<void()> abandoned_;
  Trace* trace_;
  Observer* other_ = nullptr;  // may be null
  std::function<void(std::size_t)> before_choice_;
  std::size_t choices_ = 0;  // of the engine
  bool exploring_ = false;
  // A choice among several. Whether it is a deviation, and where, is computed only for the runs that
  // are to be repeated.
  struct Taken {
    dmcore::Lineage first = 0;  // of the choices
    dmcore::Lineage goes = 0;
    std::uint32_t steps = 0;  // that the first had taken
  };
  std::vector<Taken> taken_;
  std::uint64_t steps_ = 0;
};

}  // namespace sim::schedules
