// SPDX-License-Identifier: GPL-2.0-or-later
// Power cuts after power cuts.
#include <algorithm>
#include <fmt/format.h>

#include "sim/explore/add_once.h"
#include "sim/explore/crash_search.h"

namespace sim::explore {

std::vector<BlockChoice> CrashSearch::choices(const Disks& disks, const Leaf& leaf) const {
  std::vector<BlockChoice> made;
  std::vector<BlockContent> found;
  for (const BlockRead& read : leaf.recovery.reads) {
    disks.block_candidates(read.disk, read.block, settings_.tear, found);
    if (found.size() == 1) continue;
    const auto place = std::find(found.begin(), found.end(), read.content);
    made.push_back({read.disk, read.block, static_cast<std::uint32_t>(place - found.begin())});
  }
  return made;
}

// The cuts after which a sector of a device has a content that is in the outlook. The search knows only that
// there are some.
std::vector<Cut> CrashSearch::find_other(Program& program, Leaf& leaf, const Disks& before, unsigned depth,
                                         std::size_t device, std::uint32_t sector, ContentId content) {
  std::vector<Cut> cuts;
  Disks now(run_.disks, before, leaf.recovery.reads);
  const std::vector<Event>& events = leaf.recovery.trace.events();
  for (std::uint32_t i = 0; i < events.size() && cuts.empty(); ++i) {
    if (events[i].kind > Event::Kind::replaced) continue;
    now.apply(leaf.recovery.trace, events[i]);
    const auto leads_there = [&](ContentId seen) { return contains(expand(now, seen), content); };
    visit(program, now, [&](Leaf& next) {
      if (!cuts.empty() || !next.recovery.failure.empty()) return;
      if (leads_there(next.recovery.seen[device][sector])) {
        cuts = {{i + 1, {}, choices(now, next)}};
        return;
      }
      if (depth == 1) return;
      for (const ContentId other : outlook(program, next, now, depth - 1).others[device][sector]) {
        if (!leads_there(other)) continue;
        cuts = find_other(program, next, now, depth - 1, device, sector, other);
        cuts.insert(cuts.begin(), Cut{i + 1, {}, choices(now, next)});
        return;
      }
    });
  }
  return cuts;
}

// The outlook that was computed for the same blocks, or a new one.
const Outlook& CrashSearch::outlook(Program& program, Leaf& leaf, const Disks& disks, unsigned depth) {
  std::vector<BlockContent> found;
  for (const auto& known : leaf.outlooks) {
    if (known->depth != depth) continue;
    const bool same =
        std::all_of(known->consulted.begin(), known->consulted.end(), [&](const auto& consulted) {
          disks.block_candidates(consulted.disk, consulted.block, settings_.tear, found);
          return found == consulted.candidates;
        });
    if (same) return *known;
  }
  Outlook& made = *leaf.outlooks.emplace_back(std::make_unique<Outlook>());
  made.depth = depth;
  compute(program, leaf, disks, made);
  return made;
}

void CrashSearch::compute(Program& program, Leaf& leaf, const Disks& disks, Outlook& outlook) {
  for (const std::vector<ContentId>& seen : leaf.recovery.seen) outlook.others.emplace_back(seen.size());
  Disks now(run_.disks, disks, leaf.recovery.reads);
  std::unordered_set<std::uint64_t> looked_at;
  const std::vector<Event>& events = leaf.recovery.trace.events();
  for (std::uint32_t i = 0; i < events.size() && !outlook.violation; ++i) {
    if (events[i].kind > Event::Kind::replaced) continue;
    now.apply(leaf.recovery.trace, events[i]);
    if (!looked_at.insert(now.signature()).second) continue;
    ++report_.later_cuts;
    look_again(program, leaf, disks, now, i + 1, outlook);
  }
}

void CrashSearch::look_again(Program& program, const Leaf& leaf, const Disks& before, const Disks& disks,
                             std::uint32_t events, Outlook& outlook) {
  const auto consult = [&](std::uint32_t disk, std::uint32_t block) {
    if (!disks[disk].depends_on_cut(block)) return;
    for (const auto& consulted : outlook.consulted) {
      if (consulted.disk == disk && consulted.block == block) return;
    }
    auto& consulted = outlook.consulted.emplace_back();
    consulted.disk = disk;
    consulted.block = block;
    before.block_candidates(disk, block, settings_.tear, consulted.candidates);
  };
  program.tree->visit(
      [&](std::uint32_t disk, std::uint32_t block, std::vector<BlockContent>& out) {
        consult(disk, block);
        disks.block_candidates(disk, block, settings_.tear, out);
      },
      [&](Leaf& next) {
        if (outlook.violation) return;
        ++report_.looked_at;
        const auto fails = [&](Violation violation) {
          violation.cuts.insert(violation.cuts.begin(), Cut{events, {}, choices(disks, next)});
          outlook.violation = std::move(violation);
        };
        if (auto violation = own_violation(program, next.recovery, leaf.recovery.hydrated))
          return fails(*std::move(violation));
        if (!next.recovery.failure.empty()) return;
        const Outlook* later = nullptr;
        if (outlook.depth > 1) {
          later = &this->outlook(program, next, disks, outlook.depth - 1);
          for (const auto& consulted : later->consulted) consult(consulted.disk, consulted.block);
          if (later->violation) return fails(*later->violation);
        }
        for (std::size_t device = 0; device < next.recovery.seen.size(); ++device) {
          const std::vector<ContentId>& seen = next.recovery.seen[device];
          for (std::uint32_t sector = 0; sector < seen.size(); ++sector) {
            const ContentId first = leaf.recovery.seen[device][sector];
            auto& others = outlook.others[device][sector];
            const auto add = [&](ContentId content) {
              for (const ContentId found : expand(disks, content)) {
                if (found != first) add_once(others, found);
              }
            };
            add(seen[sector]);
            if (later == nullptr) continue;
            for (const ContentId content : later->others[device][sector]) add(content);
          }
        }
      },
      [this] { return stops(); });
}

}  // namespace sim::explore
