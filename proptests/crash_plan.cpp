// SPDX-License-Identifier: GPL-2.0-or-later
#include "proptests/crash_plan.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <ostream>
#include <string_view>
#include <utility>

#include "tests/rig/clone.h"

namespace proptests {

namespace {

using sim::Fault;

constexpr std::uint32_t large_block_bytes = 4096;

sim::DiskOptions options_of(const DiskPlan& plan) {
  const std::chrono::milliseconds latency(plan.latency_ms);
  sim::DiskOptions options;
  if (plan.large_blocks) options.logical_block_size = large_block_bytes;
  options.discard = plan.discards;
  options.volatile_cache = plan.write_cache;
  options.timing = {.read_latency = latency, .write_latency = latency, .flush_latency = latency / 2};
  return options;
}

// The logical block of the device, which is the largest of those below.
sector_t block_of(const CrashPlan& plan) {
  return plan.destination.large_blocks || plan.source.large_blocks ? large_block_bytes / dmcore::sector_size
                                                                   : 1;
}

// Few hits: what is hydrated in the background is tried again and again. Some of them go away only with the
// next fault of the disk.
SetFaults faults_of(const Step& step, DiskFaults faults, sector_t sectors) {
  static const std::array<std::string, 3> disks = {"dest", "meta", "source"};
  const std::string& disk = disks[step.position % disks.size()];
  const std::uint64_t hits = 1 + step.length % 3;
  const sim::SectorRange where = {step.position * sectors / 1000, std::min<sector_t>(step.length, sectors)};
  const Fault silent = {Fault::Silent{.from = {}, .to = std::chrono::milliseconds(100) * step.length}};
  std::vector<Fault> harmless = {silent};
  // A commit reads what it changes, and one that fails in a suspend is not reported (docs/findings.md).
  if (disk != "meta") harmless.push_back({Fault::ReadError{where}, hits});
  const std::vector<Fault> failures = {{Fault::WriteError{}, hits},     {Fault::WriteError{where}, hits},
                                       {Fault::FlushError{}, hits},     {Fault::FlushError{}, hits},
                                       {Fault::ReadError{where}, hits}, silent};
  const std::vector<Fault>& possible = faults == DiskFaults::failures ? failures : harmless;
  const std::size_t chosen = step.choice % (possible.size() + 1);
  if (chosen == 0) return {disk, {}};
  return {disk, {possible[chosen - 1]}};
}

class CrashBuilder {
 public:
  explicit CrashBuilder(const CrashPlan& plan) : plan_(plan), sectors_(device_sectors(plan)) {}

  Script build() {
    set_up();
    StepWriter writer = step_writer();
    for (const Step& step : plan_.steps) {
      const bool together = plan_.faults == DiskFaults::failures || step.kind == StepKind::reload;
      std::vector<Action> actions = writer.actions_of(step);
      if (together) {
        script_.push_back(std::move(actions));
      } else {
        add_each(std::move(actions));
      }
    }
    return std::move(script_);
  }

  std::string build_concurrent() {
    set_up();
    std::string text = scenario_text(script_);
    StepWriter writer = step_writer();
    constexpr unsigned at_once_max = 4;
    unsigned at_once = 0;
    for (Step step : plan_.steps) {
      step.background = false;  // said below, of all
      const bool waits = step.kind == StepKind::wait || at_once == at_once_max;
      if (waits && at_once != 0) {
        text += "wait\n";
        at_once = 0;
      }
      std::string_view then;
      for (const Action& action : writer.actions_of(step)) {
        if (std::holds_alternative<Wait>(action)) continue;
        text += fmt::format("{}{} &\n", std::exchange(then, "then "), text_of(action));
      }
      if (!then.empty()) ++at_once;
    }
    return text + "wait\n";
  }

 private:
  [[nodiscard]] StepWriter step_writer() const {
    return StepWriter({.sectors = sectors_,
                       .block = block_of(plan_),
                       .stamps = true,
                       .above = above(),
                       .table = [this](std::uint32_t choice) { return table(choice); },
                       .faults = [this](const Step& step) { return faults_of(step, plan_.faults, sectors_); },
                       .hydration_time = std::chrono::seconds(5),
                       .careful = plan_.faults == DiskFaults::failures});
  }

