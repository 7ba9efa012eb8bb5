// SPDX-License-Identifier: GPL-2.0-or-later
// The power cuts of a token, one after the other.
#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <memory>

#include "sim/explore/add_once.h"
#include "sim/explore/crash_search.h"
#include "sim/explore/describe.h"

namespace sim::explore {

namespace {

constexpr std::string_view other_run = "the token is of another run: ";

// Answers reads as the token says.
class Guide {
 public:
  Guide(const Disks& disks, const Cut& cut, Tear tear, const TornBlocks& torn, const std::vector<Disk>& names,
        Retraced& result)
      : disks_(disks), cut_(cut), tear_(tear), torn_(torn), names_(names), result_(result) {}

  void operator()(std::uint32_t disk, std::uint32_t block, std::vector<BlockContent>& out) {
    disks_.block_candidates(disk, block, tear_, out);
    if (out.size() == 1) return;
    std::uint32_t chosen = 0;
    const auto choice = std::find_if(cut_.choices.begin(), cut_.choices.end(), [&](const BlockChoice& each) {
      return each.disk == disk && each.block == block;
    });
    if (choice != cut_.choices.end() && choice->candidate < out.size()) {
      chosen = choice->candidate;
    } else {
      result_.complaint =
          fmt::format("{}it does not say what block {} of {} holds", other_run, block, names_[disk].name);
    }
    if (!contains(said_, std::pair(disk, block))) {
      said_.emplace_back(disk, block);
      result_.text += fmt::format("  block {} of {} is {}\n", block, names_[disk].name,
                                  describe_block(out, chosen, torn_.contains(out[chosen])));
    }
    out = {out[chosen]};
  }

 private:
  const Disks& disks_;
  const Cut& cut_;
  Tear tear_;
  const TornBlocks& torn_;
  const std::vector<Disk>& names_;
  Retraced& result_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> said_;
};

}  // namespace

// Whether all that comes before an event of the cut is in it.
bool CrashSearch::is_consistent(const Cut& cut) const {
  for (const Causality::Segment& segment : run_.causality.segments()) {
    for (std::uint32_t event = segment.first; event < segment.first + segment.count; ++event) {
      if (event >= cut.event || contains(cut.missing, event)) continue;
      for (const std::uint32_t missing : cut.missing) {
        if (missing >= event) continue;
        if (missing < segment.first || segment.before.empty() ||
            segment.before[event - segment.first].test(missing - segment.first))
          return false;
      }
    }
  }
  return true;
}

// Up to the first cut.
CrashSearch::Program* CrashSearch::advance(const CutToken& token) {
  Program* program = nullptr;
  for (std::uint32_t i = 0; i < token.cuts.front().event; ++i) {
    if (contains(token.cuts.front().missing, i)) continue;
    program = &take(i);
    if (token.oracle == Oracle::source) look_at_source(i);
    // What was for good before is known from the cuts before.
    if (token.oracle == Oracle::committed && !program->devices.empty() && i + 1 < token.cuts.front().event) {
      std::uint64_t hydrated = std::numeric_limits<std::uint64_t>::max();
      visit(*program, state_.disks,
            [&](const Leaf& leaf) { hydrated = std::min(hydrated, hydrated_after(leaf.recovery)); });
      note_committed(*program, hydrated);
    }
  }
  return program;
}

Retraced CrashSearch::retrace(const CutToken& token, const Contents& contents) {
  Retraced result;
  const auto give_up = [&](std::string_view why) {
    if (result.complaint.empty()) result.complaint = fmt::format("{}{}", other_run, why);
    return result;
  };
  if (token.cuts.front().event > run_.trace.events().size()) return give_up("it ends before the first cut");
  if (!is_consistent(token.cuts.front())) return give_up("its events cannot happen in that order");
  Program* program = advance(token);
  std::vector<Leaf*> leaves;
  std::vector<std::unique_ptr<Disks>> later;  // the disks at the second cut and those after it
  const Disks* disks = &state_.disks;
  for (std::size_t i = 0; i < token.cuts.size(); ++i) {
    const Cut& cut = token.cuts[i];
    if (i > 0) {
      const Recovery& before = leaves.back()->recovery;
      if (cut.event > before.trace.events().size()) return give_up("a start ends before the next cut");
      auto& now = *later.emplace_back(std::make_unique<Disks>(run_.disks, *disks, before.reads));
      for (std::uint32_t event = 0; event < cut.event; ++event) {
        if (before.trace.events()[event].kind <= Event::Kind::replaced)
          now.apply(before.trace, before.trace.events()[event]);
      }
      disks = &now;
    }
    result.text += describe_cut(cut, i == 0 ? run_.trace : leaves.back()->recovery.trace, run_, i == 0);
    Guide guide(*disks, cut, token.tear, explorer_.torn_, run_.disks, result);
    Leaf* found = nullptr;
    program->tree->visit(std::ref(guide), [&](Leaf& leaf) { found = &leaf; });
    leaves.push_back(found);
    if (!result.complaint.empty()) return result;
  }
  result.violation = judge_again(token, *program, leaves, later);
  if (!result.violation || result.violation->oracle != token.oracle) {
    result.violation.reset();
    result.wrong = fmt::format("{}: all holds", name_of(token.oracle));
    return result;
  }
  result.violation->cuts = token.cuts;
  result.wrong = describe_wrong(*result.violation, contents);
  return result;
}

std::optional<Violation> CrashSearch::judge_again(const CutToken& token, Program& program,
                                                  const std::vector<Leaf*>& leaves,
                                                  const std::vector<std::unique_ptr<Disks>>& later) {
  Leaf& last = *leaves.back();
  if (token.device.empty()) {
    if (report_.violation) return report_.violation;  // of the run itself
    const std::uint64_t before =
        leaves.size() == 1 ? state_.committed[program.tree] : leaves[leaves.size() - 2]->recovery.hydrated;
    return own_violation(program, last.recovery, before);
  }
  const std::optional<std::size_t> device = index_of(program, token.device);
  if (!device || *device >= last.recovery.seen.size() || token.sector >= last.recovery.seen[*device].size())
    return std::nullopt;
  // What may be there, in terms of the disks at the first cut.
  std::vector<ContentId> found = {last.recovery.seen[*device][token.sector]};
  for (auto disks = later.rbegin(); disks != later.rend(); ++disks) found = expand(**disks, found);
  found = expand(state_.disks, found);
  std::vector<ContentId> must;
  if (token.oracle == Oracle::stable) {
    must = expand(state_.disks, leaves.front()->recovery.seen[*device][token.sector]);
  } else {
    const Judged* judged = judged_device(token.device);
    if (judged == nullptr || judged->contract.allowed(token.sector).anything) return std::nullopt;
    must = judged->contract.allowed(token.sector).contents;
    if (token.oracle == Oracle::hydrated)
      found = stale_of(*judged, token.sector, last.recovery.seen[*device][token.sector], std::move(found));
  }
  std::erase_if(found, [&](ContentId content) { return contains(must, content); });
  if (found.empty()) return std::nullopt;
  Violation violation;
  violation.oracle = token.oracle;
  violation.device = token.device;
  violation.sector = token.sector;
  violation.found = std::move(found);
  violation.allowed = std::move(must);
  return violation;
}

}  // namespace sim::explore
