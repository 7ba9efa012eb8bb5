// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/schedules/tiny_program.h"

#include <array>
#include <fmt/format.h>
#include <random>

#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/lock.h"
#include "dmcore/kernel/wait.h"
#include "dmcore/kernel/wait_bit.h"
#include "dmcore/kernel/workqueue.h"

#include "sim/schedules/happens_before.h"

#include "tests/sim/schedules/shown_engine.h"

namespace test {

namespace {

// Notes the class of a run.
class Classifier final : public sim::Observer {
 public:
  void took_step(const sim::Choice& step, dmcore::Time) override {
    order_.took_step(step.lineage, step.next);
  }
  void turned_out(dmcore::AccessKind kind) override { order_.turned_out(kind); }
  void created(dmcore::Lineage parent, dmcore::Lineage child) override { order_.created(parent, child); }
  void woken(dmcore::Lineage lineage, dmcore::Lineage by) override { order_.woken(lineage, by); }
  [[nodiscard]] std::uint64_t fingerprint() {
    order_.finish();
    return order_.fingerprint();
  }

 private:
  sim::schedules::HappensBefore order_;
};

enum class TinyFlag : std::uint8_t { on, taken };

class Bench {
 public:
  explicit Bench(dmcore::Runtime& runtime)
      : a_(runtime, 2),
        b_(runtime, 2),
        inside_(runtime, 0),
        lock_(runtime, "tiny"),
        mutex_(runtime, "tiny mutex"),
        done_(runtime, "done"),
        flags_(runtime),
        bit_waits_(runtime),
        stopped_(runtime, "stopped"),
        emptied_(runtime, "emptied", dmcore::WaitQueue::Orders::wait_first),
        queue_(runtime, "tiny queue"),
        job_(runtime, "job", [this] { do_job(); }) {}
  [[nodiscard]] const std::string& seen_by_job() const { return seen_by_job_; }

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
    } else if (!perform_with_flags(word, seen)) {
      perform_waiting(word);
    }
  }

 private:
  bool perform_with_flags(const std::string& word, std::string& seen) {
    if (word == "turn on") {
      flags_.set(TinyFlag::on);
    } else if (word == "swap on") {
      seen += flags_.test_and_set(TinyFlag::on) ? " was on" : " was off";
    } else if (word == "turn off") {
      flags_.clear(TinyFlag::on);
    } else if (word == "enter") {
      inside_.inc();
    } else if (word == "leave") {
      inside_.dec();
    } else if (word == "idle") {
      seen += inside_.is_zero_and(flags_, TinyFlag::on) ? " idle" : " busy";
    } else if (word == "done a") {
      if (a_.dec_and_test_if(flags_, TinyFlag::on)) {
        if (flags_.has(TinyFlag::on)) seen += " last";
        stopped_.wake_all();
      }
    } else if (word == "let in") {
      if (flags_.test_to_wait(TinyFlag::taken)) {
        mutex_.unlock();
        bit_waits_.wait_clear(flags_, TinyFlag::taken, "tiny");
        mutex_.lock();
      }
    } else {
      return false;
    }
    return true;
  }
  void do_job() {
    seen_by_job_ += fmt::format(" {}", a_.read());
    b_.inc();
  }
  void perform_waiting(const std::string& word) {
    if (word == "lock") {
      lock_.lock();
    } else if (word == "unlock") {
      lock_.unlock();
    } else if (word == "queue") {
      queue_.queue(job_);
    } else if (word == "flush") {
      queue_.flush();
    } else if (word == "leave last") {
      if (inside_.dec_and_test_if([this] { return emptied_.has_waiters(); })) emptied_.wake_all();
    } else if (word == "leave late") {
      emptied_.wake_all();
      inside_.dec();
    } else if (word == "until none") {
      emptied_.wait_event([this] { return inside_.is_zero_to_wait(); });
    } else if (word == "mutex") {
      mutex_.lock();
    } else if (word == "unmutex") {
      mutex_.unlock();
    } else if (word == "take bit") {
      bit_waits_.wait_set(flags_, TinyFlag::taken, "tiny");
    } else if (word == "clear bit") {
      flags_.clear(TinyFlag::taken);
      bit_waits_.wake(&flags_, TinyFlag::taken);
    } else if (word == "clear late") {
      bit_waits_.wake(&flags_, TinyFlag::taken);
      flags_.clear(TinyFlag::taken);
    } else if (word == "await bit") {
      bit_waits_.wait_clear(flags_, TinyFlag::taken, "tiny");
    } else if (word == "wait") {
      done_.wait();
    } else {
      done_.complete();
    }
  }

