// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/disk/durability.h"

#include <algorithm>

namespace sim {

template <class Use>
void Durability::for_each_block(const Range& range, Use use) const {
  for (std::uint64_t at = 0; at < range.bytes; at += block_bytes_) use(range.offset + at, at);
}

Durability::Content Durability::content_of(std::span<const std::byte> data, std::uint64_t at) const {
  if (data.empty()) return nullptr;
  const std::span<const std::byte> block = data.subspan(at, block_bytes_);
  if (std::all_of(block.begin(), block.end(), [](std::byte b) { return b == std::byte{0}; })) return nullptr;
  return std::make_shared<const std::vector<std::byte>>(block.begin(), block.end());
}

Durability::Content Durability::stored(std::uint64_t offset) const {
  std::vector<std::byte> bytes(block_bytes_);
  // What cannot be read is not known to be anything; the disk's own reads of it fail as well.
  if (!store_.read(offset, bytes).ok()) return nullptr;
  return content_of(bytes, 0);
}

void Durability::submitted(WriteId write, const Range& range) {
  for_each_block(range, [&](std::uint64_t block, std::uint64_t at) {
    Versions& versions = blocks_[block];
    if (versions.empty()) versions.push_back({.content = stored(block)});
    versions.push_back({write, State::in_flight, false, 0, content_of(range.data, at)});
  });
}

// The data may have changed since the submission: until the write has ended, both may be there.
void Durability::executed(WriteId write, const Range& range) {
  for_each_block(range, [&](std::uint64_t block, std::uint64_t at) {
    blocks_[block].push_back({write, State::in_flight, true, 0, content_of(range.data, at)});
  });
}

// What was executed is there, not what was submitted; of a write that failed either may be.
void Durability::ended(WriteId write, const Range& range, bool failed) {
  const Moment moment = ++moment_;
  for_each_block(range, [&](std::uint64_t block, std::uint64_t) {
    const auto place = blocks_.find(block);
    if (place == blocks_.end()) return;  // durable since its own flush
    Versions& versions = place->second;
    if (!failed) std::erase_if(versions, [&](const Version& v) { return v.write == write && !v.executed; });
    for (Version& version : versions) {
      if (version.write != write || version.state == State::durable) continue;
      version.state = failed ? State::failed : State::ended;
      version.ended_at = moment;
    }
  });
  if (!volatile_cache_ && !failed) flush([&](const Version& version) { return version.write == write; });
}

// Of the versions that a flush covers the last is durable. All of them have been executed, and a write is in
// the list as it was submitted before it is there as it was executed.
template <class Covers>
void Durability::flush(Covers covers) {
  for (auto place = blocks_.begin(); place != blocks_.end();) {
    Versions& versions = place->second;
    const auto last = std::find_if(versions.rbegin(), versions.rend(), covers);
    if (last != versions.rend()) make_durable(versions, static_cast<std::size_t>(versions.rend() - last) - 1);
    const bool determined = versions.size() == 1 && versions.front().state == State::durable;
    place = determined ? blocks_.erase(place) : std::next(place);
  }
}

void Durability::make_durable(Versions& versions, std::size_t last) {
  const WriteId write = versions[last].write;
  Versions kept = {{.write = write, .content = versions[last].content}};
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (i > last || (versions[i].state == State::in_flight && versions[i].write != write))
      kept.push_back(versions[i]);
  }
  versions = std::move(kept);
}

void Durability::flushed(Moment submitted, std::span<const WriteId> own) {
  flush([&](const Version& version) {
    return (version.state == State::ended && version.ended_at < submitted) ||
           std::find(own.begin(), own.end(), version.write) != own.end();
  });
}

void Durability::replaced(std::uint64_t offset, std::uint64_t bytes) {
  const std::uint64_t first = offset / block_bytes_ * block_bytes_;
  blocks_.erase(blocks_.lower_bound(first), blocks_.lower_bound(offset + bytes));
}

void Durability::rotted(std::uint64_t offset, std::byte bits) {
  const auto place = blocks_.find(offset / block_bytes_ * block_bytes_);
  if (place == blocks_.end()) return;
  for (Version& version : place->second) {
    if (!version.executed) continue;
    std::vector<std::byte> bytes(block_bytes_);
    if (version.content != nullptr) bytes = *version.content;
    bytes[offset % block_bytes_] ^= bits;
    version.content = content_of(bytes, 0);
  }
}

Durability::Candidates Durability::candidates_of(const Versions& versions) {
  const auto same = [](const Content& a, const Content& b) {
    return a == b || (a != nullptr && b != nullptr && *a == *b);
  };
  Candidates found;
  for (const bool executed : {true, false}) {
    for (const Version& version : versions) {
      if (version.executed != executed) continue;
      const auto place = std::find_if(found.contents.begin(), found.contents.end(),
                                      [&](const Content& content) { return same(content, version.content); });
      if (executed) found.newest = static_cast<std::size_t>(place - found.contents.begin());
      if (place == found.contents.end()) found.contents.push_back(version.content);
    }
  }
  return found;
}

std::vector<std::uint64_t> Durability::undetermined() const {
  std::vector<std::uint64_t> offsets;
  for (const auto& [offset, versions] : blocks_) {
    if (candidates_of(versions).contents.size() > 1) offsets.push_back(offset);
  }
  return offsets;
}

Durability::Candidates Durability::candidates(std::uint64_t offset) const {
  const auto place = blocks_.find(offset);
  return place == blocks_.end() ? Candidates{{stored(offset)}} : candidates_of(place->second);
}

dmcore::Status Durability::cut(const Choose& choose) {
  for (const auto& [offset, versions] : blocks_) {
    const Candidates found = candidates_of(versions);
    const std::size_t chosen = found.contents.size() == 1 ? 0 : choose(offset, found);
    const Content& kept = found.contents.at(chosen);
    DMCORE_TRY(kept == nullptr ? store_.discard(offset, block_bytes_) : store_.write(offset, *kept));
  }
  blocks_.clear();
  return {};
}

}  // namespace sim
