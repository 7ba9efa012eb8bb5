// SPDX-License-Identifier: GPL-2.0-or-later
// Another engine, whose runs an observer sees as well.
#pragma once

#include "sim/runtime/observer.h"
#include "sim/schedules/engine.h"

namespace test {

class ShownEngine final : public sim::schedules::Engine {
 public:
  // Both must outlive this.
  ShownEngine(sim::schedules::Engine& engine, sim::Observer& observer)
      : engine_(engine), observer_(observer) {}

  [[nodiscard]] sim::Wants wants() const override { return engine_.wants(); }
  bool begin() override {
    over_ = false;
    return engine_.begin();
  }
  void end() override { engine_.end(); }
  std::size_t choose(const sim::Situation& situation) override {
    try {
      return engine_.choose(situation);
    } catch (const sim::schedules::Abandoned&) {
      over_ = true;  // what follows is how a run is taken down
      throw;
    }
  }
  void took_step(const sim::Choice& step, dmcore::Time now) override {
    if (!over_) observer_.took_step(step, now);
    engine_.took_step(step, now);
  }
  void turned_out(dmcore::AccessKind kind) override {
    if (!over_) observer_.turned_out(kind);
    engine_.turned_out(kind);
  }
  [[nodiscard]] bool presumes() const override { return engine_.presumes(); }
  void presumption_failed() override { engine_.presumption_failed(); }
  void created(dmcore::Lineage parent, dmcore::Lineage child) override {
    if (!over_) observer_.created(parent, child);
    engine_.created(parent, child);
  }
  void woken(dmcore::Lineage lineage, dmcore::Lineage by) override {
    if (!over_) observer_.woken(lineage, by);
    engine_.woken(lineage, by);
  }

 private:
  sim::schedules::Engine& engine_;
  sim::Observer& observer_;
  bool over_ = false;
};

}  // namespace test
