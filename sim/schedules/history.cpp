// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/history.h"

#include <algorithm>
#include <utility>

namespace sim::schedules {

using dmcore::sector_size;
using explore::ContentId;

namespace {

std::span<const std::byte> sector_of(std::span<const std::byte> bytes, std::size_t sector) {
  return bytes.subspan(sector * sector_size, sector_size);
}

bool was_discarded(const auto& versions) {
  return std::any_of(versions.begin(), versions.end(), [](const auto& version) { return version.anything; });
}

}  // namespace

void History::begin(const std::string& device, std::span<const std::byte> bytes, std::set<std::string> below,
                    bool is_copied) {
  below_[device] = std::move(below);
  std::vector<Sector>& sectors = devices_[device];
  if (is_copied) {
    note_discarded(device, sectors);
  } else {
    discarded_.erase(device);
  }
  sectors.assign(bytes.size() / sector_size, {});
  const Moment now = ++now_;
  for (std::size_t sector = 0; sector < sectors.size(); ++sector) {
    sectors[sector].push_back(
        {.content = contents_.number_of(sector_of(bytes, sector)), .begun = now, .ended = now});
  }
}

void History::rests(const std::string& device, std::span<const std::byte> bytes) {
  const std::uint64_t id =
      begins({.kind = Kind::read, .device = device, .sector = 0, .count = dmcore::to_sectors(bytes.size())});
  ended(id, true, bytes);
}

bool History::has_discards(const std::string& device) const {
  const auto judged = devices_.find(device);
  return discarded_.contains(device) ||
         (judged != devices_.end() &&
          std::any_of(judged->second.begin(), judged->second.end(),
                      [](const Sector& versions) { return was_discarded(versions); }));
}

void History::note_discarded(const std::string& device, const std::vector<Sector>& sectors) {
  auto& discarded = discarded_[device];
  discarded.resize(std::max(discarded.size(), sectors.size()));
  for (std::size_t sector = 0; sector < sectors.size(); ++sector) {
    if (was_discarded(sectors[sector])) discarded[sector] = sectors[sector].front().content;
  }
}

// The known bug of dm-clone, by its name in docs/findings.md: a discard under a copy.
bool History::may_be_a_copy(const Operation& read, const Sector& versions, std::uint32_t sector,
                            ContentId found) const {
  if (was_discarded(versions) && found == versions.front().content) return true;
  const auto before = discarded_.find(read.device);
  return before != discarded_.end() && sector < before->second.size() && before->second[sector] == found;
}

// What is above it may hold something else now.
void History::note_below(const std::string& written) {
  for (const auto& [device, below] : below_) {
    if (below.contains(written)) forget(device);
  }
}

std::uint64_t History::begins(const Request& request) {
  const std::uint64_t id = next_operation_++;
  Operation& operation = running_[id];
  operation = {request.kind, request.device, static_cast<std::uint32_t>(request.sector), 0, ++now_};
  const bool changes = request.kind == Kind::write || request.kind == Kind::discard;
  if (changes) note_below(request.device);
  const auto device = devices_.find(request.device);
  if (device == devices_.end() || request.sector >= device->second.size()) return id;
  const std::uint64_t left = device->second.size() - request.sector;
  operation.count = static_cast<std::uint32_t>(std::min<std::uint64_t>(request.count, left));
  for (std::uint32_t i = 0; changes && i < operation.count; ++i) {
    Version version{.operation = id, .begun = operation.begun};
    version.anything = request.kind == Kind::discard;
    if (!version.anything) version.content = contents_.number_of(sector_of(request.data, i));
    device->second[operation.first + i].push_back(version);
  }
  return id;
}

void History::ended(std::uint64_t id, bool ok, std::span<const std::byte> read) {
  const auto running = running_.extract(id);
  const Operation& operation = running.mapped();
  const Moment now = ++now_;
  const auto device = devices_.find(operation.device);
  if (!ok || device == devices_.end()) return;
  for (std::uint32_t i = 0; i < operation.count; ++i) {
    Sector& versions = device->second[operation.first + i];
    if (operation.kind == Kind::read) {
      if (i < read.size() / sector_size)
        judge_sector(operation, versions, operation.first + i, contents_.number_of(sector_of(read, i)));
      continue;
    }
    for (Version& version : versions) {
      if (version.operation == id) version.ended = now;
    }
  }
}

// Whether another version took its place after it, and before that moment.
bool History::is_hidden(const Sector& versions, const Version& version, Moment begun) {
  if (version.gone < begun) return true;
  return std::any_of(versions.begin(), versions.end(), [&](const Version& later) {
    return later.begun > written(version) && written(later) < begun;
  });
}

void History::judge_sector(const Operation& read, Sector& versions, std::uint32_t sector, ContentId found) {
  Version* returned = nullptr;  // if it can only be that one
  std::size_t candidates = 0;
  std::vector<ContentId> allowed;
  for (Version& version : versions) {
    if (is_hidden(versions, version, read.begun)) continue;
    if (version.anything) return;
    allowed.push_back(version.content);
    if (version.content != found) continue;
    returned = &version;
    ++candidates;
  }
  if (candidates == 0) {
    if (!finds_known_bugs_ && may_be_a_copy(read, versions, sector, found)) {
      ++copies_over_discards_;
      return;
    }
    if (!wrong_) wrong_ = Wrong{read.device, sector, found, std::move(allowed)};
    return;
  }
  if (candidates > 1) return;
  returned->seen = std::min(returned->seen, now_);
  // Those that were written before the read began have been replaced by this one.
  for (Version& version : versions) {
    if (&version != returned && written(version) < read.begun) version.gone = std::min(version.gone, now_);
  }
}

}  // namespace sim::schedules
