// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/deviations.h"

#include <charconv>
#include <fmt/format.h>

namespace sim::schedules {

namespace {

constexpr int hexadecimal = 16;

// Takes a number off, and what must follow it, if that is not empty.
template <class Number>
bool take(std::string_view& text, Number& number, std::string_view then, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.starts_with(then)) return false;
  text.remove_prefix(then.size());
  return true;
}

}  // namespace

ShortLineage short_lineage(dmcore::Lineage lineage) {
  constexpr unsigned half = 32;
  return static_cast<ShortLineage>(lineage >> half);
}

std::string to_string(const Deviation& deviation) {
  const std::string waited = deviation.waited == 0 ? "" : fmt::format("+{}", deviation.waited);
  return fmt::format("{:x}.{}{}-{:x}", deviation.instead_of, deviation.step, waited, deviation.goes);
}

std::optional<Deviation> parse_deviation(std::string_view text) {
  Deviation deviation;
  if (!take(text, deviation.instead_of, ".", hexadecimal) || !take(text, deviation.step, ""))
    return std::nullopt;
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (!take(text, deviation.waited, "") || deviation.waited == 0) return std::nullopt;
  }
  if (!text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  if (!take(text, deviation.goes, "", hexadecimal) || !text.empty()) return std::nullopt;
  return deviation;
}

Deviation Places::next(const Situation& situation, std::size_t chosen) {
  const Choice& first = situation.choices.front();
  const ShortLineage instead_of = short_lineage(first.lineage);
  return {instead_of, first.steps, waited_[{instead_of, first.steps}]++,
          short_lineage(situation.choices[chosen].lineage)};
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
