// SPDX-License-Identifier: GPL-2.0-or-later
// A schedule that a test writes down: which task runs up to where, and who comes then.
//
//   test::GuidedMachine machine;
//   machine.run([&] {
//     machine.guide().run_until("process 0", test::before(dmcore::Point::spin_lock, "clone bucket"))
//         .run("clone waker");
//     machine.in_parallel(2, ...);
//   });
//   EXPECT_TRUE(machine.guide().done());
//
// A task is named by the last word of its lineage ("process 0") or by as many as tell it from others
// ("line 7 > write &"). While a stage waits for its task to come into being or to become ready, and when
// there are no stages, it is first in, first out.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "sim/runtime/strategy.h"

#include "tests/rig/machine.h"

namespace test {

using StepIs = std::function<bool(const dmcore::Step&)>;
// A step of that kind, of the object of that name if one is given; the `nth` that the task comes to.
StepIs before(dmcore::Point point, std::string_view name = {}, unsigned nth = 1);

class Guide final : public sim::SeeingStrategy {
 public:
  // Time races with tasks, unless `wants` says otherwise; but only a stage that names a deadline lets it pass
  // while others can run.
  explicit Guide(sim::Wants wants = {.time = true}) : wants_(wants) { wants_.every_step = true; }

  // Stages follow each other; they may be added at any time.
  // Runs the task until it is about to take such a step, and holds it there until it is named again or there
  // are no more stages.
  Guide& run_until(std::string who, StepIs step);
  // Runs the task until it waits or has ended.
  Guide& run(std::string who);
  [[nodiscard]] bool done() const { return stages_.empty(); }

  [[nodiscard]] sim::Wants wants() const override { return wants_; }
  // Throws a Failure if only tasks that are held could run.
  std::size_t choose(const sim::Situation& situation) override;

 private:
  struct Stage {
    std::string who;
    StepIs until;              // may be empty
    dmcore::Lineage task = 0;  // once it has been found
  };

  [[nodiscard]] static std::optional<std::size_t> find(const Stage& stage, const sim::Situation& situation);
  [[nodiscard]] std::size_t first_free(const sim::Situation& situation);
  [[nodiscard]] bool held(dmcore::Lineage task) const;

  sim::Wants wants_;
  std::deque<Stage> stages_;
  std::vector<dmcore::Lineage> held_;
  dmcore::Time progress_{0};  // when a deadline that is not periodic came last
};

// Takes any choice, each time at random: a schedule that is not one's own idea.
class AnyOrder final : public sim::SeeingStrategy {
 public:
  AnyOrder(std::uint64_t seed, sim::Wants wants) : wants_(wants), random_(seed) {}
  [[nodiscard]] sim::Wants wants() const override { return wants_; }
  std::size_t choose(const sim::Situation& situation) override {
    return random_() % situation.choices.size();
  }

 private:
  sim::Wants wants_;
  std::mt19937_64 random_;
};

class GuidedMachine : public Machine {
 public:
  explicit GuidedMachine(sim::Wants wants = {.time = true})
      : GuidedMachine(std::make_unique<Guide>(wants).release()) {}
  [[nodiscard]] Guide& guide() { return guide_; }

 private:
  explicit GuidedMachine(Guide* guide) : Machine(std::unique_ptr<sim::Strategy>(guide)), guide_(*guide) {}

  Guide& guide_;
};

}  // namespace test
