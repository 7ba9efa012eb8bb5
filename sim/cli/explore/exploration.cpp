// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/explore/exploration.h"

#include <algorithm>
#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_pipeline.h>
#include <thread>
#include <utility>

#include "sim/cli/interrupt.h"
#include "sim/defects/catalogue.h"
#include "sim/defects/fixes.h"

namespace sim::cli {

using explore::Verdict;

void ExploreTally::add(const ExploredCase& explored) {
  ++cases[static_cast<std::size_t>(explored.verdict)];
  counts.resize(explored.counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += explored.counts[i];
}

std::string ExploreKind::bounds_of_part() const {
  if (part_.count == 1) return bounds();
  return fmt::format("{}; only part {}/{}", bounds(), part_.index, part_.count);
}

std::string special_machine(const explore::MachineKind& machine) {
  std::string text;
  if (machine.dialect != &dmclone::linux_dialect) text += fmt::format("; dialect {}", machine.dialect->name);
  const std::string defects = defect_names(machine.defects, ",");
  if (!defects.empty()) text += fmt::format("; defects {}", defects);
  const std::string fixes = fix_names(machine.fixes, ",");
  if (!fixes.empty()) text += fmt::format("; fixes {}", fixes);
  if (machine.finds_known_bugs) text += "; no known bug excepted";
  return text;
}

Exploration::Exploration(const ExploreCases::Request& cases, const ExploreKind& kind, const Options& options,
                         Console& console)
    : cases_(cases),
      kind_(kind),
      options_(options),
      checkpoint_(options.checkpoint, identity(), kind.counts()),
      progress_(console.err) {
  reporters_.push_back(
      options.json ? make_explore_json_reporter(console, kind)
                   : make_explore_text_reporter(console, kind, !options.quiet && !cases_.generated()));
  if (!options.junit.empty()) reporters_.push_back(make_explore_junit_reporter(options.junit, kind));
  if (options.time) end_ = std::chrono::steady_clock::now() + *options.time;
}

std::string Exploration::identity() const {
  const std::string part = options_.part ? "\n" + to_string(*options_.part) : std::string();
  return cases_.identity() + "\n" + kind_.bounds() + part;
}

ExitStatus Exploration::run() {
  const InterruptGuard guard;
  done_ = next_ = checkpoint_.load(tally_);
  // Of one scenario there is nothing to say but that it has ended.
  if (cases_.size() > 1) progress_.start(cases_.size(), "scenarios");
  explore();
  progress_.finish();
  checkpoint_.save(done_, tally_);
  const bool complete = done_ == cases_.size();
  for (const auto& reporter : reporters_) reporter->end(tally_, complete);
  if (options_.part && !options_.result.empty()) {
    write_part_result(options_.result,
                      {.kind = std::string(kind_.name()),
                       .bounds = kind_.bounds(),
                       .part = *options_.part,
                       .complete = complete && tally_.count(Verdict::ended) == 0,
                       .tally = tally_,
                       .found = found_},
                      kind_);
  }
  if (tally_.count(Verdict::found) != 0) return ExitStatus::failed;
  if (interrupting_signal() != 0) return interrupted_status();
  if (tally_.count(Verdict::mistake) != 0) return ExitStatus::mistake;
  return complete && tally_.count(Verdict::ended) == 0 ? ExitStatus::ok : ExitStatus::stopped;
}

bool Exploration::gives_up() const {
  return interrupting_signal() != 0 || (end_ && std::chrono::steady_clock::now() >= *end_);
}

void Exploration::explore() {
  const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  const unsigned jobs = options_.jobs == 0 ? processors : options_.jobs;
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, jobs);
  constexpr std::size_t at_once_for_each = 4;
  const auto take = [this](tbb::flow_control& control) -> std::uint64_t {
    if (next_ != cases_.size() && !stop_ && !gives_up()) return next_++;
    control.stop();
    return 0;
  };
  tbb::parallel_pipeline(jobs * at_once_for_each,
                         tbb::make_filter<void, std::uint64_t>(tbb::filter_mode::serial_in_order, take) &
                             tbb::make_filter<std::uint64_t, Done>(tbb::filter_mode::parallel,
                                                                   [this](std::uint64_t index) {
                                                                     return Done{index, explore(index)};
                                                                   }) &
                             tbb::make_filter<Done, void>(tbb::filter_mode::serial_in_order,
                                                          [this](Done done) { report(std::move(done)); }));
}

ExploredCase Exploration::explore(std::uint64_t index) const {
  if (gives_up()) {
    ExploredCase not_run;
    not_run.counts.assign(tally_.counts.size(), 0);
    return not_run;
  }
  return kind_.explore({.name = cases_.name(index), .text = cases_.text(index), .seed = cases_.seed(index)},
                       [this] { return gives_up(); });
}

// After the first that was not run none is reported: there it is resumed.
void Exploration::report(Done done) {
  if (stop_ || done.explored.verdict == Verdict::not_run || (done.explored.interrupted && gives_up())) {
    stop_ = true;
    return;
  }
  ++done_;
  const bool other = options_.part && !done.explored.divided.empty() && !options_.part->divided.empty() &&
                     done.explored.divided != options_.part->divided;
  if (other) {
    done.explored.verdict = Verdict::mistake;
    done.explored.complaint += "what is divided here is not what was divided for the parts\n";
  }
  if (done.explored.verdict == Verdict::found && options_.part)
    found_.push_back({cases_.name(done.index), done.explored});
  tally_.add(done.explored);
  progress_.clear();
  for (const auto& reporter : reporters_) reporter->report(cases_.name(done.index), done.explored);
  if (cases_.size() > 1) progress_.update(done_, kind_.progress(tally_));
  if (done.explored.verdict == Verdict::found && cases_.generated()) stop_ = true;
  // What a kill takes away is not more than this.
  constexpr auto saved_every = std::chrono::seconds(2);
  if (const auto now = std::chrono::steady_clock::now(); now - saved_ >= saved_every) {
    saved_ = now;
    checkpoint_.save(done_, tally_);
  }
}

}  // namespace sim::cli
