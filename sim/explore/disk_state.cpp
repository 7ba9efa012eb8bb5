// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/disk_state.h"

#include <algorithm>

#include "sim/explore/add_once.h"

namespace sim::explore {

std::string_view name_of(Tear tear) {
  constexpr std::array<std::string_view, 3> names = {"halves", "sectors", "bytes"};
  return names[static_cast<std::size_t>(tear)];
}

std::optional<Tear> tear_named(std::string_view name) {
  for (const Tear tear : {Tear::halves, Tear::sectors, Tear::bytes}) {
    if (name_of(tear) == name) return tear;
  }
  return std::nullopt;
}

namespace {

using Versions = std::vector<DiskState::History::Version>;

// What was written last, up to a write.
ContentId content_at(const Versions& versions, std::uint64_t write) {
  ContentId found = versions.front().content;
  for (const auto& version : versions) {
    if (version.write <= write) found = version.content;
  }
  return found;
}

}  // namespace

DiskState DiskState::after_cut(const DiskState& before, std::uint32_t disk, const SectorSet& metadata) {
  DiskState state;
  state.before_ = &before;
  state.metadata_ = &metadata;
  state.disk_ = disk;
  state.cuts_ = before.cuts_ + 1;
  return state;
}

void DiskState::settle(std::uint32_t sector, ContentId content) {
  if (before_ != nullptr) {
    settled_[sector] = content;
    return;
  }
  if (sector >= content_.size()) content_.resize(sector + 1, Contents::zeroes);
  content_[sector] = content;
}

void DiskState::pin(std::uint32_t sector, ContentId content) {
  histories_.erase(sector);
  settle(sector, content);
}

DiskState::Sector DiskState::sector(std::uint32_t sector) const {
  const auto place = histories_.find(sector);
  return {settled(sector), place == histories_.end() ? std::nullopt : std::optional(place->second)};
}

void DiskState::set_sector(std::uint32_t sector, const Sector& known) {
  pin(sector, known.settled);
  if (known.history) histories_.emplace(sector, *known.history);
}

bool DiskState::is_of_cut(std::uint32_t sector) const {
  return before_ != nullptr && !settled_.contains(sector) && boost::icl::contains(*metadata_, sector);
}

// Of a sector without a history here or at the cut before.
ContentId DiskState::settled(std::uint32_t sector) const {
  if (before_ != nullptr) {
    const auto place = settled_.find(sector);
    if (place != settled_.end()) return place->second;
    return is_of_cut(sector) ? before_->settled(sector) : Contents::number_of(Token{disk_, sector});
  }
  return sector < content_.size() ? content_[sector] : Contents::zeroes;
}

// Whether it had only one candidate at the cut before, or was read or made durable since.
bool DiskState::known(std::uint32_t sector) const {
  if (histories_.contains(sector)) return false;
  return !is_of_cut(sector) || before_->known(sector);
}

// Those of before the cut get numbers of their own, smaller than those of later writes and in the same order,
// so that those of one request still belong together.
std::vector<DiskState::History::Version> DiskState::versions(std::uint32_t sector) const {
  if (known(sector)) return {};
  const auto place = histories_.find(sector);
  if (place != histories_.end()) return place->second.versions();
  Versions found = before_->versions(sector);
  for (History::Version& version : found) {
    if (version.write >= Trace::first_moment) version.write += (cuts_ << 40U) - Trace::first_moment;
  }
  return found;
}

DiskState::History& DiskState::history(std::uint32_t sector) {
  const auto place = histories_.find(sector);
  if (place != histories_.end()) return place->second;
  std::vector<History::Version> before = versions(sector);
  History history = before.empty() ? History(settled(sector)) : History(std::move(before));
  return histories_.emplace(sector, std::move(history)).first->second;
}

void DiskState::candidates(std::uint32_t sector, std::vector<ContentId>& out) const {
  out.clear();
  const auto place = histories_.find(sector);
  if (place != histories_.end()) {
    for (const auto& version : place->second.versions()) {
      add_once(out, version.content);
    }
  } else if (is_of_cut(sector)) {
    before_->candidates(sector, out);
  } else {
    out.push_back(settled(sector));
  }
}

ContentId DiskState::newest(std::uint32_t sector) const {
  const auto place = histories_.find(sector);
  if (place == histories_.end()) return is_of_cut(sector) ? before_->newest(sector) : settled(sector);
  const History::Candidates found = place->second.candidates();
  return found.contents[found.newest];
}

void DiskState::flush(const Trace& trace, const Event& event, const Changed& changed) {
  const auto own = trace.own(event);
  std::vector<std::uint32_t> others;
  for (auto place = histories_.begin(); place != histories_.end();) {
    History& history = place->second;
    const std::size_t versions = history.versions().size();
    history.flushed([&](const auto& version) { return History::covered(version, event.write, own); });
    const std::uint32_t sector = place->first;
    const bool other = history.versions().size() != versions;
    if (history.settled()) {
      settle(sector, history.versions().front().content);
      place = histories_.erase(place);
    } else {
      ++place;
    }
    if (other) others.push_back(sector);
  }
  // The first sector that is wrong is the one that is reported: on every machine the same one.
  std::sort(others.begin(), others.end());
  for (const std::uint32_t sector : others) changed(sector);
}

void DiskState::apply(const Trace& trace, const Event& event, const Changed& changed) {
  if (event.kind == Event::Kind::flushed) return flush(trace, event, changed);
  const ContentId* contents = trace.contents(event);
  for (std::uint32_t i = 0; i < event.count; ++i) {
    const std::uint32_t sector = event.first + i;
    switch (event.kind) {
      case Event::Kind::submitted:
        history(sector).submitted(event.write, contents[i]);
        break;
      case Event::Kind::executed:
        history(sector).executed(event.write, contents[i]);
        break;
      case Event::Kind::ended:
      case Event::Kind::failed: {
        const auto place = histories_.find(sector);
        if (place == histories_.end()) continue;  // durable since its own flush
        const bool failed = event.kind == Event::Kind::failed;
        place->second.ended(event.write, failed, event.moment);
        break;
      }
      default:
        pin(sector, contents[i]);
    }
    changed(sector);
  }
}

void DiskState::block_candidates(std::uint32_t block, Tear tear, std::uint32_t unit,
                                 std::vector<BlockContent>& out) const {
  out.clear();
  std::array<Versions, block_sectors> versions;  // of sectors that are not known
  BlockContent content;
  std::vector<std::uint64_t> writes;
  for (std::uint32_t i = 0; i < block_sectors; ++i) {
    const std::uint32_t sector = block * block_sectors + i;
    versions[i] = this->versions(sector);
    if (versions[i].empty()) content[i] = settled(sector);
    for (const auto& version : versions[i]) writes.push_back(version.write);
  }
  if (writes.empty()) {
    out.push_back(content);
    return;
  }
  std::sort(writes.begin(), writes.end());
  writes.erase(std::unique(writes.begin(), writes.end()), writes.end());
  const auto fill = [&](std::uint32_t from, std::uint32_t to, std::uint64_t write) {
    for (std::uint32_t i = from; i < std::min(to, block_sectors); ++i) {
      if (!versions[i].empty()) content[i] = content_at(versions[i], write);
    }
  };
  // The newest first.
  std::reverse(writes.begin(), writes.end());
  if (tear != Tear::sectors) {
    for (const std::uint64_t head : writes) {
      fill(0, unit, head);
      for (const std::uint64_t rest : writes) {
        if (unit >= block_sectors && head != rest) continue;
        fill(unit, block_sectors, rest);
        add_once(out, content);
      }
    }
    return;
  }
  std::vector<BlockContent> parts;
  out.push_back(content);
  for (std::uint32_t from = 0; from < block_sectors; from += unit) {
    parts.swap(out);
    out.clear();
    for (const BlockContent& part : parts) {
      for (const std::uint64_t write : writes) {
        content = part;
        fill(from, from + unit, write);
        add_once(out, content);
      }
    }
  }
}

bool DiskState::depends_on_cut(std::uint32_t block) const {
  if (before_ == nullptr) return false;
  for (std::uint32_t i = 0; i < block_sectors; ++i) {
    const std::uint32_t sector = block * block_sectors + i;
    if (!is_of_cut(sector)) continue;
    const auto place = histories_.find(sector);
    if (place == histories_.end()) return true;
    if (place->second.versions().front().write < Trace::first_moment) return true;
  }
  return false;
}

}  // namespace sim::explore
