// SPDX-License-Identifier: GPL-2.0-or-later
// Engines that draw schedules. They never end.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <unordered_map>
#include <vector>

#include "sim/schedules/engine.h"

namespace sim::schedules {

class Sampler : public Engine {
 public:
  explicit Sampler(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] Wants wants() const override { return everything_races; }

 protected:
  std::uint64_t draw() { return random_(); }
  // Deadlines of what comes again and again are mostly left out, so that others come to their turn.
  [[nodiscard]] bool is_out(const Choice& choice);
  // The choice for which `priority` is highest, of those that are not left out; the first, if all are.
  template <class Priority>
  std::size_t highest(const Situation& situation, Priority priority) {
    std::size_t best = 0;
    std::uint64_t most = 0;
    for (std::size_t i = 0; i < situation.choices.size(); ++i) {
      const std::uint64_t its = priority(situation.choices[i]);
      if (its < most || is_out(situation.choices[i])) continue;
      most = its;
      best = i;
    }
    return best;
  }

 private:
  std::mt19937_64 random_;
};

// Each step is taken by any task that can run.
class RandomWalk final : public Sampler {
 public:
  using Sampler::Sampler;
  bool begin() override { return true; }
  std::size_t choose(const Situation& situation) override;

 private:
  std::vector<std::size_t> in_;
};

// Partial order sampling (Yuan, Yang, Gu: CAV 2018): each pending step has a random priority, the highest one
// is taken, and those that conflict with it draw again. Samples orders of conflicting steps, not of all.
class PartialOrderSampling final : public Sampler {
 public:
  using Sampler::Sampler;
  bool begin() override;
  std::size_t choose(const Situation& situation) override;

 private:
  struct Pending {
    std::uint32_t steps = 0;  // of its task: another step draws anew
    std::uint64_t priority = 0;
  };
  std::unordered_map<dmcore::Lineage, Pending> pending_;
};

// Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): tasks have random priorities, and at a
// few random steps the one that would run gets the lowest. A bug that needs d orders of a run of at most n
// tasks and k steps is found with d - 1 changes, with a probability of at least 1 / (n * k^(d - 1)).
class PriorityChanges final : public Sampler {
 public:
  PriorityChanges(std::uint64_t seed, unsigned changes) : Sampler(seed), changes_of_a_run_(changes) {}
  bool begin() override;
  std::size_t choose(const Situation& situation) override;
  void end() override { steps_max_ = std::max(steps_max_, steps_); }

 private:
  std::uint64_t& priority_of(const Choice& choice);

  unsigned changes_of_a_run_;
  std::uint64_t steps_max_ = 1;  // of the runs before
  std::uint64_t steps_ = 0;
  std::multiset<std::uint64_t> changes_;  // before these steps of the run
  std::unordered_map<dmcore::Lineage, std::uint64_t> priorities_;
  std::uint64_t lowest_ = 0;
};

}  // namespace sim::schedules
