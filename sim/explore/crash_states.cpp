// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/crash_states.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

#include "sim/language/parser.h"

namespace sim::explore {

bool says_crash(std::string_view text) {
  if (text.find("crash") == std::string_view::npos || language::check_scenario(text).has_errors())
    return false;
  language::CommandStream stream(text);
  constexpr std::size_t at_once = 1000;
  for (auto commands = stream.next(at_once); !commands.empty(); commands = stream.next(at_once)) {
    if (std::any_of(commands.begin(), commands.end(), [](const language::Command& command) {
          return std::holds_alternative<language::CrashCommand>(command.body);
        }))
      return true;
  }
  return false;
}

scenario::ReplayResult run_with_state(std::string_view text, const WorkloadOptions& options,
                                      const std::vector<std::uint32_t>& chosen,
                                      std::vector<KeptBlock>& blocks) {
  blocks.clear();
  scenario::ReplayOptions replay = replay_options(options);
  replay.transcript_shown = false;
  replay.choose_kept = [&](const std::string& disk, std::uint64_t offset,
                           const Durability::Candidates& candidates) -> std::size_t {
    const auto contents = static_cast<std::uint32_t>(candidates.contents.size());
    const std::uint32_t number = blocks.size() < chosen.size() ? chosen[blocks.size()] : 0;
    std::size_t candidate = candidates.newest;
    // The newest one is the first.
    if (number != 0 && number < contents) candidate = number <= candidates.newest ? number - 1 : number;
    blocks.push_back({disk, offset, number, contents, static_cast<std::uint32_t>(candidate)});
    return candidate;
  };
  return scenario::replay(text, replay);
}

namespace {

class StatesSearch {
 public:
  StatesSearch(std::string_view text, const WorkloadOptions& options, std::uint64_t runs_max,
               const std::function<bool()>& give_up)
      : text_(text), options_(options), runs_max_(runs_max), give_up_(give_up) {}

  StatesReport search() {
    while (run() && next_state()) {
      report_.interrupted = give_up_ && give_up_();
      report_.complete = report_.runs != runs_max_ && !report_.interrupted;
      if (report_.interrupted) break;
      if (!report_.complete) {
        sample();
        break;
      }
    }
    return std::move(report_);
  }

 private:
  // Of the state `report_.chosen`. False if it does not end as the scenario expects.
  bool run() {
    report_.last = run_with_state(text_, options_, report_.chosen, blocks_);
    if (report_.last.outcome == scenario::ReplayOutcome::mistake) return false;
    if (report_.runs++ == 0) newest_ = blocks_;
    for (const KeptBlock& block : blocks_) covered_.emplace(block.disk, block.offset, block.chosen);
    return report_.last.outcome == scenario::ReplayOutcome::ok;
  }
  // The last block that has another content gets it. False if none has.
  bool next_state() {
    std::vector<std::uint32_t>& chosen = report_.chosen;
    for (std::size_t i = chosen.size(); i < blocks_.size(); ++i) report_.branches += blocks_[i].contents - 1;
    chosen.resize(blocks_.size());
    while (!chosen.empty() && chosen.back() + 1 == blocks_[chosen.size() - 1].contents) chosen.pop_back();
    if (chosen.empty()) return false;
    ++chosen.back();
    return true;
  }
  // Each content that no block had, in a run in which all other blocks hold what was written last.
  void sample() {
    for (std::size_t i = 0; i < newest_.size(); ++i) {
      for (std::uint32_t number = 1; number < newest_[i].contents; ++number) {
        if (covered_.contains({newest_[i].disk, newest_[i].offset, number})) continue;
        if (give_up_ && give_up_()) {
          report_.interrupted = true;
          return;
        }
        report_.chosen.assign(i, 0);
        report_.chosen.push_back(number);
        ++report_.samples;
        if (!run()) return;
      }
    }
  }

  std::string_view text_;
  const WorkloadOptions& options_;
  std::uint64_t runs_max_;
  const std::function<bool()>& give_up_;
  StatesReport report_;
  std::vector<KeptBlock> blocks_;
  std::vector<KeptBlock> newest_;  // of the first run
  std::set<std::tuple<std::string, std::uint64_t, std::uint32_t>>
      covered_;  // disk, offset and KeptBlock::chosen
};

}  // namespace

StatesReport explore_states(std::string_view text, const WorkloadOptions& options, std::uint64_t runs_max,
                            const std::function<bool()>& give_up) {
  return StatesSearch(text, options, runs_max, give_up).search();
}

}  // namespace sim::explore
