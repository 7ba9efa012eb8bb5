// SPDX-License-Identifier: GPL-2.0-or-later
// Power cuts: how many a second are looked at, and what makes them dear.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "sim/explore/crash_explorer.h"
#include "sim/explore/disks.h"
#include "sim/explore/power_cuts.h"
#include "sim/explore/workload.h"

namespace {

using namespace sim::explore;

// A clone of so many regions of 8 sectors, and so many writes of half a region, one after the other, with a
// flush after every fourth.
std::string scenario(std::uint64_t regions, std::uint64_t writes, bool flushes = true) {
  const std::uint64_t sectors = regions * 8;
  std::string text = fmt::format(
      "disk loop0 4M\ndisk loop1 {0}\ndisk loop2 {0}\nwrite loop2 0 {0} @S\nflush loop2\n"
      "dmsetup create c --table '0 {0} clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration'\n",
      sectors);
  for (std::uint64_t i = 0; i < writes; ++i) {
    text += fmt::format("write c {} 4 @{}\n", (i % regions) * 8 + 2, static_cast<char>('A' + i % 26));
    if (flushes && i % 4 == 3) text += "flush c\n";
  }
  return text;
}

// Cuts of one run, over and over, with all starts known but in the first round. The counters are of different
// cuts: with their starts and oracles.
void explore(benchmark::State& state, const std::string& text, unsigned depth) {
  Contents contents;
  const Workload workload = run_workload(contents, text, {});
  CrashSettings settings;
  settings.depth = depth;
  CrashExplorer explorer(contents, {}, settings);
  CrashReport report = explorer.explore(*workload.run);
  std::uint64_t cuts = 0;
  for (auto _ : state) {
    report = explorer.explore(*workload.run);
    cuts += report.distinct;
  }
  if (report.violation) state.SkipWithError("something does not hold");
  state.counters["cuts/s"] = benchmark::Counter(static_cast<double>(cuts), benchmark::Counter::kIsRate);
  state.counters["starts"] = static_cast<double>(report.recoveries);
}

void BM_CutsRegions(benchmark::State& state) {
  explore(state, scenario(static_cast<std::uint64_t>(state.range(0)), 32), 2);
}
BENCHMARK(BM_CutsRegions)->Arg(4)->Arg(16)->Arg(64)->Arg(256);

// All writes are pending at the end.
void BM_CutsPending(benchmark::State& state) {
  explore(state, scenario(16, static_cast<std::uint64_t>(state.range(0)), false), 2);
}
BENCHMARK(BM_CutsPending)->Arg(4)->Arg(16)->Arg(64);

void BM_CutsDepth(benchmark::State& state) {
  explore(state, scenario(16, 32), static_cast<unsigned>(state.range(0)));
}
BENCHMARK(BM_CutsDepth)->DenseRange(1, 4);

// A scenario of three operations from its text to its certificate, with nothing known before.
void BM_ExploreThreeOperations(benchmark::State& state) {
  const std::string text = scenario(16, 2) + "flush c\n";
  PowerCutResult result;
  for (auto _ : state) result = explore_power_cuts(text);
  if (!result.holds()) state.SkipWithError("something does not hold");
  state.counters["cuts"] = static_cast<double>(result.report.distinct);
  state.counters["later cuts"] = static_cast<double>(result.report.later_cuts);
}
BENCHMARK(BM_ExploreThreeOperations)->Unit(benchmark::kMillisecond);

// One start after a power cut that is not known yet.
void BM_Start(benchmark::State& state) {
  Contents contents;
  const Workload workload = run_workload(contents, scenario(16, 8), {});
  const Run& run = *workload.run;
  Disks disks(run.disks, run.contents);
  for (const Event& event : run.trace.events()) {
    if (event.kind <= Event::Kind::replaced) disks.apply(run.trace, event);
  }
  std::vector<BlockContent> found;
  const auto answer = [&](std::uint32_t disk, std::uint32_t block) {
    disks.block_candidates(disk, block, Tear::halves, found);
    return found.front();
  };
  for (auto _ : state) {
    Recovery recovery(contents);
    run_recovery(contents, {}, run.disks, run.devices.back(), answer, recovery);
    benchmark::DoNotOptimize(recovery);
  }
}
BENCHMARK(BM_Start);

}  // namespace
