// SPDX-License-Identifier: GPL-2.0-or-later
#include "proptests/clone_plan.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <ostream>

#include "tests/rig/clone.h"

namespace proptests {

namespace {

constexpr std::string_view values = "ABCEFGHIJKLMNOPQRTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::array<std::string_view, 8> messages = {
    "enable_hydration",        "disable_hydration",      "hydration_threshold 0",  "hydration_threshold 3",
    "hydration_threshold 100", "hydration_batch_size 0", "hydration_batch_size 4", "hydration_batch_size 64"};

using std::chrono::milliseconds;

class Builder {
 public:
  explicit Builder(const Plan& plan) : plan_(plan), sectors_(device_sectors(plan)) {}

  std::vector<Action> build() {
    set_up();
    for (const Step& step : plan_.steps) add(step);
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

  void set_up() {
    const milliseconds latency(plan_.read_latency_ms);
    actions_ = {
        AddDisk{"meta", 2048},
        AddDisk{"dest",
                sectors_,
                {.read_latency = latency / 2, .write_latency = latency / 2, .flush_latency = latency / 3}},
        AddDisk{"source", sectors_, {.read_latency = latency}},
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

  void add(const Step& step) {
    switch (step.kind) {
      case StepKind::read:
        actions_.emplace_back(Read{first(step), count(step), step.background});
        return;
      case StepKind::write:
      case StepKind::write_fua:
        actions_.emplace_back(Write{first(step), count(step), values[written_++ % values.size()],
                                    step.kind == StepKind::write_fua, step.background});
        return;
      case StepKind::discard:
        actions_.emplace_back(Discard{first(step), count(step), step.background});
        return;
      case StepKind::flush:
        actions_.emplace_back(Flush{step.background});
        return;
      case StepKind::wait:
        actions_.emplace_back(Wait{});
        return;
      case StepKind::sleep:
        actions_.emplace_back(Sleep{milliseconds(50) * (step.choice % 50)});
        return;
      case StepKind::message:
        actions_.emplace_back(Message{std::string(messages[step.choice % messages.size()])});
        return;
      case StepKind::suspend_resume:
        add_all({Suspend{.no_flush = step.choice % 2 != 0}, Resume{}});
        return;
      case StepKind::reload:
        // In this order: a table loaded before the suspend would have read the metadata too early.
        add_all({Suspend{}, Load{clone(plan_.hydration)}, Resume{plan_.hydration}});
        return;
      case StepKind::reopen:
        add_all({Wait{}, Remove{}, Create{clone(plan_.hydration), plan_.hydration}});
        return;
    }
  }

  [[nodiscard]] sector_t first(const Step& step) const {
    return std::min(sectors_ * step.position / 1000, sectors_ - 1);
  }
  [[nodiscard]] sector_t count(const Step& step) const {
    return std::clamp<sector_t>(step.length, 1, sectors_ - first(step));
  }

  const Plan& plan_;
  sector_t sectors_;
  std::size_t written_ = 0;
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
