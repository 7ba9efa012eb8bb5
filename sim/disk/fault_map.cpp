// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/disk/fault_map.h"

#include <algorithm>

#include "sim/disk/write_fate.h"

namespace sim {

namespace {

// What of `bad` is not in `written`.
std::vector<SectorRange> without(const std::vector<SectorRange>& bad, const SectorRange& written) {
  std::vector<SectorRange> left;
  for (const SectorRange& range : bad) {
    if (range.first < written.first)
      left.push_back({range.first, std::min(range.end(), written.first) - range.first});
    if (range.end() > written.end()) {
      const dmcore::sector_t first = std::max(range.first, written.end());
      left.push_back({first, range.end() - first});
    }
  }
  return left;
}

}  // namespace

FaultMap::FaultMap(std::span<const Fault> faults) {
  for (const Fault& fault : faults) add(fault);
}

void FaultMap::add(const Fault& fault) {
  Entry entry{fault.what, fault.hits_max};
  if (const auto* error = std::get_if<Fault::ReadError>(&fault.what)) entry.bad.push_back(error->where);
  entries_.push_back(std::move(entry));
}

void FaultMap::add(dmcore::sector_t first, dmcore::sector_t count, Fails what) {
  if (what != Fails::writes) add({Fault::ReadError{{first, count}}});
  if (what != Fails::reads) add({Fault::WriteError{{first, count}}});
}

void FaultMap::fail_flushes(bool fail) {
  std::erase_if(entries_,
                [](const Entry& entry) { return std::holds_alternative<Fault::FlushError>(entry.what); });
  if (fail) add({Fault::FlushError{}});
}

Expectation FaultMap::expectation() const {
  Expectation all;
  for (const Entry& entry : entries_) {
    if (entry.hits_left != 0) all |= expectation_of({entry.what});
  }
  return all;
}

Fate FaultMap::fate_of_read(const Ranges& ranges) {
  for (Entry& entry : entries_) {
    const bool hit =
        entry.hits_left != 0 && std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
          return std::any_of(entry.bad.begin(), entry.bad.end(),
                             [&](const SectorRange& bad) { return bad.overlaps(sectors_of(range)); });
        });
    if (!hit) continue;
    if (entry.hits_left != Fault::always) --entry.hits_left;
    return {.error = Fate::Error::before};
  }
  return {};
}

Fate FaultMap::fate_of_write(Ranges ranges, const Medium& medium) {
  WriteFate fate(std::move(ranges), medium);
  for (Entry& entry : entries_) {
    if (fate.failed()) break;
    if (entry.hits_left == 0) continue;
    const bool hit = std::visit([&](const auto& what) { return fate.act(what); }, entry.what);
    if (hit && entry.hits_left != Fault::always) --entry.hits_left;
  }
  return fate.take();
}

FaultMap::Flush FaultMap::fate_of_flush() {
  for (Entry& entry : entries_) {
    const bool fails = std::holds_alternative<Fault::FlushError>(entry.what);
    if (entry.hits_left == 0 || !(fails || std::holds_alternative<Fault::Lies>(entry.what))) continue;
    if (entry.hits_left != Fault::always) --entry.hits_left;
    return fails ? Flush::fails : Flush::lies;
  }
  return Flush::works;
}

void FaultMap::written(const MediaObserver::Range& range) {
  for (Entry& entry : entries_) {
    if (!entry.bad.empty()) entry.bad = without(entry.bad, sectors_of(range));
  }
}

std::optional<dmcore::Time> FaultMap::silent_until(dmcore::Time now) const {
  for (const Entry& entry : entries_) {
    const auto* silent = std::get_if<Fault::Silent>(&entry.what);
    if (silent != nullptr && silent->from <= now && now < silent->to) return silent->to;
  }
  return std::nullopt;
}

std::vector<Fault::BitRot> FaultMap::take_rot(dmcore::Time now) {
  std::vector<Fault::BitRot> due;
  for (Entry& entry : entries_) {
    const auto* rot = std::get_if<Fault::BitRot>(&entry.what);
    if (rot == nullptr || entry.hits_left == 0 || rot->at > now) continue;
    entry.hits_left = 0;
    due.push_back(*rot);
  }
  return due;
}

std::optional<dmcore::Time> FaultMap::next_rot() const {
  std::optional<dmcore::Time> next;
  for (const Entry& entry : entries_) {
    const auto* rot = std::get_if<Fault::BitRot>(&entry.what);
    if (rot != nullptr && entry.hits_left != 0 && (!next || rot->at < *next)) next = rot->at;
  }
  return next;
}

}  // namespace sim
