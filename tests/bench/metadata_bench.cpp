// SPDX-License-Identifier: GPL-2.0-or-later
// Metadata: commits, opening large clones, and checks.
#include <benchmark/benchmark.h>
#include <memory>
#include <sys/resource.h>

#include "dmcore/block/lib.h"

#include "sim/metadata/check.h"

#include "tests/bench/clone_bench.h"

namespace {

using bench::CloneMachine;

constexpr dmcore::sector_t region = 8;
constexpr std::uint64_t sectors_per_tib = std::uint64_t{1} << 31;

// Each round marks some regions, far from each other, and flushes. When all are marked, the clone is made
// anew, which is not counted.
void BM_Commit(benchmark::State& state) {
  const auto dirty = static_cast<std::uint64_t>(state.range(0));
  const std::uint64_t regions = std::uint64_t{1} << 24;
  const std::uint64_t step = regions / dirty;
  std::unique_ptr<CloneMachine> made;
  std::uint64_t round = step;
  for (auto _ : state) {
    if (round == step) {
      state.PauseTiming();
      made =
          std::make_unique<CloneMachine>(test::CloneShape{.sectors = regions * region,
                                                          .region_sectors = region,
                                                          .features = {"no_hydration", "no_discard_passdown"},
                                                          .metadata_sectors = 524288});
      round = 0;
      state.ResumeTiming();
    }
    made->machine.run([&] {
      dmcore::BlockDevice& clone = made->clone.device();
      state.PauseTiming();
      // A discard marks its region and does nothing else.
      for (std::uint64_t i = 0; i < dirty; ++i)
        (void)dmcore::issue_discard(clone, (i * step + round) * region, region);
      state.ResumeTiming();
      (void)dmcore::issue_flush(clone);
    });
    ++round;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(BM_Commit)->Arg(1)->Arg(10000);

// Opens a clone whose metadata is there, with some regions hydrated. The limit that matters is memory: the
// process's peak is shown, so run it alone (--benchmark_filter=Open/1).
void BM_Open(benchmark::State& state) {
  const auto tib = static_cast<std::uint64_t>(state.range(0));
  const std::uint64_t sectors = tib * sectors_per_tib;
  CloneMachine made({.sectors = sectors, .region_sectors = region, .metadata_sectors = 2097152});
  made.machine.run([&] {
    for (std::uint64_t at = 0; at < sectors; at += sectors_per_tib / 4)
      made.clone.discard(at, sectors_per_tib / 64);
    made.clone.remove();
  });
  for (auto _ : state) {
    made.machine.run([&] { made.clone.create(); });
    state.PauseTiming();
    made.machine.run([&] { made.clone.remove(); });
    state.ResumeTiming();
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["peak_MiB"] = static_cast<double>(usage.ru_maxrss) / 1024;
}
// 8 TiB of 4 KiB regions are 2^31.
BENCHMARK(BM_Open)->Arg(1)->Arg(8)->Unit(benchmark::kMillisecond);

// Checks the metadata of a clone of so many regions that was used, on a device of so many sectors: the size
// of the device should make no difference.
void BM_Check(benchmark::State& state) {
  const auto regions = static_cast<std::uint64_t>(state.range(0));
  CloneMachine made({.sectors = regions * region,
                     .region_sectors = region,
                     .metadata_sectors = static_cast<std::uint64_t>(state.range(1))});
  made.machine.run([&] {
    for (std::uint64_t at = 0; at < regions; at += regions / 8)
      made.clone.discard(at * region, regions / 16 * region);
    made.clone.remove();
  });
  const sim::Store& store = made.clone.metadata().store();
  std::uint64_t blocks = 0;
  for (auto _ : state) {
    const sim::metadata::Report report = sim::metadata::check(store);
    if (!report.clean()) state.SkipWithError("the metadata is not clean");
    blocks = report.summary->blocks_used;
  }
  state.counters["blocks"] = static_cast<double>(blocks);
}
BENCHMARK(BM_Check)->Args({16, 8192})->Args({16, 2097152})->Args({std::int64_t{1} << 24, 2097152});

}  // namespace
