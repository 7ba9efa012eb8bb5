// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/crash_states.h"

#include <algorithm>
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

StatesReport explore_states(std::string_view text, const WorkloadOptions& options, std::uint64_t runs_max,
                            const std::function<bool()>& give_up) {
  StatesReport report;
  std::vector<KeptBlock> blocks;
  while (report.complete) {
    report.last = run_with_state(text, options, report.chosen, blocks);
    if (report.last.outcome == scenario::ReplayOutcome::mistake) break;
    ++report.runs;
    for (std::size_t i = report.chosen.size(); i < blocks.size(); ++i)
      report.branches += blocks[i].contents - 1;
    report.chosen.resize(blocks.size());
    if (report.last.outcome != scenario::ReplayOutcome::ok) break;
    // The next state: the last block that has another content.
    while (!report.chosen.empty() && report.chosen.back() + 1 == blocks[report.chosen.size() - 1].contents)
      report.chosen.pop_back();
    if (report.chosen.empty()) break;
    ++report.chosen.back();
    report.interrupted = give_up && give_up();
    report.complete = report.runs != runs_max && !report.interrupted;
  }
  return report;
}

}  // namespace sim::explore
