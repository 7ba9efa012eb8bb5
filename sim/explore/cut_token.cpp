// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/cut_token.h"

#include <fmt/format.h>
#include <span>

#include "sim/explore/token_text.h"
#include "sim/host/sha256.h"

namespace sim::explore {

namespace {

constexpr std::string_view version = "cut1";

bool is_number(std::string_view text) {
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

bool parse_schedule(std::string_view text, Schedule& schedule) {
  if (text == "fifo") return true;
  schedule.kind = Schedule::Kind::random;
  return text.starts_with("random") &&
         parse_number(text.substr(std::string_view("random").size()), schedule.seed);
}

// How blocks tear, and the defects.
bool parse_machine(std::string_view text, CutToken& token) {
  const std::string_view tear = take_until(text, '+');
  const auto how = tear_named(tear);
  if (!how) return false;
  token.tear = *how;
  return parse_special(text, token.defects, token.fixes, token.finds_known_bugs);
}

bool parse_cut(std::string_view text, Cut& cut) {
  std::string_view events = take_until(text, ',');
  if (!parse_number(take_until(events, '~'), cut.event) || cut.event == 0) return false;
  while (!events.empty()) {
    std::string_view range = take_until(events, '~');
    std::uint32_t first = 0;
    if (!parse_number(take_until(range, '-'), first) || first >= cut.event) return false;
    std::uint32_t last = first;
    if (!range.empty() && (!parse_number(range, last) || last < first || last >= cut.event)) return false;
    for (std::uint32_t event = first; event <= last; ++event) cut.missing.push_back(event);
  }
  while (!text.empty()) {
    std::string_view choice = take_until(text, ',');
    BlockChoice& made = cut.choices.emplace_back();
    if (!parse_number(take_until(choice, '.'), made.disk) ||
        !parse_number(take_until(choice, '.'), made.block) || !parse_number(choice, made.candidate))
      return false;
  }
  return true;
}

bool parse_kept(std::string_view text, std::vector<std::uint32_t>& kept) {
  text.remove_prefix(1);  // =
  while (!text.empty()) {
    if (!parse_number(take_until(text, '.'), kept.emplace_back())) return false;
  }
  return true;
}

}  // namespace

std::string scenario_hash(std::string_view text) {
  constexpr std::size_t digits = 12;
  host::Sha256 hash;
  hash.add(std::as_bytes(std::span(text)));
  return hash.finish().substr(0, digits);
}

CutToken token_of(const Violation& violation) {
  CutToken token;
  token.cuts = violation.cuts;
  token.oracle = violation.oracle;
  token.device = violation.device;
  token.sector = violation.sector;
  return token;
}

std::string cuts_text(const CutToken& token) {
  std::string text;
  for (const Cut& cut : token.cuts) {
    text += fmt::format("{}", cut.event);
    for (std::size_t i = 0; i < cut.missing.size();) {
      const std::size_t first = i++;
      while (i < cut.missing.size() && cut.missing[i] == cut.missing[i - 1] + 1) ++i;
      text += fmt::format("~{}", cut.missing[first]);
      if (i > first + 1) text += fmt::format("-{}", cut.missing[i - 1]);
    }
    for (const BlockChoice& choice : cut.choices)
      text += fmt::format(",{}.{}.{}", choice.disk, choice.block, choice.candidate);
    text += ':';
  }
  if (token.cuts.empty()) text += fmt::format("={}:", fmt::join(token.kept, "."));
  text += name_of(token.oracle);
  if (!token.device.empty()) text += fmt::format(":{}:{}", token.sector, token.device);
  return text;
}

bool parse_cuts(std::string_view text, CutToken& token) {
  while (is_number(text)) {
    if (!parse_cut(take_until(text, ':'), token.cuts.emplace_back())) return false;
  }
  const bool kept = text.starts_with('=');
  if (kept && (!token.cuts.empty() || !parse_kept(take_until(text, ':'), token.kept))) return false;
  const std::optional<Oracle> oracle = oracle_named(take_until(text, ':'));
  if (!oracle || token.cuts.empty() != kept || (*oracle == Oracle::expect) != kept) return false;
  token.oracle = *oracle;
  if (text.empty()) return true;
  if (!parse_number(take_until(text, ':'), token.sector) || text.empty()) return false;
  token.device = text;
  return true;
}

std::string to_string(const CutToken& token) {
  const bool fifo = token.schedule.kind == Schedule::Kind::fifo;
  return fmt::format("{}:{}:{}:{}{}:{}", version, token.scenario,
                     fifo ? std::string("fifo") : fmt::format("random{}", token.schedule.seed),
                     name_of(token.tear), special_text(token.defects, token.fixes, token.finds_known_bugs),
                     cuts_text(token));
}

std::optional<CutToken> parse_cut_token(std::string_view text) {
  CutToken token;
  if (take_until(text, ':') != version) return std::nullopt;
  token.scenario = take_until(text, ':');
  if (!parse_schedule(take_until(text, ':'), token.schedule)) return std::nullopt;
  if (!parse_machine(take_until(text, ':'), token)) return std::nullopt;
  if (!parse_cuts(text, token)) return std::nullopt;
  return token;
}

}  // namespace sim::explore
