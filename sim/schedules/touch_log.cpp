// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/touch_log.h"

namespace sim::schedules {

void TouchLog::clear() {
  touches_.clear();
  parts_.clear();
  objects_.clear();
}

std::uint32_t TouchLog::find(const dmcore::Access& access) const {
  const auto object = objects_.find(access.object);
  if (object == objects_.end()) return none;
  std::uint32_t place = object->second;
  while (place != none && (parts_[place].first != access.part || parts_[place].parts != access.parts))
    place = parts_[place].next;
  return place;
}

void TouchLog::add(const dmcore::Access& access, Number step) {
  if (access.kind == dmcore::AccessKind::none) return;
  std::uint32_t place = find(access);
  if (place == none) {
    place = static_cast<std::uint32_t>(parts_.size());
    const auto [object, is_new] = objects_.try_emplace(access.object, place);
    parts_.push_back({access.part, access.parts, none, is_new ? none : object->second});
    object->second = place;
  }
  Part& part = parts_[place];
  touches_.push_back({step, access.kind, place, part.last});
  part.last = static_cast<std::uint32_t>(touches_.size() - 1);
}

// Parts that nothing touches any more stay: most will be touched again.
void TouchLog::back_to(std::size_t size) {
  for (; touches_.size() > size; touches_.pop_back())
    parts_[touches_.back().place].last = touches_.back().before;
}

}  // namespace sim::schedules
