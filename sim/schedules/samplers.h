// SPDX-License-Identifier: GPL-2.0-or-later
// Engines that draw schedules. Each run depends on the seed and its number only, so that it can be repeated
// alone. They never end.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <unordered_map>
#include <vector>

#include "sim/schedules/engine.h"

namespace sim::schedules {

class Sampler : public Engine {
 public:
  // `first`: number of the first run.
  Sampler(std::uint64_t seed, std::uint64_t first) : seed_(seed), next_(first) {}

  // Time races with tasks, completions of a disk with each other, work items run at once.
  [[nodiscard]] Wants wants() const override {
    return {.every_step = false, .time = true, .disk_order = true, .parallel_work = true};
  }
  bool begin() final;

 protected:
  virtual void begin_run() {}
  std::uint64_t draw() { return random_(); }
  // Deadlines of what comes again and again are mostly left out, so that others come to their turn.
  [[nodiscard]] bool is_out(const Choice& choice);

 private:
  std::uint64_t seed_;
  std::uint64_t next_;
  std::mt19937_64 random_;
};

// Each step is taken by any task that can run.
class RandomWalk final : public Sampler {
 public:
  using Sampler::Sampler;
  std::size_t choose(const Situation& situation) override;

 private:
  std::vector<std::size_t> in_;
};

// Partial order sampling (Yuan, Yang, Gu: CAV 2018): each pending step has a random priority, the highest one
// is taken, and those that conflict with it draw again. Samples orders of conflicting steps, not of all.
class PartialOrderSampling final : public Sampler {
 public:
  using Sampler::Sampler;
  std::size_t choose(const Situation& situation) override;

 private:
  struct Pending {
    std::uint32_t steps = 0;  // of its task: another step draws anew
    std::uint64_t priority = 0;
  };
  void begin_run() override { pending_.clear(); }

  std::unordered_map<dmcore::Lineage, Pending> pending_;
};

// Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): tasks have random priorities, and at a
// few random steps the one that would run gets the lowest. A bug that needs d orders of a run of at most n
// tasks and k steps is found with d - 1 changes, with a probability of at least 1 / (n * k^(d - 1)).
class PriorityChanges final : public Sampler {
 public:
  PriorityChanges(std::uint64_t seed, std::uint64_t first, unsigned changes)
      : Sampler(seed, first), changes_of_a_run_(changes) {}
  std::size_t choose(const Situation& situation) override;
  void end() override { steps_max_ = std::max(steps_max_, steps_); }

 private:
  void begin_run() override;

  unsigned changes_of_a_run_;
  std::uint64_t steps_max_ = 1;  // of the runs before
  std::uint64_t steps_ = 0;
  std::vector<std::uint64_t> changes_;  // numbers of steps
  std::unordered_map<dmcore::Lineage, std::uint64_t> priorities_;
  std::uint64_t lowest_ = 0;
};

}  // namespace sim::schedules
