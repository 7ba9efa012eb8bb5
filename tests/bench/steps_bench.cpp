// SPDX-License-Identifier: GPL-2.0-or-later
// Steps of tasks with and without a watcher: what it costs that a step says what it touches. All runs do the
// same, so that the times of the benchmarks compare.
#include <benchmark/benchmark.h>

#include "tests/bench/clone_bench.h"

namespace {

constexpr dmcore::sector_t region = 8;
constexpr std::uint64_t regions = 4096;
constexpr unsigned depth = 32;
constexpr std::uint32_t write_bytes = 512;

// Each write has its region copied first.
class Writes {
 public:
  explicit Writes(std::unique_ptr<sim::Strategy> strategy, sim::Observer* observer = nullptr)
      : machine_(std::move(strategy)),
        clone_(machine_, {.sectors = regions * region, .region_sectors = region}) {
    if (observer != nullptr) machine_.runtime().set_observer(*observer);
    machine_.run([this] { clone_.create(); });
  }
  void run() {
    bench::Load load(machine_, clone_.device(), depth, write_bytes);
    std::uint64_t nr = 0;
    load.run(regions, [&] {
      nr = (nr + 1021) % regions;
      return bench::Load::Io{dmcore::BioOp::write, nr * region, write_bytes};
    });
  }

 private:
  test::Machine machine_;
  test::Clone clone_;
};

class Counter final : public sim::Observer {
 public:
  void took_step(const sim::Choice&, dmcore::Time) override { ++steps; }
  std::int64_t steps = 0;
};

// What first in, first out does, decided step by step.
class First final : public sim::SeeingStrategy {
 public:
  explicit First(const sim::Wants& wants) : wants_(wants) {}
  [[nodiscard]] sim::Wants wants() const override { return wants_; }
  std::size_t choose(const sim::Situation&) override { return 0; }

 private:
  sim::Wants wants_;
};

std::int64_t steps_of_a_run() {
  static const std::int64_t steps = [] {
    Counter counter;
    Writes writes(std::make_unique<sim::FifoStrategy>(), &counter);
    const std::int64_t before = counter.steps;
    writes.run();
    return counter.steps - before;
  }();
  return steps;
}

template <class MakeStrategy>
void steps(benchmark::State& state, MakeStrategy make_strategy, sim::Observer* observer = nullptr) {
  for (auto _ : state) {
    state.PauseTiming();
    {
      Writes writes(make_strategy(), observer);
      state.ResumeTiming();
      writes.run();
      state.PauseTiming();
    }
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * steps_of_a_run());
}

void BM_StepsUnseen(benchmark::State& state) {
  steps(state, [] { return std::make_unique<sim::FifoStrategy>(); });
}
void BM_StepsObserved(benchmark::State& state) {
  Counter counter;
  steps(
      state, [] { return std::make_unique<sim::FifoStrategy>(); }, &counter);
}
// Asked where there is a choice; at every step; and with time and the order of a disk's completions as
// choices.
void BM_StepsSeen(benchmark::State& state) {
  steps(state, [] { return std::make_unique<First>(sim::Wants{}); });
}
void BM_StepsSeenEach(benchmark::State& state) {
  steps(state, [] { return std::make_unique<First>(sim::Wants{.every_step = true}); });
}
void BM_StepsSeenWithTime(benchmark::State& state) {
  steps(state, [] { return std::make_unique<First>(sim::Wants{.time = true, .disk_order = true}); });
}
BENCHMARK(BM_StepsUnseen);
BENCHMARK(BM_StepsObserved);
BENCHMARK(BM_StepsSeen);
BENCHMARK(BM_StepsSeenEach);
BENCHMARK(BM_StepsSeenWithTime);

}  // namespace
