// SPDX-License-Identifier: GPL-2.0-or-later
// Schedules: how many a second are run, with their set-up and oracles.
#include <benchmark/benchmark.h>
#include <memory>
#include <string>

#include "sim/schedules/few_deviations.h"
#include "sim/schedules/samplers.h"
#include "sim/schedules/scenario_run.h"
#include "sim/schedules/source_dpor.h"

namespace {

using namespace sim::schedules;

// Three requests at once to one region of a clone: each needs it copied, or finds that this is under way.
const std::string writes =
    "disk m 4M\ndisk d 16\ndisk s 16\nwrite s 0 16 @S\n"
    "dmsetup create c --table '0 16 clone /dev/m /dev/d /dev/s 8 1 no_hydration'\n"
    "write c 0 1 @A &\nwrite c 2 1 @B &\nwrite c 4 1 @C &\n";
// The same, but the region is hydrated already.
const std::string hydrated_writes =
    "disk m 4M\ndisk d 16\ndisk s 16\n"
    "dmsetup create c --table '0 16 clone /dev/m /dev/d /dev/s 8 1 no_hydration'\n"
    "write c 0 8 @Z\nwrite c 0 1 @A &\nwrite c 2 1 @B &\nwrite c 4 1 @C &\n";

template <class MadeEngine, class... Arguments>
void schedules(benchmark::State& state, const std::string& scenario, bool rewinds, Arguments... arguments) {
  RunSettings settings;
  settings.rewinds = rewinds;
  ScenarioRun run(scenario, settings);
  auto engine = std::make_unique<MadeEngine>(arguments...);
  std::uint64_t steps = 0;
  for (auto _ : state) {
    if (!engine->begin()) {
      engine = std::make_unique<MadeEngine>(arguments...);
      engine->begin();
    }
    const RunResult result = run.run(*engine);
    engine->end();
    if (result.failure) state.SkipWithError("something does not hold");
    steps += result.steps;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["steps"] =
      benchmark::Counter(static_cast<double>(steps), benchmark::Counter::kAvgIterations);
}

constexpr std::uint64_t seed = 1;

void BM_SchedulesRandom(benchmark::State& state) {
  schedules<RandomWalk>(state, writes, state.range(0) != 0, seed);
}
BENCHMARK(BM_SchedulesRandom)->ArgName("rewinds")->Arg(0)->Arg(1);

void BM_SchedulesDpor(benchmark::State& state) {
  schedules<SourceDpor>(state, writes, state.range(0) != 0);
}
BENCHMARK(BM_SchedulesDpor)->ArgName("rewinds")->Arg(0)->Arg(1);

void BM_SchedulesFew(benchmark::State& state) {
  constexpr unsigned deviations = 3;
  schedules<FewDeviations>(state, writes, state.range(0) != 0, deviations);
}
BENCHMARK(BM_SchedulesFew)->ArgName("rewinds")->Arg(0)->Arg(1);

void BM_SchedulesHydratedRandom(benchmark::State& state) {
  schedules<RandomWalk>(state, hydrated_writes, state.range(0) != 0, seed);
}
BENCHMARK(BM_SchedulesHydratedRandom)->ArgName("rewinds")->Arg(0)->Arg(1);

}  // namespace
