// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/few_deviations.h"

#include <fmt/format.h>
#include <utility>

#include "sim/explore/mixed.h"

namespace sim::schedules {

bool FewDeviations::begin() {
  // The first run has none.
  if (begun_) {
    while (!waiting_.empty() && waiting_.front().next.empty()) waiting_.pop_front();
    if (waiting_.empty()) return false;
    Waiting& first = waiting_.front();
    deviations_ = first.deviations;
    deviations_.push_back(first.next.front());
    first.next.pop_front();
    --deviations_waiting_;
  }
  begun_ = true;
  followed_ = 0;
  others_.clear();
  places_.clear();
  return true;
}

std::size_t FewDeviations::choose(const Situation& situation) {
  if (situation.choices.size() == 1) return 0;
  Deviation place = places_.next(situation, 0);
  if (followed_ < deviations_.size()) {
    const Deviation& deviation = deviations_[followed_];
    place.goes = deviation.goes;
    if (place != deviation) return 0;
    ++followed_;
    for (std::size_t i = 1; i < situation.choices.size(); ++i) {
      if (short_lineage(situation.choices[i].lineage) == deviation.goes) return i;
    }
    return 0;
  }
  for (std::size_t i = 1; i < situation.choices.size(); ++i) {
    // What comes again and again whatever happens would come at every step.
    if (situation.choices[i].housekeeping) continue;
    place.goes = short_lineage(situation.choices[i].lineage);
    others_.push_back(place);
  }
  return 0;
}

// What could follow the run without deviations.
void FewDeviations::divide() {
  listed_ = true;
  std::deque<Deviation> mine;
  for (const Deviation& deviation : others_) {
    for (const std::uint32_t word : {deviation.instead_of, deviation.step, deviation.waited, deviation.goes})
      first_hash_ = explore::mixed(first_hash_, word);
    if (part_.has(first_count_++)) mine.push_back(deviation);
  }
  others_ = std::move(mine);
}

std::string FewDeviations::divided() const {
  return fmt::format("{}-{:016x}", first_count_, first_hash_);
}

void FewDeviations::end() {
  if (!listed_) divide();
  if (deviations_.size() == most_ || others_.empty()) return;
  if (deviations_waiting_ + others_.size() > waiting_max) {
    left_out_ = true;
    return;
  }
  deviations_waiting_ += others_.size();
  waiting_.push_back({std::move(deviations_), std::move(others_)});
}

}  // namespace sim::schedules
