// SPDX-License-Identifier: GPL-2.0-or-later
// Lets an engine choose within the parts of a run that are to be explored; the rest is first in, first out.
// Notes what was chosen.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "sim/runtime/observer.h"
#include "sim/schedules/deviations.h"
#include "sim/schedules/engine.h"

namespace sim::schedules {

// For one run. Must outlive its machine.
class Director final : public Observer {
 public:
  explicit Director(Engine& engine) : fixed_(&engine), engine_(fixed_) {}
  // `engine`: may be another one, which wants the same, after the run was rewound. `abandoned` ends the run
  // when the engine says so, or returns; then Abandoned is thrown.
  Director(Engine* const& engine, std::function<void()> abandoned)
      : engine_(engine), abandoned_(std::move(abandoned)) {}

  // For the machine, which also gets this as its observer.
  std::unique_ptr<Strategy> strategy();

  // Whether the engine chooses from here on.
  void explore(bool on) { exploring_ = on; }
  // What was chosen there that first in, first out would not have chosen.
  [[nodiscard]] std::vector<Deviation> deviations() const;
  // Steps that were taken in the explored parts.
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

  // Observer
  void took_step(const Choice& step, dmcore::Time now) override;
  void turned_out(dmcore::AccessKind kind) override;
  void created(dmcore::Lineage parent, dmcore::Lineage child) override;
  void woken(dmcore::Lineage lineage, dmcore::Lineage by) override;

 private:
  class Directed;

  std::size_t choose(const Situation& situation);
  std::size_t ask(const Situation& situation);

  Engine* fixed_ = nullptr;
  Engine* const& engine_;
  std::function<void()> abandoned_;
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
