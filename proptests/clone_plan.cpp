// SPDX-License-Identifier: GPL-2.0-or-later
#include "proptests/clone_plan.h"

#include <algorithm>
#include <iterator>
#include <ostream>

#include "tests/rig/clone.h"

namespace proptests {

namespace {

class Builder {
 public:
  explicit Builder(const Plan& plan) : plan_(plan), sectors_(device_sectors(plan)) {}

  std::vector<Action> build() {
    set_up();
    StepWriter writer({.sectors = sectors_, .table = [this](std::uint32_t) { return table(); }});
    for (const Step& step : plan_.steps) add_all(writer.actions_of(step));
    tear_down();
    return std::move(actions_);
  }

 private:
  [[nodiscard]] sim::host::Target clone(bool hydrates) const {
    test::CloneShape shape = {.sectors = sectors_, .region_sectors = region_sectors(plan_), .features = {}};
    if (!hydrates) shape.features.emplace_back("no_hydration");
    if (!plan_.passdown) shape.features.emplace_back("no_discard_passdown");
    return test::clone_target(shape, "/dev/meta", "/dev/dest", "/dev/source");
  }

  [[nodiscard]] CloneTable table() const { return {clone(plan_.hydration), plan_.hydration}; }

  void set_up() {
    const std::chrono::milliseconds latency(plan_.read_latency_ms);
    actions_ = {AddDisk{"meta", 2048},
                AddDisk{"dest",
                        sectors_,
                        {.timing = {.read_latency = latency / 2,
                                    .write_latency = latency / 2,
                                    .flush_latency = latency / 3}}},
                AddDisk{"source", sectors_, {.timing = {.read_latency = latency}}},
                Fill{"source", sectors_, 'S'},
                Fill{"dest", sectors_, 'D'},
                CheckSource{},
                Create{clone(plan_.hydration), plan_.hydration}};
  }

  // Everything has to be as the model says, also after all is hydrated and the source is gone.
  void tear_down() {
    add_all({Wait{}, Read{0, sectors_},
             // Nothing changes any more, so what the status says now it must say again after reopening.
             Message{"disable_hydration"}, Sleep{std::chrono::seconds(100)}, Flush{}, CheckStatus{}, Remove{},
             Create{clone(false), false}, CheckStatus{}, Message{"hydration_threshold 7"},
             Message{"enable_hydration"}, WaitUntilHydrated{}, Read{0, sectors_}, Flush{}, Suspend{},
             Load{test::linear_target(sectors_, "/dev/dest", 0)}, Resume{}, Read{0, sectors_},
             CheckSource{}});
  }

  void add_all(std::vector<Action> actions) {
    actions_.insert(actions_.end(), std::make_move_iterator(actions.begin()),
                    std::make_move_iterator(actions.end()));
  }

  const Plan& plan_;
  sector_t sectors_;
  std::vector<Action> actions_;
};

}  // namespace

std::uint64_t region_sectors(const Plan& plan) {
  return 1U << plan.region_shift;
}

std::uint64_t device_sectors(const Plan& plan) {
  const std::uint64_t region = region_sectors(plan);
  const std::uint64_t sectors = region * plan.regions;
  const std::uint64_t missing = region * plan.tail / 8;
  return std::max<std::uint64_t>(sectors - missing, 1);
}

std::vector<Action> actions_of(const Plan& plan) {
  return Builder(plan).build();
}

std::ostream& operator<<(std::ostream& out, const Plan& plan) {
  return out << scenario_text(actions_of(plan));
}

}  // namespace proptests
