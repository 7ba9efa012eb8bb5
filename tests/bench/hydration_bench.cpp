// SPDX-License-Identifier: GPL-2.0-or-later
// Background hydration, beside what this machine's memcpy does: hydrating copies each byte twice, from the
// source's memory to kcopyd's and on to the destination's.
#include <benchmark/benchmark.h>
#include <cstring>

#include "tests/bench/clone_bench.h"
#include "tests/rig/failure.h"

namespace {

constexpr dmcore::sector_t region = 8;
constexpr std::uint64_t regions = 65536;  // 256 MiB: no cache holds it
constexpr std::uint64_t bytes = regions * 4096;

// Each round begins with empty metadata; the disks' memory is there already, so no round pays for page
// faults.
void BM_Hydrate(benchmark::State& state) {
  test::Machine machine;
  test::Clone clone(machine, {.sectors = regions * region,
                              .region_sectors = region,
                              .core_arguments = {{"hydration_threshold", "256"},
                                                 {"hydration_batch_size", std::to_string(state.range(0))}},
                              .metadata_sectors = 131072});
  bench::fill(clone.source());
  bench::fill(clone.destination());
  for (auto _ : state) {
    state.PauseTiming();
    machine.run([&] {
      test::check(machine.host().discard(clone.metadata().name(), 0, 8), "discard of the superblock");
      clone.create();
      state.ResumeTiming();
      clone.message("enable_hydration");
      clone.wait_until_hydrated();
      state.PauseTiming();
      clone.remove();
    });
    state.ResumeTiming();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
}
BENCHMARK(BM_Hydrate)->Arg(1)->Arg(16)->Arg(256)->Unit(benchmark::kMillisecond);

// The yardstick: blocks of a batch's size from one place to another, over as much memory.
void BM_Memcpy(benchmark::State& state) {
  const std::vector<char> from(bytes, 'x');
  std::vector<char> to(bytes, 'y');
  constexpr std::size_t block = std::size_t{256} * 4096;
  for (auto _ : state) {
    for (std::size_t at = 0; at < bytes; at += block) std::memcpy(&to[at], &from[at], block);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
}
BENCHMARK(BM_Memcpy)->Unit(benchmark::kMillisecond);

}  // namespace
