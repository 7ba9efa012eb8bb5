// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/deviations.h"

#include <fmt/format.h>

#include "sim/explore/token_text.h"

namespace sim::schedules {

using explore::parse_number;
using explore::take_until;

ShortLineage short_lineage(dmcore::Lineage lineage) {
  constexpr unsigned half = 32;
  return static_cast<ShortLineage>(lineage >> half);
}

std::string to_string(const Deviation& deviation) {
  const std::string waited = deviation.waited == 0 ? "" : fmt::format("+{}", deviation.waited);
  return fmt::format("{:x}.{}{}-{:x}", deviation.instead_of, deviation.step, waited, deviation.goes);
}

std::optional<Deviation> parse_deviation(std::string_view text) {
  constexpr int hexadecimal = 16;
  Deviation deviation;
  if (!parse_number(take_until(text, '.'), deviation.instead_of, hexadecimal)) return std::nullopt;
  std::string_view place = take_until(text, '-');
  const bool waited = place.find('+') != std::string_view::npos;
  if (!parse_number(take_until(place, '+'), deviation.step)) return std::nullopt;
  if (waited && (!parse_number(place, deviation.waited) || deviation.waited == 0)) return std::nullopt;
  if (!parse_number(text, deviation.goes, hexadecimal)) return std::nullopt;
  return deviation;
}

Deviation Places::next(dmcore::Lineage first, std::uint32_t steps, dmcore::Lineage goes) {
  const ShortLineage instead_of = short_lineage(first);
  return {instead_of, steps, waited_[{instead_of, steps}]++, short_lineage(goes)};
}

Deviating::Deviating(const std::vector<Deviation>& deviations, Wants wants) : wants_(wants) {
  for (const Deviation& deviation : deviations)
    deviations_[{deviation.instead_of, deviation.step, deviation.waited}] = deviation.goes;
}

bool Deviating::begin() {
  places_.clear();
  return true;
}

std::size_t Deviating::choose(const Situation& situation) {
  if (situation.choices.size() == 1) return 0;
  const Deviation place = places_.next(situation, 0);
  const auto found = deviations_.find({place.instead_of, place.step, place.waited});
  if (found == deviations_.end()) return 0;
  for (std::size_t i = 0; i < situation.choices.size(); ++i) {
    if (short_lineage(situation.choices[i].lineage) == found->second) return i;
  }
  return 0;
}

}  // namespace sim::schedules
