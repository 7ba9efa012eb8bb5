// SPDX-License-Identifier: GPL-2.0-or-later
#include "proptests/clone_model.h"

#include <algorithm>
#include <utility>

namespace proptests {

CloneModel::CloneModel(Geometry geometry, Value source, Value beneath)
    : geometry_(geometry),
      sectors_(geometry.sectors, Sector{.before = {source}, .in_window = {}, .replaced = {}}),
      regions_((geometry.sectors + geometry.region_sectors - 1) / geometry.region_sectors),
      source_(std::move(source)),
      beneath_(std::move(beneath)) {}

void CloneModel::change(Sector& sector, const std::set<Value>& values, bool replaces, bool background) {
  if (!background && !sector.in_flight) {
    if (replaces) sector.replaced.merge(sector.before);
    if (replaces) sector.before.clear();
    sector.before.insert(values.begin(), values.end());
    return;
  }
  sector.in_flight = true;
  sector.in_window.insert(values.begin(), values.end());
  // A later write does not make up for a discard: in the window they may come in any order.
  sector.all_written = sector.all_written && replaces;
}

bool CloneModel::may_be_copied(const Region& region) const {
  return !region.hydrated && (region.written_in_background || copies_in_flight_);
}

void CloneModel::find_discards_under_copies() {
  for (Region& region : regions_) {
    if (region.discarded && may_be_copied(region)) region.discarded_under_copy = true;
  }
}

void CloneModel::write(std::uint64_t first, std::uint64_t count, const Value& value, bool background) {
  for (std::uint64_t s = first; s < first + count; ++s) change(sectors_.at(s), {value}, true, background);
  const std::uint64_t size = geometry_.region_sectors;
  for (std::uint64_t index = first / size; index * size < first + count; ++index) {
    Region& region = regions_.at(index);
    if (background) {
      // A write of a whole region is itself what hydrates it: nothing is copied.
      const bool whole = first <= index * size && (index + 1) * size <= first + count;
      region.written_in_background = region.written_in_background || !whole;
    } else if (!region.discarded_under_copy) {
      region.hydrated = true;  // or else the write would not have ended
    }
  }
  find_discards_under_copies();
}

void CloneModel::discard(std::uint64_t first, std::uint64_t count, bool background) {
  for (std::uint64_t s = first; s < first + count; ++s) {
    change(sectors_.at(s), {"zero", beneath_}, false, background);
  }
  // Of regions that are discarded in part, the target takes no notice.
  const std::uint64_t size = geometry_.region_sectors;
  for (std::uint64_t index = (first + size - 1) / size; (index + 1) * size <= first + count; ++index) {
    Region& region = regions_.at(index);
    region.discard_in_flight = region.discard_in_flight || background;
    if (background || may_be_copied(region)) {
      region.discarded = true;
    } else {
      region.hydrated = true;
    }
  }
  find_discards_under_copies();
}

void CloneModel::hydrate(bool on) {
  hydrates_ = on;
  copies_in_flight_ = copies_in_flight_ || on;
  find_discards_under_copies();
}

// Of a region that was discarded, and is no longer being copied: it is hydrated, and each sector is what the
// discard and later writes made of it or, under the exception, what the copy left.
void CloneModel::settle(std::uint64_t index) {
  Region& region = regions_.at(index);
  if (!region.discarded || region.discard_in_flight || may_be_copied(region)) return;
  if (region.discarded_under_copy) {
    const std::uint64_t first = index * geometry_.region_sectors;
    for (std::uint64_t s = first; s < first + geometry_.region_sectors; ++s) {
      Sector& sector = sectors_.at(s);
      (sector.in_flight ? sector.in_window : sector.before).insert(source_);
    }
  }
  region = {.hydrated = true};
}

void CloneModel::wait() {
  for (Sector& sector : sectors_) {
    sector.replaced.clear();
    if (!sector.in_flight) continue;
    if (!sector.all_written) sector.in_window.insert(sector.before.begin(), sector.before.end());
    sector.before = std::exchange(sector.in_window, {});
    sector.in_flight = false;
    sector.all_written = true;
  }
  for (std::uint64_t index = 0; index < regions_.size(); ++index) {
    Region& region = regions_[index];
    if (region.written_in_background && !region.discarded) region.hydrated = true;
    region.written_in_background = false;
    region.discard_in_flight = false;
    settle(index);
  }
}

void CloneModel::copies_ended() {
  copies_in_flight_ = false;
  for (std::uint64_t index = 0; index < regions_.size(); ++index) settle(index);
  copies_in_flight_ = hydrates_;
}

bool CloneModel::allows(std::uint64_t sector, const Value& value, bool background) const {
  const Sector& s = sectors_.at(sector);
  return s.before.contains(value) || s.in_window.contains(value) ||
         (background && s.replaced.contains(value)) ||
         (region_of(sector).discarded_under_copy && value == source_);
}

std::string CloneModel::allowed(std::uint64_t sector, bool background) const {
  const Sector& s = sectors_.at(sector);
  std::string text;
  for (const auto& set : {s.before, s.in_window, background ? s.replaced : std::set<Value>()}) {
    for (const Value& value : set) text += (text.empty() ? "" : " or ") + value;
  }
  if (region_of(sector).discarded_under_copy) text += " or, discarded under a copy, " + source_;
  return text;
}

}  // namespace proptests
