// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/schedules/tiny_program.h"

#include <array>
#include <fmt/format.h>
#include <random>

#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/lock.h"
#include "dmcore/kernel/wait.h"

#include "sim/schedules/happens_before.h"

namespace test {

namespace {

// Shows an engine's run to one that notes its class.
class Classified final : public sim::schedules::Engine {
 public:
  explicit Classified(sim::schedules::Engine& engine) : engine_(engine) {}
  [[nodiscard]] sim::Wants wants() const override { return engine_.wants(); }
  bool begin() override { return true; }
  std::size_t choose(const sim::Situation& situation) override { return engine_.choose(situation); }
  void took_step(const sim::Choice& step, dmcore::Time now) override {
    order_.took_step(step);
    engine_.took_step(step, now);
  }
  void turned_out(dmcore::AccessKind kind) override {
    order_.turned_out(kind);
    engine_.turned_out(kind);
  }
  void created(dmcore::Lineage parent, dmcore::Lineage child) override {
    order_.created(parent, child);
    engine_.created(parent, child);
  }
  void woken(dmcore::Lineage lineage, dmcore::Lineage by) override {
    order_.woken(lineage, by);
    engine_.woken(lineage, by);
  }
  [[nodiscard]] std::uint64_t fingerprint() {
    order_.finish();
    return order_.fingerprint();
  }

 private:
  sim::schedules::Engine& engine_;
  sim::schedules::HappensBefore order_;
};

class Bench {
 public:
  explicit Bench(dmcore::Runtime& runtime)
      : a_(runtime, 2), b_(runtime, 2), lock_(runtime, "tiny"), done_(runtime, "done") {}

  void perform(const std::string& word, std::string& seen) {
    dmcore::Atomic<int>& counter = word.ends_with('a') ? a_ : b_;
    if (word.starts_with("inc ")) {
      counter.inc();
    } else if (word.starts_with("read ")) {
      seen += fmt::format(" {}", counter.read());
    } else if (word.starts_with("set ")) {
      counter.set(7);
    } else if (word.starts_with("last ")) {
      seen += counter.dec_and_test() ? " last" : " not";
    } else if (word == "lock") {
      lock_.lock();
    } else if (word == "unlock") {
      lock_.unlock();
    } else if (word == "wait") {
      done_.wait();
    } else {
      done_.complete();
    }
  }

 private:
  dmcore::Atomic<int> a_;
  dmcore::Atomic<int> b_;
  dmcore::SpinLock lock_;
  dmcore::Completion done_;
};

}  // namespace

std::string to_string(const TinyProgram& program) {
  std::string text;
  for (std::size_t task = 0; task < program.size(); ++task)
    text += fmt::format("{}{}:{}", task == 0 ? "" : " ", task, fmt::join(program[task], ", "));
  return text;
}

TinyProgram random_tiny_program(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  TinyProgram program(2 + random() % 2);
  for (TinyTask& task : program) {
    for (std::size_t left = 2 + random() % (program.size() == 2 ? 3 : 1); left != 0; --left) {
      static constexpr std::array<const char*, 4> words = {"inc", "read", "set", "last"};
      const char* word = words[random() % words.size()];
      task.push_back(fmt::format("{} {}", word, random() % 3 == 0 ? 'b' : 'a'));
    }
    if (random() % 4 != 0) continue;
    task.insert(task.begin(), "lock");
    task.emplace_back("unlock");
  }
  if (random() % 3 == 0) {
    program.front().emplace_back("complete");
    program.back().insert(program.back().begin(), "wait");
  }
  return program;
}

std::string perform(const TinyProgram& program, sim::DeterministicRuntime& runtime,
                    sim::schedules::Director& director) {
  Bench bench(runtime);
  std::vector<std::string> seen(program.size());
  runtime.run([&] {
    director.explore(true);
    for (std::size_t i = 0; i < program.size(); ++i) {
      runtime.spawn(fmt::format("task {}", i), [&, i] {
        for (const std::string& word : program[i]) bench.perform(word, seen[i]);
      });
    }
    runtime.settle();
    director.explore(false);
  });
  return fmt::format("{}", fmt::join(seen, ";"));
}

TinyRun run_tiny_program(const TinyProgram& program, sim::schedules::Engine& engine) {
  TinyRun result;
  Classified classified(engine);
  sim::schedules::Director director(classified);
  sim::DeterministicRuntime runtime(director.strategy());
  runtime.set_observer(director);
  try {
    result.seen = perform(program, runtime, director);
    result.whole = true;
  } catch (const sim::schedules::Abandoned&) {
    // As known.
  }
  result.fingerprint = classified.fingerprint();
  return result;
}

bool EveryChoice::begin() {
  depth_ = 0;
  if (!begun_) return begun_ = true;
  while (!points_.empty() && ++points_.back().chosen == points_.back().choices) points_.pop_back();
  return !points_.empty();
}

std::size_t EveryChoice::choose(const sim::Situation& situation) {
  if (depth_ == points_.size()) points_.push_back({0, situation.choices.size()});
  return points_[depth_++].chosen;
}

}  // namespace test
