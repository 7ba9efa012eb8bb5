// SPDX-License-Identifier: GPL-2.0-or-later
// Reads and writes through a clone, from submission to completion.
#include <benchmark/benchmark.h>

#include "tests/bench/clone_bench.h"

namespace {

using bench::CloneMachine;
using bench::Load;
using bench::Shuffle;
using dmcore::BioOp;
using dmcore::sector_t;

constexpr sector_t region = 8;  // 4 KiB
constexpr std::uint32_t region_bytes = 4096;
constexpr std::uint64_t regions = 16384;  // 64 MiB
constexpr std::uint64_t ios_at_once = 16384;
constexpr unsigned depth = 32;

void hydrated(benchmark::State& state, BioOp op, bool random) {
  CloneMachine made({.sectors = regions * region, .region_sectors = region});
  made.hydrate_by_discard();
  bench::fill(made.clone.destination());
  Load load(made.machine, made.clone.device(), depth, region_bytes);
  Shuffle shuffle(regions);
  std::uint64_t at = 0;
  for (auto _ : state) {
    load.run(ios_at_once, [&] {
      const std::uint64_t nr = random ? shuffle() : at++ % regions;
      return Load::Io{op, nr * region, region_bytes};
    });
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * ios_at_once));
}

void BM_ReadHydrated4K(benchmark::State& state) {
  hydrated(state, BioOp::read, false);
}
void BM_WriteHydrated4K(benchmark::State& state) {
  hydrated(state, BioOp::write, false);
}
void BM_ReadHydrated4KRandom(benchmark::State& state) {
  hydrated(state, BioOp::read, true);
}
void BM_WriteHydrated4KRandom(benchmark::State& state) {
  hydrated(state, BioOp::write, true);
}
BENCHMARK(BM_ReadHydrated4K);
BENCHMARK(BM_WriteHydrated4K);
BENCHMARK(BM_ReadHydrated4KRandom);
BENCHMARK(BM_WriteHydrated4KRandom);

// Reads of regions that are not hydrated go to the source.
void BM_ReadUnhydrated4K(benchmark::State& state) {
  CloneMachine made({.sectors = regions * region, .region_sectors = region});
  bench::fill(made.clone.source());
  Load load(made.machine, made.clone.device(), depth, region_bytes);
  std::uint64_t at = 0;
  for (auto _ : state) {
    load.run(ios_at_once, [&] { return Load::Io{BioOp::read, at++ % regions * region, region_bytes}; });
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * ios_at_once));
}
BENCHMARK(BM_ReadUnhydrated4K);

// Each write falls on a region that is not hydrated; the clone is new for each round, and making it is not
// counted.
void first_writes(benchmark::State& state, std::uint32_t bytes) {
  for (auto _ : state) {
    state.PauseTiming();
    {
      CloneMachine made({.sectors = regions * region, .region_sectors = region});
      bench::fill(made.clone.source());
      bench::fill(made.clone.destination());
      Load load(made.machine, made.clone.device(), depth, region_bytes);
      // A stride that meets every region once.
      std::uint64_t nr = 0;
      state.ResumeTiming();
      load.run(regions, [&] {
        nr = (nr + 5003) % regions;
        return Load::Io{BioOp::write, nr * region, bytes};
      });
      state.PauseTiming();
    }
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * regions));
}

// A write that covers its region is itself the hydration.
void BM_OverwriteRegion4K(benchmark::State& state) {
  first_writes(state, region_bytes);
}
// A write of a part waits until its region is copied.
void BM_PartialWrite512(benchmark::State& state) {
  first_writes(state, 512);
}
BENCHMARK(BM_OverwriteRegion4K);
BENCHMARK(BM_PartialWrite512);

}  // namespace
