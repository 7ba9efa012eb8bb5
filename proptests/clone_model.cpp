// SPDX-License-Identifier: GPL-2.0-or-later
#include "proptests/clone_model.h"

#include <utility>

namespace proptests {

CloneModel::CloneModel(std::uint64_t sectors, const Value& initial, Value beneath)
    : sectors_(sectors, Sector{.before = {initial}, .in_window = {}, .replaced = {}}),
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

void CloneModel::write(std::uint64_t first, std::uint64_t count, const Value& value, bool background) {
  for (std::uint64_t s = first; s < first + count; ++s) change(sectors_.at(s), {value}, true, background);
}

void CloneModel::discard(std::uint64_t first, std::uint64_t count, bool background) {
  for (std::uint64_t s = first; s < first + count; ++s) {
    change(sectors_.at(s), {"zero", beneath_}, false, background);
  }
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
}

bool CloneModel::allows(std::uint64_t sector, const Value& value, bool background) const {
  const Sector& s = sectors_.at(sector);
  return s.before.contains(value) || s.in_window.contains(value) ||
         (background && s.replaced.contains(value));
}

std::string CloneModel::allowed(std::uint64_t sector, bool background) const {
  const Sector& s = sectors_.at(sector);
  std::string text;
  for (const auto& set : {s.before, s.in_window, background ? s.replaced : std::set<Value>()}) {
    for (const Value& value : set) text += (text.empty() ? "" : " or ") + value;
  }
  return text;
}

}  // namespace proptests
