// SPDX-License-Identifier: GPL-2.0-or-later
// Every schedule with few differences from first in, first out: most bugs need one to three. Those with fewer
// come first, so the first failure has as few as any. Schedules that differ in nothing that can be seen are
// run all the same: each has deviations of its own that can follow.
#pragma once

#include <deque>
#include <vector>

#include "sim/schedules/deviations.h"
#include "sim/schedules/engine.h"

namespace sim::schedules {

class FewDeviations final : public Engine {
 public:
  explicit FewDeviations(unsigned most) : most_(most) {}

  // Time may pass, as for samplers.
  [[nodiscard]] Wants wants() const override {
    return {.time = true, .disk_order = true, .parallel_work = true};
  }
  bool begin() override;
  std::size_t choose(const Situation& situation) override;
  void end() override;

 private:
  // Some deviations, and those of which one is to follow.
  struct Waiting {
    std::vector<Deviation> deviations;
    std::deque<Deviation> next;
  };

  // What waits takes memory: if there is this much of it, nothing more is added, and not all schedules are
  // run.
  static constexpr std::size_t waiting_max = 4'000'000;

  unsigned most_;
  bool begun_ = false;
  std::deque<Waiting> waiting_;
  std::size_t deviations_waiting_ = 0;
  std::vector<Deviation> deviations_;  // of this run
  std::size_t followed_ = 0;           // of them
  std::deque<Deviation> others_;       // that could come after them
  Places places_;
};

}  // namespace sim::schedules
