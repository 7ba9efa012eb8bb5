// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/fuzz/schedule_input.h"

#include <algorithm>
#include <functional>

#include "sim/explore/cut_token.h"
#include "sim/explore/mixed.h"
#include "sim/generate/concurrent.h"

namespace fuzz {

namespace {

// More steps than any schedule of a workload needs that does not turn in a circle.
constexpr std::uint64_t schedule_steps_max = 100'000;

// Of a text, the same everywhere, unlike std::hash.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0;
  for (const char letter : text) hash = sim::explore::mixed(hash, static_cast<unsigned char>(letter));
  return hash;
}

}  // namespace

const std::vector<std::string>& schedule_workloads() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> workloads;
    sim::generate::every_concurrent_workload(
        2, [&workloads](const std::string& scenario) { workloads.push_back(scenario); });
    return workloads;
  }();
  return all;
}

void BytesEngine::next_pair() {
  goes_ = 0;
  left_alone_ = 0;
  if (choices_.size() < 2) {
    choices_ = {};
    return;
  }
  left_alone_ = choices_[0];
  goes_ = choices_[1];
  choices_ = choices_.subspan(2);
}

std::size_t BytesEngine::choose(const sim::Situation& situation) {
  // What comes again and again whatever happens is no choice: it would keep the others from their turns.
  std::vector<std::size_t> others;
  for (std::size_t i = 1; i < situation.choices.size(); ++i) {
    if (!situation.choices[i].housekeeping) others.push_back(i);
  }
  if (others.empty()) return 0;
  if (left_alone_ != 0) {
    --left_alone_;
    return 0;
  }
  const std::size_t chosen = goes_ == 0 ? 0 : others[(goes_ - 1) % others.size()];
  next_pair();
  return chosen;
}

void BytesEngine::took_step(const sim::Choice& step, dmcore::Time) {
  order_.took_step(step.lineage, step.next);
  std::uint64_t operation = hash_of(step.name());
  operation = sim::explore::mixed(operation, hash_of(step.next.name));
  operation = sim::explore::mixed(operation, static_cast<std::uint64_t>(step.next.point));
  operation = sim::explore::mixed(operation, static_cast<std::uint64_t>(step.next.access.kind));
  operations_.push_back(static_cast<std::uint32_t>(operation));
}

std::vector<std::uint32_t> BytesEngine::access_pairs() const {
  std::vector<std::uint32_t> pairs;
  for (const auto& race : order_.races()) {
    pairs.push_back(
        static_cast<std::uint32_t>(sim::explore::mixed(operations_[race.first], operations_[race.second])));
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return pairs;
}

ScheduleRun run_schedule(std::span<const std::uint8_t> input, const dmcore::Defects& defects) {
  ScheduleRun run;
  const std::vector<std::string>& workloads = schedule_workloads();
  run.scenario = workloads[input.empty() ? 0 : input.front() % workloads.size()];
  sim::schedules::RunSettings settings;
  settings.machine.defects = defects;
  settings.steps_max = schedule_steps_max;
  settings.keeps_schedule = true;
  BytesEngine engine(input.empty() ? input : input.subspan(1));
  engine.begin();
  run.result = sim::schedules::ScenarioRun(run.scenario, settings).run(engine);
  engine.end();
  run.access_pairs = engine.access_pairs();
  if (run.result.failure) {
    run.token = to_string(sim::schedules::ScheduleToken{.scenario = sim::explore::scenario_hash(run.scenario),
                                                        .wants = engine.wants(),
                                                        .defects = defects,
                                                        .oracle = run.result.failure->oracle,
                                                        .device = run.result.failure->device,
                                                        .deviations = run.result.deviations});
  }
  return run;
}

}  // namespace fuzz
