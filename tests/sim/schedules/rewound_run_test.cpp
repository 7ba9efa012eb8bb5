// SPDX-License-Identifier: GPL-2.0-or-later
// A run that begins where its explored part begins is the run that it would have been from its beginning on.
#include <cstdint>
#include <gtest/gtest.h>
#include <ostream>
#include <string>
#include <vector>

#include "sim/explore/mixed.h"
#include "sim/generate/concurrent.h"
#include "sim/schedules/samplers.h"
#include "sim/schedules/scenario_run.h"
#include "sim/schedules/source_dpor.h"

namespace {

using sim::explore::mixed;
using sim::schedules::Abandoned;
using sim::schedules::Engine;
using sim::schedules::RunResult;
using sim::schedules::RunSettings;
using sim::schedules::ScenarioRun;

// Another engine, and all that it was asked and shown.
class Noting final : public Engine {
 public:
  explicit Noting(Engine& engine) : engine_(engine) {}

  [[nodiscard]] sim::Wants wants() const override { return engine_.wants(); }
  bool begin() override {
    over_ = false;
    seen_ = 0;
    number_ = 0;
    return engine_.begin();
  }
  void end() override { engine_.end(); }
  [[nodiscard]] std::size_t same_choices() const override { return engine_.same_choices(); }
  void continues_at(std::size_t choice) override {
    ++continued_;
    seen_ = before_choice_[choice];
    before_choice_.resize(choice);
    number_ = choice;
    engine_.continues_at(choice);
  }
  std::size_t choose(const sim::Situation& situation) override {
    before_choice_.resize(number_++);
    before_choice_.push_back(seen_);
    for (const sim::Choice& choice : situation.choices) note(choice);
    try {
      return engine_.choose(situation);
    } catch (const Abandoned&) {
      over_ = true;  // what follows is how a run is taken down
      throw;
    }
  }
  void took_step(const sim::Choice& step, dmcore::Time now) override {
    note(step);
    note(static_cast<std::uint64_t>(now.count()));
    engine_.took_step(step, now);
  }
  void turned_out(dmcore::AccessKind kind) override {
    note(static_cast<std::uint64_t>(kind));
    engine_.turned_out(kind);
  }
  void created(dmcore::Lineage parent, dmcore::Lineage child) override {
    note(mixed(parent, child));
    engine_.created(parent, child);
  }
  void woken(dmcore::Lineage lineage, dmcore::Lineage by) override {
    note(mixed(lineage, by));
    engine_.woken(lineage, by);
  }

  // Of the last run, from its beginning on.
  [[nodiscard]] std::uint64_t seen() const { return seen_; }
  [[nodiscard]] std::size_t continued() const { return continued_; }

 private:
  void note(std::uint64_t what) {
    if (!over_) seen_ = mixed(seen_, what);
  }
  void note(const sim::Choice& choice) {
    note(mixed(choice.lineage, choice.steps));
    note(static_cast<std::uint64_t>(choice.next.point) << 8U |
         static_cast<std::uint64_t>(choice.next.access.kind));
  }

  Engine& engine_;
  bool over_ = false;
  std::uint64_t seen_ = 0;
  std::vector<std::uint64_t> before_choice_;
  std::size_t number_ = 0;     // of the next choice
  std::size_t continued_ = 0;  // so many runs, at a mark within
};

struct Seen {
  RunResult::End end = RunResult::End::whole;
  bool failed = false;
  std::uint64_t steps = 0;
  std::uint64_t all = 0;

  friend bool operator==(const Seen&, const Seen&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Seen& seen) {
    return out << static_cast<int>(seen.end) << ' ' << seen.failed << ' ' << seen.steps << ' ' << seen.all;
  }
};

// Of so many runs, each of which continues what the engine knows of those before. Adds to `continued` how
// many of them were continued at a mark within.
std::vector<Seen> runs(const std::string& scenario, bool rewinds, unsigned count, Engine&& engine,
                       std::size_t* continued = nullptr) {
  RunSettings settings;
  settings.rewinds = rewinds;
  ScenarioRun run(scenario, settings);
  Noting noting(engine);
  std::vector<Seen> all;
  for (unsigned i = 0; i < count && noting.begin(); ++i) {
    const RunResult result = run.run(noting);
    noting.end();
    all.push_back({result.end, result.failure.has_value(), result.steps, noting.seen()});
  }
  if (continued != nullptr) *continued += noting.continued();
  return all;
}

TEST(RewoundRun, IsThatOfANewMachine) {
  constexpr unsigned runs_of_each = 5;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const std::string scenario = sim::generate::random_concurrent_workload(seed, 8);
    EXPECT_EQ(runs(scenario, true, runs_of_each, sim::schedules::RandomWalk(seed)),
              runs(scenario, false, runs_of_each, sim::schedules::RandomWalk(seed)))
        << "seed " << seed << "\n"
        << scenario;
  }
}

// Which also leaves runs in the middle. Not with what frees objects that tasks share: in a run that is
// rewound none gets the address of another.
TEST(RewoundRun, IsThatOfANewMachineUnderASearch) {
  constexpr unsigned runs_of_each = 40;
  unsigned number = 0;
  std::size_t continued = 0;
  sim::generate::every_concurrent_workload(2, [&](const std::string& scenario) {
    if (++number % 3 != 0 || scenario.find("remove") != std::string::npos ||
        scenario.find("load") != std::string::npos)
      return;
    EXPECT_EQ(runs(scenario, true, runs_of_each, sim::schedules::SourceDpor(), &continued),
              runs(scenario, false, runs_of_each, sim::schedules::SourceDpor()))
        << scenario;
  });
  if (sim::rewind::supported()) {
    EXPECT_GT(continued, 100U);
  }
}

}  // namespace
