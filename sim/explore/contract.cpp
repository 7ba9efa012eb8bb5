// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/contract.h"

#include <algorithm>

#include "sim/explore/add_once.h"

namespace sim::explore {

using Kind = host::IoWitness::Kind;

Contract::Contract(const Alternatives& content, Clone clone)
    : versions_(content.size()), allowed_(content.size()), clone_(std::move(clone)) {
  for (std::uint32_t sector = 0; sector < content.size(); ++sector) {
    for (const ContentId alternative : content[sector])
      versions_[sector].push_back({.content = alternative, .acknowledged = true, .durable = true});
    allow(sector);
  }
}

bool Contract::Allowed::has(ContentId content) const {
  return anything || std::binary_search(contents.begin(), contents.end(), content);
}

void Contract::allow(std::uint32_t sector) {
  Allowed& allowed = allowed_[sector];
  allowed = {};
  changed_.push_back(sector);
  for (const Version& version : versions_[sector]) {
    allowed.anything = allowed.anything || version.anything;
    allowed.contents.push_back(version.content);
  }
  std::sort(allowed.contents.begin(), allowed.contents.end());
  allowed.contents.erase(std::unique(allowed.contents.begin(), allowed.contents.end()),
                         allowed.contents.end());
  if (versions_[sector].size() > 1) {
    open_.insert(sector);
  } else {
    open_.erase(sector);
  }
}

// From when it is submitted on it may be there.
void Contract::begin(const Trace& trace, const Event& event) {
  const Operation& operation = trace.operation(event);
  if (operation.kind == Kind::discard) note_discard(operation);
  const std::uint32_t end = std::min(operation.first + operation.count, sectors());
  for (std::uint32_t sector = operation.first; sector < end; ++sector) {
    Version version{.operation = event.operation, .begun = event.moment};
    if (operation.kind == Kind::write) {
      version.content = trace.contents(operation)[sector - operation.first];
    } else {
      version.discard = true;
      version.anything = sector >= clone_.beneath.size();
      for (std::size_t i = 0; !version.anything && i < clone_.beneath[sector].size(); ++i) {
        version.content = clone_.beneath[sector][i];
        versions_[sector].push_back(version);
      }
      version.content = Contents::zeroes;
    }
    versions_[sector].push_back(version);
    allow(sector);
  }
}

// Writes that were acknowledged before that moment are durable now; what ended before one of them began is
// gone.
void Contract::make_durable(std::uint32_t sector, std::uint64_t acknowledged_before) {
  std::vector<Version>& versions = versions_[sector];
  std::uint64_t newest_begun = 0;
  for (Version& version : versions) {
    if (version.discard || !version.acknowledged) continue;
    if (version.ended < acknowledged_before) version.durable = true;
    if (version.durable) newest_begun = std::max(newest_begun, version.begun);
  }
  std::erase_if(versions, [&](const Version& version) {
    const bool over = version.ended != 0 || version.begun == 0;
    return over && version.ended < newest_begun;
  });
  allow(sector);
}

void Contract::end(const Trace& trace, const Event& event) {
  const Operation& operation = trace.operation(event);
  const bool acknowledged = event.kind == Event::Kind::acknowledged;
  if (operation.kind == Kind::flush) {
    if (!acknowledged) return;
    const std::vector<std::uint32_t> open(open_.begin(), open_.end());
    for (const std::uint32_t sector : open) make_durable(sector, begun_[event.operation]);
    return;
  }
  const std::uint32_t end = std::min(operation.first + operation.count, sectors());
  for (std::uint32_t sector = operation.first; sector < end; ++sector) {
    for (Version& version : versions_[sector]) {
      if (version.operation != event.operation || version.begun == 0) continue;
      version.ended = event.moment;
      version.acknowledged = acknowledged;
      version.durable = acknowledged && operation.durable;
    }
    if (acknowledged && operation.durable) make_durable(sector, 0);
  }
  if (!acknowledged || !operation.durable) return;
  // It was followed by a flush, which began after it.
  const std::vector<std::uint32_t> open(open_.begin(), open_.end());
  for (const std::uint32_t sector : open) make_durable(sector, begun_[event.operation]);
}

void Contract::note_discard(const Operation& operation) {
  const std::uint32_t region = clone_.region_sectors;
  if (region == 0) return;
  const std::uint32_t end = std::min(operation.first + operation.count, sectors());
  const std::uint32_t last = end == sectors() ? (end + region - 1) / region : end / region;
  for (std::uint32_t i = (operation.first + region - 1) / region; i < last; ++i) discarded_.insert(i);
}

// A write of what the source holds to a whole region that was discarded before is a copy that was under way.
bool Contract::apply_to_disk(const Trace& trace, const Event& event) {
  if (discarded_.empty() || event.disk != clone_.destination) return false;
  const auto number = [](std::size_t place) { return ~static_cast<std::uint32_t>(place); };
  if (event.kind == Event::Kind::ended || event.kind == Event::Kind::failed) {
    const auto copy = std::find(late_copies_.begin(), late_copies_.end(), event.write);
    if (copy == late_copies_.end()) return false;
    const std::uint32_t operation = number(static_cast<std::size_t>(copy - late_copies_.begin()));
    for (std::uint32_t sector = event.first; sector < std::min(event.first + event.count, sectors());
         ++sector) {
      for (Version& version : versions_[sector]) {
        if (version.operation == operation && version.begun != 0) version.ended = event.moment;
      }
    }
    return true;
  }
  if (event.kind != Event::Kind::submitted) return false;
  bool found = false;
  const std::uint32_t end = std::min(event.first + event.count, sectors());
  for (const std::uint32_t region : discarded_) {
    const std::uint32_t first = region * clone_.region_sectors;
    const std::uint32_t behind = std::min(first + clone_.region_sectors, sectors());
    if (first < event.first || behind > end) continue;
    const auto is_sources = [&](std::uint32_t sector) {
      return contains(clone_.source[sector], trace.contents(event)[sector - event.first]);
    };
    bool copy = true;
    for (std::uint32_t sector = first; sector < behind; ++sector) copy = copy && is_sources(sector);
    if (!copy) continue;
    if (!found) late_copies_.push_back(event.write);
    found = true;
    for (std::uint32_t sector = first; sector < behind; ++sector) {
      versions_[sector].push_back({.content = trace.contents(event)[sector - event.first],
                                   .operation = number(late_copies_.size() - 1),
                                   .begun = event.moment,
                                   .discard = true});
      allow(sector);
    }
  }
  return found;
}

bool Contract::apply(const Trace& trace, const Event& event, const std::string& device) {
  if (event.kind != Event::Kind::begun && event.kind != Event::Kind::acknowledged &&
      event.kind != Event::Kind::refused)
    return false;
  const Operation& operation = trace.operation(event);
  if (operation.device != device) return false;
  if (event.kind == Event::Kind::begun) {
    if (begun_.size() <= event.operation) begun_.resize(event.operation + 1);
    begun_[event.operation] = event.moment;
    if (operation.kind != Kind::flush) begin(trace, event);
  } else {
    end(trace, event);
  }
  return true;
}

}  // namespace sim::explore