  dmcore::Atomic<int> a_;
  dmcore::Atomic<int> b_;
  dmcore::Atomic<int> inside_;
  dmcore::SpinLock lock_;
  dmcore::Mutex mutex_;
  dmcore::Completion done_;
  dmcore::AtomicFlags<TinyFlag> flags_;
  dmcore::BitWaits bit_waits_;
  dmcore::WaitQueue stopped_;
  dmcore::WaitQueue emptied_;
  dmcore::WorkQueue queue_;
  dmcore::WorkItem job_;
  std::string seen_by_job_;
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

TinyProgram random_waiting_program(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto pick = [&random](const auto& words) -> const auto& {
    return words[random() % words.size()];
  };
  TinyProgram program(2);
  for (TinyTask& task : program) {
    static constexpr std::array<const char*, 6> words = {"inc a",    "read a", "turn on",
                                                         "turn off", "done a", "done a"};
    for (std::size_t left = 1 + random() % 2; left != 0; --left) task.emplace_back(pick(words));
    using Bracket = std::pair<const char*, const char*>;
    static constexpr std::array<Bracket, 7> brackets = {{
        {"lock", "unlock"},
        {"mutex", "unmutex"},
        {"take bit", "clear bit"},
        {"await bit", "read a"},
        {"take bit", "clear late"},
        {"queue", "inc a"},
        {"queue", "queue"},
    }};
    if (random() % 4 == 0) continue;
    const auto& [opens, closes] = pick(brackets);
    task.insert(task.begin(), opens);
    task.emplace_back(closes);
    if (opens == std::string_view("mutex") && random() % 2 == 0) task.insert(task.begin() + 1, "let in");
  }
  if (random() % 8 == 0) program.push_back({pick(std::array<const char*, 3>{"queue", "turn on", "inc a"})});
  return program;
}

TinyProgram random_idle_program(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  TinyProgram program(2 + random() % 2);
  const bool never_on = random() % 3 != 0;
  for (TinyTask& task : program) {
    for (std::size_t left = 1 + random() % (program.size() == 2 ? 3 : 2); left != 0; --left) {
      static constexpr std::array<const char*, 8> words = {"idle",     "idle",   "enter",   "leave",
                                                           "turn off", "read a", "turn on", "swap on"};
      task.emplace_back(words[random() % (words.size() - (never_on ? 2 : 0))]);
    }
    if (random() % 3 != 0) continue;
    task.insert(task.begin(), "lock");
    task.emplace_back("unlock");
  }
  return program;
}

TinyProgram random_emptying_program(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto pick = [&random](const auto& words) { return words[random() % words.size()]; };
  TinyProgram program(2 + random() % 2);
  const bool is_small = program.size() == 2;
  for (TinyTask& task : program) {
    static constexpr std::array<const char*, 3> words = {"inc a", "read a", "queue"};
    if (random() % 3 != 0) task.emplace_back(pick(words));
    if (random() % 3 != 0) {
      task.insert(task.begin(), "enter");
      task.emplace_back(random() % 6 == 0 ? "leave late" : "leave last");
    }
    if (is_small || random() % 2 == 0) {
      static constexpr std::array<const char*, 4> waits = {"until none", "until none", "flush", "read a"};
      const bool at_once = random() % 2 == 0;
      task.insert(at_once ? task.begin() : task.end(), pick(waits));
    }
    if (is_small && random() % 2 == 0) task.emplace_back(pick(words));
  }
  return program;
}

std::string perform(const TinyProgram& program, sim::DeterministicRuntime& runtime,
                    sim::schedules::Director& director) {
  Bench bench(runtime);
  std::vector<std::string> seen(program.size());
  std::vector<bool> ended(program.size());
  runtime.run([&] {
    director.explore(true);
    for (std::size_t i = 0; i < program.size(); ++i) {
      runtime.spawn(fmt::format("task {}", i), [&, i] {
        for (const std::string& word : program[i]) bench.perform(word, seen[i]);
        ended[i] = true;
      });
    }
    runtime.settle();
    director.explore(false);
  });
  for (std::size_t i = 0; i < program.size(); ++i) {
    if (!ended[i]) seen[i] += " waits";
  }
  if (!bench.seen_by_job().empty()) seen.push_back(bench.seen_by_job());
  return fmt::format("{}", fmt::join(seen, ";"));
}

TinyRun run_tiny_program(const TinyProgram& program, sim::schedules::Engine& engine) {
  TinyRun result;
  Classifier classifier;
  ShownEngine shown(engine, classifier);
  sim::schedules::Director director(shown);
  sim::DeterministicRuntime runtime(director.strategy());
  runtime.set_observer(director);
  try {
    result.seen = perform(program, runtime, director);
    result.whole = true;
  } catch (const sim::schedules::Abandoned&) {
    // As known.
  }
  result.fingerprint = classifier.fingerprint();
  return result;
}

bool EveryChoice::begin() {
  depth_ = 0;
  if (!begun_) return begun_ = true;
  while (!points_.empty() && ++points_.back().chosen == points_.back().choices.size()) points_.pop_back();
  return !points_.empty();
}

std::size_t EveryChoice::choose(const sim::Situation& situation) {
  if (depth_ == points_.size()) {
    Point& point = points_.emplace_back();
    const bool any = locks_ == Locks::contended || situation.all_wait();
    for (std::size_t i = 0; i < situation.choices.size(); ++i) {
      if (any || !situation.choices[i].next.waits_now()) point.choices.push_back(i);
    }
  }
  const Point& point = points_[depth_++];
  return point.choices[point.chosen];
}

}  // namespace test
