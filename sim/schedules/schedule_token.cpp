// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/schedule_token.h"

#include <fmt/format.h>

#include "sim/defects/catalogue.h"

namespace sim::schedules {

namespace {

// The text up to the next separator, which is taken off with it.
std::string_view take_until(std::string_view& text, char separator) {
  const std::string_view word = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  return word;
}

std::string to_string(const Wants& wants) {
  std::string text;
  if (wants.every_step) text += 'e';
  if (wants.time) text += 't';
  if (wants.disk_order) text += 'd';
  if (wants.parallel_work) text += 'p';
  return text;
}

bool parse_wants(std::string_view text, Wants& wants) {
  for (const char letter : text) {
    if (letter == 'e') {
      wants.every_step = true;
    } else if (letter == 't') {
      wants.time = true;
    } else if (letter == 'd') {
      wants.disk_order = true;
    } else if (letter == 'p') {
      wants.parallel_work = true;
    } else {
      return false;
    }
  }
  return true;
}

// What the schedule may choose, and the defects.
bool parse_machine(std::string_view text, ScheduleToken& token) {
  if (!parse_wants(take_until(text, '+'), token.wants)) return false;
  while (!text.empty()) {
    const std::optional<dmcore::Defect> defect = defect_named(take_until(text, '+'));
    if (!defect) return false;
    token.defects.put_in(*defect);
  }
  return true;
}

}  // namespace

std::string to_string(const ScheduleToken& token) {
  std::string defects = defect_names(token.defects, "+");
  if (!defects.empty()) defects.insert(0, "+");
  std::string text = fmt::format("{}:{}:{}{}:{}", token_version, token.scenario, to_string(token.wants),
                                 defects, name_of(token.oracle));
  if (!token.device.empty()) text += fmt::format("/{}", token.device);
  char separator = ':';
  for (const Deviation& deviation : token.deviations) {
    text += separator + to_string(deviation);
    separator = ',';
  }
  return text;
}

std::optional<ScheduleToken> parse_schedule_token(std::string_view text) {
  ScheduleToken token;
  if (take_until(text, ':') != token_version) return std::nullopt;
  token.scenario = take_until(text, ':');
  if (!parse_machine(take_until(text, ':'), token)) return std::nullopt;
  std::string_view what = take_until(text, ':');
  const std::optional<Oracle> oracle = oracle_named(take_until(what, '/'));
  if (!oracle) return std::nullopt;
  token.oracle = *oracle;
  token.device = what;
  while (!text.empty()) {
    const std::optional<Deviation> deviation = parse_deviation(take_until(text, ','));
    if (!deviation) return std::nullopt;
    token.deviations.push_back(*deviation);
  }
  return token;
}

}  // namespace sim::schedules