  // The one of the plan, and sometimes another one over the same disks.
  [[nodiscard]] CloneTable table(std::uint32_t choice) const {
    const bool hydrates = plan_.hydration != (choice % 5 == 4);
    const bool passdown = plan_.passdown != (choice % 7 == 6);
    test::CloneShape shape = {.sectors = sectors_, .region_sectors = region_sectors(plan_), .features = {}};
    if (!hydrates) shape.features.emplace_back("no_hydration");
    if (!passdown) shape.features.emplace_back("no_discard_passdown");
    const auto argument = [&shape](const std::string& name, unsigned value) {
      if (value != 0) shape.core_arguments.emplace_back(name, std::to_string(value));
    };
    argument("hydration_threshold", plan_.hydration_threshold);
    argument("hydration_batch_size", plan_.hydration_batch_size);
    const bool disk = plan_.source_path == SourcePath::disk;
    return {test::clone_target(shape, "/dev/meta", "/dev/dest", disk ? "/dev/source" : "/dev/mapper/s"),
            hydrates};
  }

  [[nodiscard]] std::vector<Create> above() const {
    if (!plan_.linear_above) return {};
    return {Create{test::linear_target(sectors_, "/dev/mapper/c", 0), false, device_of(plan_)}};
  }

  void set_up() {
    add_each({AddDisk{"meta", plan_.metadata_sectors, options_of(plan_.metadata)},
              AddDisk{"dest", sectors_, options_of(plan_.destination)},
              AddDisk{"source", sectors_, options_of(plan_.source)}, Fill{"source", sectors_, 'S'},
              Flush{.device = "source"}, Fill{"dest", sectors_, 'D'}, Flush{.device = "dest"}});
    if (plan_.source_path == SourcePath::linear) {
      add_each({Create{test::linear_target(sectors_, "/dev/source", 0), false, "s"}});
    } else if (plan_.source_path == SourcePath::delay) {
      const sim::host::Target delay = {0, sectors_, "delay", "/dev/source 0 30"};
      add_each({Create{delay, false, "s"}});
    }
    const CloneTable first = table(0);
    add_each({Create{first.target, first.hydrates}});
    for (const Create& top : above()) add_each({top});
  }

  void add_each(std::vector<Action> actions) {
    for (Action& action : actions) script_.push_back({std::move(action)});
  }

  const CrashPlan& plan_;
  sector_t sectors_;
  Script script_;
};

}  // namespace

std::string device_of(const CrashPlan& plan) {
  return plan.linear_above ? "top" : clone_name;
}

std::uint64_t region_sectors(const CrashPlan& plan) {
  return 1U << plan.region_shift;
}

std::uint64_t device_sectors(const CrashPlan& plan) {
  const std::uint64_t region = region_sectors(plan);
  const std::uint64_t sectors = region * plan.regions - region * plan.tail / 8;
  return std::max(sectors / block_of(plan), std::uint64_t{1}) * block_of(plan);
}

Script script_of(const CrashPlan& plan) {
  return CrashBuilder(plan).build();
}

std::string concurrent_scenario_of(const CrashPlan& plan) {
  return CrashBuilder(plan).build_concurrent();
}

std::string scenario_text(const Script& script) {
  std::string text;
  for (const std::vector<Action>& actions : script) text += scenario_text(actions);
  return text;
}

sim::explore::PowerCutOptions options_of(const CrashPlan& plan, const dmcore::Defects& defects) {
  constexpr std::uint32_t random_from = 500;
  sim::explore::PowerCutOptions options;
  options.settings.depth = plan.depth;
  options.settings.tear = plan.tear_sectors ? sim::explore::Tear::sectors : sim::explore::Tear::halves;
  if (plan.schedule >= random_from) options.workload.schedule = {sim::Schedule::Kind::random, plan.schedule};
  options.workload.machine.defects = defects;
  return options;
}

std::ostream& operator<<(std::ostream& out, const CrashPlan& plan) {
  const auto options = options_of(plan);
  return out << fmt::format("# {}, depth {}, torn by {}\n{}", fmt::streamed(options.workload.schedule),
                            plan.depth, plan.tear_sectors ? "sectors" : "halves",
                            scenario_text(script_of(plan)));
}

}  // namespace proptests
