// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/schedule_token.h"

#include <fmt/format.h>

#include "sim/explore/token_text.h"

namespace sim::schedules {

using explore::take_until;

namespace {

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

}  // namespace

std::string to_string(const ScheduleToken& token) {
  std::string text = fmt::format("{}:{}:{}{}:{}", token_version, token.scenario, to_string(token.wants),
                                 explore::special_text(token.defects, token.fixes, token.finds_known_bugs),
                                 name_of(token.oracle));
  if (!token.device.empty()) text += fmt::format("/{}", token.device);
  char separator = ':';
  for (const Deviation& deviation : token.deviations) {
    text += separator + to_string(deviation);
    separator = ',';
  }
  if (!token.cuts) return text;
  if (token.deviations.empty()) text += ':';
  return text + fmt::format(":{}:{}", name_of(token.cuts->tear), cuts_text(*token.cuts));
}

std::optional<ScheduleToken> parse_schedule_token(std::string_view text) {
  ScheduleToken token;
  if (take_until(text, ':') != token_version) return std::nullopt;
  token.scenario = take_until(text, ':');
  std::string_view machine = take_until(text, ':');
  if (!parse_wants(take_until(machine, '+'), token.wants) ||
      !explore::parse_special(machine, token.defects, token.fixes, token.finds_known_bugs))
    return std::nullopt;
  std::string_view what = take_until(text, ':');
  const std::optional<Oracle> oracle = oracle_named(take_until(what, '/'));
  if (!oracle) return std::nullopt;
  token.oracle = *oracle;
  token.device = what;
  std::string_view deviations = take_until(text, ':');
  while (!deviations.empty()) {
    const std::optional<Deviation> deviation = parse_deviation(take_until(deviations, ','));
    if (!deviation) return std::nullopt;
    token.deviations.push_back(*deviation);
  }
  if ((token.oracle == Oracle::cut) != !text.empty()) return std::nullopt;
  if (text.empty()) return token;
  const std::optional<explore::Tear> tear = explore::tear_named(take_until(text, ':'));
  if (!tear || !explore::parse_cuts(text, token.cuts.emplace())) return std::nullopt;
  token.cuts->tear = *tear;
  if (token.cuts->cuts.empty() || token.cuts->device != token.device) return std::nullopt;
  return token;
}

}  // namespace sim::schedules
