// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/contract.h"

#include <algorithm>

#include "sim/explore/add_once.h"
#include "sim/explore/mixed.h"

namespace sim::explore {

using Kind = host::IoWitness::Kind;

Contract::Contract(const Alternatives& content, Clone clone)
    : versions_(content.size()), allowed_(content.size()), hashes_(content.size()), clone_(std::move(clone)) {
  for (std::uint32_t sector = 0; sector < content.size(); ++sector) {
    for (const ContentId alternative : content[sector])
      versions_[sector].push_back({.content = alternative, .acknowledged = true, .durable = true});
    allow(sector);
  }
}

bool Contract::Allowed::has(ContentId content) const {
  return anything || std::binary_search(contents.begin(), contents.end(), content);
}

bool Contract::is_stale(std::uint32_t sector, ContentId content) const {
  return sector < clone_.replaced.size() && contains(clone_.replaced[sector], content) &&
         !allowed_[sector].has(content);
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
  std::uint64_t hash = mixed(sector, allowed.anything ? 1 : 0);
  for (const ContentId content : allowed.contents) hash = mixed(hash, content);
  signature_ ^= std::exchange(hashes_[sector], hash) ^ hash;
  if (versions_[sector].size() > 1) {
    open_.insert(sector);
  } else {
    open_.erase(sector);
  }
}

// Before the versions of a sector change.
void Contract::note(std::uint32_t sector) {
  if (journal_ == nullptr || !journal_->on()) return;
  journal_->note([this, sector, before = versions_[sector]] {
    versions_[sector] = before;
    allow(sector);
  });
}

// From when it is submitted on it may be there.
void Contract::begin(const Trace& trace, const Event& event) {
  const Operation& operation = trace.operation(event);
  if (operation.kind == Kind::discard) note_discard(operation);
  const std::uint32_t end = std::min(operation.first + operation.count, sectors());
  for (std::uint32_t sector = operation.first; sector < end; ++sector) {
    note(sector);
    Version version{.operation = event.operation, .begun = event.moment};
    if (operation.kind == Kind::write) {
      version.content = trace.contents(operation)[sector - operation.first];
    } else {
      version.replaces = false;
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
  note(sector);
  std::vector<Version>& versions = versions_[sector];
  std::uint64_t newest_begun = 0;
  for (Version& version : versions) {
    if (!version.replaces || !version.acknowledged) continue;
    if (version.ended < acknowledged_before) version.durable = true;
    if (version.durable) newest_begun = std::max(newest_begun, version.begun);
  }
  std::erase_if(versions, [&](const Version& version) {
    const bool over = version.ended != 0 || version.begun == 0;
    return over && version.ended < newest_begun;
  });
  allow(sector);
}

void Contract::end(const Trace& trace, const Event& event, std::uint64_t begun) {
  const Operation& operation = trace.operation(event);
  const bool acknowledged = event.kind == Event::Kind::acknowledged;
  if (operation.kind == Kind::flush) {
    if (acknowledged) {
      flushed(begun);
    } else {
      flush_failed();
    }
    return;
  }
  const std::uint32_t end = std::min(operation.first + operation.count, sectors());
  bool early = false;
  for (std::uint32_t sector = operation.first; sector < end; ++sector) {
    note(sector);
    bool durable = acknowledged && operation.durable;
    if (durable && ends_before_the_commit(operation, sector)) {
      durable = false;
      early = true;
    }
    for (Version& version : versions_[sector]) {
      if (version.operation != event.operation || version.begun == 0 || version.copy != 0) continue;
      version.ended = event.moment;
      version.acknowledged = acknowledged;
      version.durable = durable;
    }
    if (durable) make_durable(sector, 0);
  }
  if (!early) return;
  ++early_fua_writes_;
  if (journal_ != nullptr) journal_->note([this] { --early_fua_writes_; });
}

// Whether the write has the whole region of the sector, which may not be hydrated, and the destination no
// write cache. Where a write to the region is durable, it is hydrated for good.
bool Contract::ends_before_the_commit(const Operation& write, std::uint32_t sector) const {
  const std::uint32_t size = clone_.region_sectors;
  if (!clone_.early_fua_writes) return false;
  const std::uint32_t first = sector / size * size;
  const std::uint32_t end = first + size;
  // A region at the end of the device that is shorter is never overwritten.
  if (end > sectors() || write.first > first || write.first + write.count < end) return false;
  for (std::uint32_t i = first; i < end; ++i) {
    for (const Version& version : versions_[i]) {
      if (version.durable && version.begun != 0 && version.replaces) return false;
    }
  }
  return true;
}

void Contract::flushed(std::uint64_t begun) {
  const std::vector<std::uint32_t> open(open_.begin(), open_.end());  // make_durable() changes it
  for (const std::uint32_t sector : open) make_durable(sector, begun);
}

// An error of a flush means that what was written before it may be lost: as if those writes had failed.
void Contract::flush_failed() {
  for (const std::uint32_t sector : open_) {
    note(sector);
    for (Version& version : versions_[sector]) {
      if (version.ended != 0 && !version.durable) version.acknowledged = false;
    }
  }
}

void Contract::note_destination_writes() {
  if (journal_ == nullptr || !journal_->on()) return;
  journal_->note([this, before = destination_writes_] { destination_writes_ = before; });
}

void Contract::note_discard(const Operation& operation) {
  const std::uint32_t region = clone_.region_sectors;
  if (!clone_.copies_over_discards) return;
  const std::uint32_t end = std::min(operation.first + operation.count, sectors());
  const std::uint32_t last = end == sectors() ? (end + region - 1) / region : end / region;
  for (std::uint32_t i = (operation.first + region - 1) / region; i < last; ++i) {
    discarded_.insert(i);
    for (const DiskWrite& write : destination_writes_) {
      if (copy_over_discard(write, i)) count_copy_over_discard();
    }
  }
}

void Contract::count_copy_over_discard() {
  ++copies_over_discards_;
  if (journal_ != nullptr) journal_->note([this] { --copies_over_discards_; });
}

// A write of what the source holds to a whole region that was discarded is taken for a copy. False if it is
// none.
bool Contract::copy_over_discard(const DiskWrite& write, std::uint32_t region) {
  const std::uint32_t first = region * clone_.region_sectors;
  const std::uint32_t end = std::min(first + clone_.region_sectors, sectors());
  if (first < write.first || end > write.first + write.contents.size()) return false;
  for (std::uint32_t sector = first; sector < end; ++sector) {
    if (!contains(clone_.source[sector], write.contents[sector - write.first])) return false;
  }
  for (std::uint32_t sector = first; sector < end; ++sector) {
    note(sector);
    versions_[sector].push_back({.content = write.contents[sector - write.first],
                                 .copy = write.write,
                                 .begun = write.begun,
                                 .replaces = false});
    allow(sector);
  }
  return true;
}

void Contract::destination_write_begins(const Trace& trace, const Event& event) {
  const ContentId* contents = trace.contents(event);
  const DiskWrite write{event.write, event.moment, event.first, {contents, contents + event.count}};
  bool found = false;
  for (const std::uint32_t region : discarded_) found = copy_over_discard(write, region) || found;
  if (found) count_copy_over_discard();
  note_destination_writes();
  destination_writes_.push_back(write);
}

void Contract::destination_write_ends(const Event& event) {
  note_destination_writes();
  std::erase_if(destination_writes_, [&](const DiskWrite& write) { return write.write == event.write; });
  for (std::uint32_t sector = event.first; sector < std::min(event.first + event.count, sectors());
       ++sector) {
    note(sector);
    for (Version& version : versions_[sector]) {
      if (version.copy == event.write) version.ended = event.moment;
    }
  }
}

void Contract::apply_to_disk(const Trace& trace, const Event& event) {
  if (!clone_.copies_over_discards || event.disk != clone_.destination) return;
  if (event.kind == Event::Kind::submitted) destination_write_begins(trace, event);
  if (event.kind == Event::Kind::ended || event.kind == Event::Kind::failed) destination_write_ends(event);
}

void Contract::apply(const Trace& trace, const Event& event, const std::string& device) {
  const Operation& operation = trace.operation(event);
  if (operation.device != device) return;
  if (journal_ != nullptr && journal_->on()) {
    journal_->note([this, begun = begun_, discarded = discarded_] {
      begun_ = begun;
      discarded_ = discarded;
    });
  }
  if (event.kind == Event::Kind::begun) {
    begun_[event.operation] = event.moment;
    if (operation.kind != Kind::flush) begin(trace, event);
    return;
  }
  // It may have begun while the device was another one.
  const auto begun = begun_.find(event.operation);
  if (begun == begun_.end()) return;
  end(trace, event, begun->second);
  begun_.erase(begun);
}

}  // namespace sim::explore
