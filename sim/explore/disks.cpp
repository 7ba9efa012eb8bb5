// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/disks.h"

#include <algorithm>
#include <cmath>

#include "sim/explore/mixed.h"

namespace sim::explore {

Disks::Disks(const std::vector<Disk>& disks, const std::vector<std::vector<ContentId>>& contents,
             TornBlocks* torn)
    : disks_(disks), torn_(torn), seen_(disks.size()) {
  for (const std::vector<ContentId>& content : contents) states_.emplace_back(content);
}

Disks::Disks(const std::vector<Disk>& disks, const Disks& before, const std::vector<BlockRead>& reads)
    : disks_(disks), torn_(before.torn_), seen_(disks.size()) {
  for (std::uint32_t disk = 0; disk < disks.size(); ++disk) {
    states_.push_back(DiskState::after_cut(before[disk], disk, disks[disk].metadata));
  }
  for (const BlockRead& read : reads) {
    for (std::uint32_t i = 0; i < block_sectors; ++i)
      states_[read.disk].pin(read.block * block_sectors + i, read.content[i]);
  }
}

// Of metadata it matters which sectors were written together, because blocks are torn between writes. Leaves
// what the sector may hold in candidates_.
std::uint64_t Disks::hash_of(std::uint32_t disk, std::uint32_t sector) {
  states_[disk].candidates(sector, candidates_);
  std::sort(candidates_.begin(), candidates_.end());
  std::uint64_t hash = mixed(disk, sector);
  for (const ContentId content : candidates_) hash = mixed(hash, content);
  if (is_metadata(disk, sector) && candidates_.size() > 1) {
    for (const auto& version : states_[disk].versions(sector))
      hash = mixed(mixed(hash, version.write), version.content);
  }
  return hash;
}

// Before the first change: a sector that is again as it was then is nothing to the signature.
void Disks::remember(std::uint32_t disk, std::uint32_t sector) {
  if (!seen_[disk].contains(sector)) seen_[disk].emplace(sector, Seen{hash_of(disk, sector), 0});
}

void Disks::look_at(std::uint32_t disk, std::uint32_t sector) {
  if (changes_ != nullptr && !is_metadata(disk, sector)) changes_->push_back({disk, sector});
  const std::uint64_t hash = hash_of(disk, sector);
  Seen& seen = seen_[disk][sector];
  signature_ ^= seen.hash ^ hash;
  constexpr double thousandths = 1000;
  const auto millibits = static_cast<std::uint64_t>(
      std::lround(std::log2(static_cast<double>(candidates_.size())) * thousandths));
  states_millibits_ += millibits - seen.millibits;
  seen = {hash, millibits};
}

void Disks::note(const Event& event) {
  const auto note = [&](std::uint32_t sector) {
    journal_->note([this, disk = event.disk, sector, before = states_[event.disk].sector(sector)] {
      states_[disk].set_sector(sector, before);
      look_at(disk, sector);
    });
  };
  if (event.kind == Event::Kind::flushed) {
    states_[event.disk].for_each_undetermined([&](std::uint32_t sector, const auto&) { note(sector); });
  } else {
    for (std::uint32_t i = 0; i < event.count; ++i) note(event.first + i);
  }
}

void Disks::apply(const Trace& trace, const Event& event) {
  if (journal_ != nullptr && journal_->on()) note(event);
  for (std::uint32_t i = 0; i < event.count; ++i) remember(event.disk, event.first + i);
  states_[event.disk].apply(trace, event, [&](std::uint32_t sector) { look_at(event.disk, sector); });
}

void Disks::block_candidates(std::uint32_t disk, std::uint32_t block, Tear tear,
                             std::vector<BlockContent>& out) const {
  const std::uint32_t unit = disks_[disk].options.logical_block_size / dmcore::sector_size;
  states_[disk].block_candidates(block, tear, unit, out);
  if (tear == Tear::bytes && torn_ != nullptr) torn_->add_to(out);
}

}  // namespace sim::explore
