// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/crash_search.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <set>

#include "sim/explore/add_once.h"
#include "sim/explore/mixed.h"

namespace sim::explore {

CrashSearch::CrashSearch(CrashExplorer& explorer, const Run& run, CrashReport& report)
    : explorer_(explorer),
      settings_(explorer.settings_),
      run_(run),
      report_(report),
      recoveries_before_(explorer.recoveries_),
      state_{Disks(run.disks, run.contents, &explorer.torn_)},
      next_change_(run.trace.events().size() + 1, static_cast<std::uint32_t>(run.trace.events().size())) {
  state_.disks.set_changes(&disk_changes_);
  state_.disks.set_journal(journal_);
  const std::vector<Event>& events = run.trace.events();
  for (std::uint32_t i = next_change_.back(); i > 0; --i)
    next_change_[i - 1] = events[i - 1].kind == Event::Kind::devices ? i - 1 : next_change_[i];
}

void CrashSearch::take_operation(const Event& event) {
  if (event.kind == Event::Kind::begun) note_raw_write(run_.trace.operation(event));
  for (Judged& judged : state_.judged) judged.contract.apply(run_.trace, event, judged.name);
}

CrashSearch::Program& CrashSearch::take(std::uint32_t number) {
  const Event& event = run_.trace.events()[number];
  switch (event.kind) {
    case Event::Kind::begun:
    case Event::Kind::acknowledged:
    case Event::Kind::refused:
      take_operation(event);
      break;
    case Event::Kind::devices:
      take_devices(number);
      break;
    default:
      state_.disks.apply(run_.trace, event);
      for (Judged& judged : state_.judged) judged.contract.apply_to_disk(run_.trace, event);
  }
  for (Judged& judged : state_.judged) {
    for (const std::uint32_t sector : judged.contract.take_changed())
      contract_changes_.emplace_back(&judged, sector);
  }
  return program_after(number);
}

// What is judged is another thing now, so that all has to be judged again.
void CrashSearch::begin_era() {
  ++era_;
  disk_changes_.clear();
  contract_changes_.clear();
}

void CrashSearch::search(std::uint32_t first) {
  for (const Causality::Segment& segment : run_.causality.segments()) {
    if (report_.violation || report_.interrupted) break;
    search_segment(segment, first);
  }
  std::set<const RecoveryTree*> trees;
  for (const auto& [key, program] : programs_) trees.insert(program.tree);
  for (const RecoveryTree* tree : trees) report_.recoveries += tree->size();
  for (const Judged& judged : state_.judged) {
    report_.copies_over_discards += judged.contract.copies_over_discards();
    report_.early_fua_writes += judged.contract.early_fua_writes();
    if (!judged.not_judged.empty())
      report_.not_judged.push_back(fmt::format("{}: {}", judged.name, judged.not_judged));
  }
}

void CrashSearch::search_segment(const Causality::Segment& segment, std::uint32_t first) {
  const bool other_orders = settings_.orders_max != 0 && segment.has_other_orders();
  if (other_orders) journal_.turn_on();
  for (std::uint32_t i = segment.first; i < segment.first + segment.count; ++i) {
    Program& program = take(i);
    if (program.devices.empty() || i < first) continue;
    look_at_source(i);
    if (report_.violation || gives_up()) return;
    ++report_.cuts;
    look(i + 1, program);
    if (report_.violation) return;
  }
  if (other_orders && segment.first + segment.count > first) look_at_orders(segment);
  journal_.turn_off();
}

bool CrashSearch::gives_up() {
  if (!settings_.give_up || !settings_.give_up()) return false;
  report_.complete = false;
  report_.interrupted = true;
  return true;
}

// Before a recovery is run.
bool CrashSearch::stops() {
  if (report_.violation || report_.interrupted || gives_up()) return true;
  const std::uint64_t run = explorer_.recoveries_ - recoveries_before_;
  if (settings_.recoveries_max == 0 || run < settings_.recoveries_max) return false;
  report_.complete = false;
  report_.interrupted = report_.too_many_recoveries = true;
  return true;
}

void CrashSearch::visit(const Program& program, const Disks& disks, const RecoveryTree::Use& use) {
  const auto candidates = [&](std::uint32_t disk, std::uint32_t block, std::vector<BlockContent>& out) {
    disks.block_candidates(disk, block, settings_.tear, out);
  };
  program.tree->visit(candidates, use, [this] { return stops(); });
}

// Equal if the same may be found, and the same must be.
std::uint64_t CrashSearch::signature(const Program& program) const {
  std::uint64_t signature = mixed(state_.disks.signature(), program.number);
  if (!state_.rewritten.empty()) signature = ~signature;
  for (const Judged& judged : state_.judged)
    signature = mixed(
        signature, mixed(judged.number, judged.contract.signature()) + (judged.not_judged.empty() ? 0 : 1));
  const auto committed = state_.committed.find(program.tree);
  return mixed(signature, committed == state_.committed.end() ? 0 : committed->second);
}

// Whether the cut covers what no cut before did.
bool CrashSearch::is_news(const Event& last, const Program& program) {
  Coverage coverage = {last.kind, last.disk, {}, {}};
  if (last.kind == Event::Kind::begun || last.kind == Event::Kind::acknowledged ||
      last.kind == Event::Kind::refused) {
    const Operation& operation = run_.trace.operation(last);
    coverage.asked = {operation.kind, operation.durable};
  }
  visit(program, state_.disks, [&](Leaf& leaf) { coverage.recoveries.insert(&leaf); });
  return covered_.insert(std::move(coverage)).second;
}

void CrashSearch::look(std::uint32_t events, Program& program) {
  if (!explorer_.seen_.insert(signature(program)).second) return;
  const bool news = settings_.cuts_max != 0 && is_news(run_.trace.events()[events - 1], program);
  if (settings_.cuts_max != 0 && report_.distinct - report_.samples >= settings_.cuts_max) {
    if (!news) {
      report_.complete = false;
      return;
    }
    ++report_.samples;
  }
  ++report_.distinct;
  report_.states_millibits = std::max(report_.states_millibits, state_.disks.states_millibits());
  const std::size_t branches = program.tree->branches();
  std::uint64_t hydrated = std::numeric_limits<std::uint64_t>::max();
  visit(program, state_.disks, [&](Leaf& leaf) {
    if (report_.violation) return;
    judge(events, program, leaf);
    hydrated = std::min(hydrated, hydrated_after(leaf.recovery));
  });
  note_committed(program, hydrated);
  report_.branches += program.tree->branches() - branches;
}

// A start that was rightly refused says nothing about what is hydrated.
std::uint64_t CrashSearch::hydrated_after(const Recovery& recovery) const {
  return is_refusal(recovery) ? std::numeric_limits<std::uint64_t>::max() : recovery.hydrated;
}

// `hydrated`: after the start that found the least.
void CrashSearch::note_committed(const Program& program, std::uint64_t hydrated) {
  if (hydrated == std::numeric_limits<std::uint64_t>::max() || !state_.rewritten.empty()) return;
  std::uint64_t& committed = state_.committed[program.tree];
  if (committed >= hydrated) return;
  journal_.note([this, tree = program.tree, before = committed] { state_.committed[tree] = before; });
  committed = hydrated;
}

// The run itself must not write to the source of a clone that is set up, unless a program does.
void CrashSearch::look_at_source(std::uint32_t number) {
  const Event& event = run_.trace.events()[number];
  if (!wants(Oracle::source) || event.kind != Event::Kind::submitted) return;
  if (!is_source(run_.devices[state_.devices], event.disk)) return;
  const std::string& disk = run_.disks[event.disk].name;
  if (state_.written_directly.contains(disk)) return;
  Violation violation;
  violation.oracle = Oracle::source;
  violation.cuts = {{number + 1, {}, {}}};
  violation.what = fmt::format("sector {} of {} is written", event.first, disk);
  report_.violation = std::move(violation);
}

void CrashSearch::violated(Violation violation, std::uint32_t events, const Leaf& leaf) {
  if (report_.violation) return;
  violation.cuts.insert(violation.cuts.begin(), Cut{events, missing_, choices(state_.disks, leaf)});
  report_.violation = std::move(violation);
}

// A block that is torn inside a sector has to be refused.
bool CrashSearch::is_refusal(const Recovery& recovery) const {
  if (recovery.failure.empty() || recovery.stopped) return false;
  return std::any_of(recovery.reads.begin(), recovery.reads.end(),
                     [&](const BlockRead& read) { return explorer_.torn_.contains(read.content); });
}

// What is wrong with a recovery whatever the data are. `committed`: so many regions were hydrated for good.
std::optional<Violation> CrashSearch::own_violation(const Program& program, const Recovery& recovery,
                                                    std::uint64_t committed) const {
  const auto what = [](Oracle oracle, std::string text) {
    Violation violation;
    violation.oracle = oracle;
    violation.what = std::move(text);
    return violation;
  };
  if (is_refusal(recovery)) return std::nullopt;
  if (!recovery.damage.empty() && wants(Oracle::metadata)) return what(Oracle::metadata, recovery.damage);
  const bool expected = !program.fails_on_purpose;
  if (!recovery.failure.empty())
    return expected && wants(Oracle::starts) ? std::optional(what(Oracle::starts, recovery.failure))
                                             : std::nullopt;
  if (expected && !recovery.difference.empty() && wants(Oracle::complete))
    return what(Oracle::complete, recovery.difference);
  if (expected && wants(Oracle::committed) && recovery.hydrated < committed)
    return what(Oracle::committed, fmt::format("{} regions are hydrated, and {} were so for good before",
                                               recovery.hydrated, committed));
  for (const Event& event : recovery.trace.events()) {
    if (event.kind == Event::Kind::submitted && contains(program.sources, event.disk) &&
        wants(Oracle::source))
      return what(Oracle::source,
                  fmt::format("sector {} of {} is written", event.first, run_.disks[event.disk].name));
  }
  return std::nullopt;
}

CrashSearch::Judged* CrashSearch::judged_device(std::string_view name) {
  const auto found = std::find_if(state_.judged.begin(), state_.judged.end(),
                                  [&](const Judged& judged) { return judged.name == name; });
  return found == state_.judged.end() ? nullptr : &*found;
}

// The place of a device among those that no other uses.
std::optional<std::size_t> CrashSearch::index_of(const Program& program, std::string_view name) {
  std::size_t index = 0;
  for (const Device& device : program.devices) {
    if (device.used) continue;
    if (device.name == name) return index;
    ++index;
  }
  return std::nullopt;
}

void CrashSearch::judge(std::uint32_t events, Program& program, Leaf& leaf) {
  ++report_.looked_at;
  if (!state_.rewritten.empty()) return;
  if (auto violation = own_violation(program, leaf.recovery, state_.committed[program.tree]))
    return violated(*std::move(violation), events, leaf);
  if (!leaf.recovery.failure.empty()) return;  // and that is not asked for
  const Outlook* later =
      settings_.depth > 1 ? &outlook(program, leaf, state_.disks, settings_.depth - 1) : nullptr;
  if (later != nullptr && later->violation) return violated(*later->violation, events, leaf);
  Verified& verified = verified_[&leaf];
  if (verified.era != era_ || verified.outlook != later) {
    judge_all(events, program, leaf, later, verified);
  } else {
    judge_changes(events, program, leaf, verified);
  }
  verified.disk_changes = disk_changes_.size();
  verified.contract_changes = contract_changes_.size();
}

void CrashSearch::judge_all(std::uint32_t events, Program& program, Leaf& leaf, const Outlook* later,
                            Verified& verified) {
  verified = Verified();
  verified.era = era_;
  verified.outlook = later;
  for (const Device& device : program.devices) {
    if (device.used) continue;
    const auto index = static_cast<std::uint32_t>(verified.devices.size());
    Judged* judged = judged_device(device.name);
    if (judged != nullptr && (!judged->not_judged.empty() || !same_device(judged->device, device)))
      judged = nullptr;
    verified.devices.push_back(judged);
    if (judged == nullptr) continue;
    for (std::uint32_t sector = 0; sector < judged->contract.sectors() && !report_.violation; ++sector) {
      judge_sector(events, program, leaf, later, index, *judged, sector);
      verified.readers[leaf.recovery.seen[index][sector]].emplace_back(index, sector);
      if (later == nullptr) continue;
      for (const ContentId other : later->others[index][sector])
        verified.readers[other].emplace_back(index, sector);
    }
  }
}

void CrashSearch::judge_changes(std::uint32_t events, Program& program, Leaf& leaf, Verified& verified) {
  for (std::size_t i = verified.disk_changes; i < disk_changes_.size() && !report_.violation; ++i) {
    const auto readers = verified.readers.find(Contents::number_of(disk_changes_[i]));
    if (readers == verified.readers.end()) continue;
    for (const auto& [device, sector] : readers->second)
      judge_sector(events, program, leaf, verified.outlook, device, *verified.devices[device], sector);
  }
  for (std::size_t i = verified.contract_changes; i < contract_changes_.size() && !report_.violation; ++i) {
    const auto& [judged, sector] = contract_changes_[i];
    const auto device = std::find(verified.devices.begin(), verified.devices.end(), judged);
    if (device == verified.devices.end()) continue;
    judge_sector(events, program, leaf, verified.outlook,
                 static_cast<std::size_t>(device - verified.devices.begin()), *judged, sector);
  }
}

// What a sector may hold that holds this after a cut in that state.
std::vector<ContentId> CrashSearch::expand(const Disks& disks, ContentId content) {
  if (!Contents::is_token(content)) return {content};
  const Token token = Contents::token(content);
  std::vector<ContentId> found;
  disks[token.disk].candidates(token.sector, found);
  return found;
}

std::vector<ContentId> CrashSearch::expand(const Disks& disks, const std::vector<ContentId>& contents) {
  std::vector<ContentId> all;
  for (const ContentId content : contents) {
    for (const ContentId found : expand(disks, content)) add_once(all, found);
  }
  return all;
}

// What was not copied or written yet, although the sector is read from the destination of the clone.
std::vector<ContentId> CrashSearch::stale_of(const Judged& judged, std::uint32_t sector, ContentId seen,
                                             std::vector<ContentId> found) {
  if (!Contents::is_token(seen) || Contents::token(seen).disk != judged.contract.destination()) return {};
  std::erase_if(found, [&](ContentId content) { return !judged.contract.is_stale(sector, content); });
  return found;
}

void CrashSearch::judge_sector(std::uint32_t events, Program& program, Leaf& leaf, const Outlook* outlook,
                               std::size_t device, const Judged& judged, std::uint32_t sector) {
  const ContentId seen = leaf.recovery.seen[device][sector];
  const Contract::Allowed& allowed = judged.contract.allowed(sector);
  const auto fails = [&](Oracle oracle, std::vector<ContentId> found, const std::vector<ContentId>& must,
                         std::vector<Cut> later) {
    Violation violation;
    violation.cuts = std::move(later);
    violation.oracle = oracle;
    violation.device = judged.name;
    violation.sector = sector;
    violation.found = std::move(found);
    violation.allowed = must;
    violated(std::move(violation), events, leaf);
  };
  const std::vector<ContentId> found = expand(state_.disks, seen);
  if (wants(Oracle::contract)) {
    std::vector<ContentId> wrong = found;
    std::erase_if(wrong, [&](ContentId content) { return allowed.has(content); });
    if (!wrong.empty()) return fails(Oracle::contract, std::move(wrong), allowed.contents, {});
  }
  if (wants(Oracle::hydrated)) {
    std::vector<ContentId> stale = stale_of(judged, sector, seen, found);
    if (!stale.empty()) return fails(Oracle::hydrated, std::move(stale), allowed.contents, {});
  }
  if (outlook == nullptr || !wants(Oracle::stable)) return;
  for (const ContentId other : outlook->others[device][sector]) {
    std::vector<ContentId> wrong = expand(state_.disks, other);
    std::erase_if(wrong, [&](ContentId content) { return contains(found, content); });
    if (wrong.empty()) continue;
    return fails(Oracle::stable, std::move(wrong), found,
                 find_other(program, leaf, state_.disks, outlook->depth, device, sector, other));
  }
}

}  // namespace sim::explore
