// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/disk/durability.h"

#include <algorithm>

#include "dmcore/kernel/memory.h"

namespace sim {

template <class Use>
void Durability::for_each_block(const Range& range, Use use) const {
  for (std::uint64_t at = 0; at < range.bytes; at += block_bytes_) use(range.offset + at, at);
}

Durability::Content Durability::content_of(std::span<const std::byte> data) {
  return dmcore::all_zero(data) ? Content() : Content(data);
}

Durability::Content Durability::written(const Range& range, std::uint64_t at) const {
  return range.data.empty() ? Content() : content_of(range.data.subspan(at, block_bytes_));
}

Durability::Content Durability::stored(std::uint64_t offset) const {
  std::vector<std::byte> bytes(block_bytes_);
  // What cannot be read is not known to be anything; the disk's own reads of it fail as well.
  if (!store_.read(offset, bytes).ok()) return {};
  return content_of(bytes);
}

Durability::History& Durability::history(std::uint64_t offset) {
  const auto place = blocks_.lower_bound(offset);
  if (place != blocks_.end() && place->first == offset) return place->second;
  return blocks_.emplace_hint(place, offset, History(stored(offset)))->second;
}

void Durability::submitted(WriteId write, const Range& range) {
  for_each_block(range, [&](std::uint64_t block, std::uint64_t at) {
    history(block).submitted(write, written(range, at));
  });
}

void Durability::executed(WriteId write, const Range& range) {
  for_each_block(range, [&](std::uint64_t block, std::uint64_t at) {
    history(block).executed(write, written(range, at));
  });
}

void Durability::ended(WriteId write, const Range& range, bool failed) {
  const Moment moment = ++moment_;
  for_each_block(range, [&](std::uint64_t block, std::uint64_t) {
    const auto place = blocks_.find(block);
    if (place != blocks_.end())
      place->second.ended(write, failed, moment);  // else: durable since its own flush
  });
  if (!volatile_cache_ && !failed)
    flush([&](const History::Version& version) { return version.write == write; });
}

template <class Covers>
void Durability::flush(Covers covers) {
  for (auto place = blocks_.begin(); place != blocks_.end();) {
    place->second.flushed(covers);
    place = place->second.settled() ? blocks_.erase(place) : std::next(place);
  }
}

void Durability::flushed(Moment submitted, std::span<const WriteId> own) {
  flush([&](const History::Version& version) { return History::covered(version, submitted, own); });
}

void Durability::replaced(std::uint64_t offset, std::uint64_t bytes) {
  const std::uint64_t first = offset / block_bytes_ * block_bytes_;
  blocks_.erase(blocks_.lower_bound(first), blocks_.lower_bound(offset + bytes));
}

void Durability::rotted(std::uint64_t offset, std::byte bits) {
  const auto place = blocks_.find(offset / block_bytes_ * block_bytes_);
  if (place == blocks_.end()) return;
  place->second.change_executed([&](const Content& content) {
    std::vector<std::byte> bytes(block_bytes_);
    if (!content.zero()) std::copy(content.bytes().begin(), content.bytes().end(), bytes.begin());
    bytes[offset % block_bytes_] ^= bits;
    return content_of(bytes);
  });
}

std::vector<std::uint64_t> Durability::undetermined() const {
  std::vector<std::uint64_t> offsets;
  for (const auto& [offset, history] : blocks_) {
    if (history.candidates().contents.size() > 1) offsets.push_back(offset);
  }
  return offsets;
}

Durability::Candidates Durability::candidates(std::uint64_t offset) const {
  const auto place = blocks_.find(offset);
  return place == blocks_.end() ? Candidates{{stored(offset)}} : place->second.candidates();
}

dmcore::Status Durability::cut(const Choose& choose) {
  for (const auto& [offset, history] : blocks_) {
    const Candidates found = history.candidates();
    const std::size_t chosen = found.contents.size() == 1 ? 0 : choose(offset, found);
    const Content& kept = found.contents.at(chosen);
    DMCORE_TRY(kept.zero() ? store_.discard(offset, block_bytes_) : store_.write(offset, kept.bytes()));
  }
  blocks_.clear();
  return {};
}

}  // namespace sim
