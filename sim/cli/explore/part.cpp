// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/explore/part.h"

#include <fmt/format.h>
#include <map>
#include <utility>

#include "sim/cli/failure.h"
#include "sim/cli/json_line.h"
#include "sim/cli/text_file.h"
#include "sim/cli/version.h"
#include "sim/explore/cut_token.h"
#include "sim/explore/token_text.h"
#include "sim/text/printable.h"

namespace sim::cli {

using explore::parse_number;
using explore::scenario_hash;
using explore::take_until;
using explore::Verdict;

namespace {

constexpr std::string_view part_version = "part1";
constexpr std::string_view result_format = "dmsim explore part 1";

// Two builds of one version need not do the same.
std::string program_hash() {
  try {
    return scenario_hash(read_text_file("/proc/self/exe"));
  } catch (const Mistake&) {
    return scenario_hash(version());
  }
}

Json as_json(const PartResult::Found& found) {
  const ExploredCase& explored = found.explored;
  return {{"scenario", found.name},   {"summary", explored.summary},
          {"report", explored.story}, {"shortest", explored.scenario},
          {"token", explored.token},  {"interleaving", explored.interleaving}};
}

PartResult::Found found_of(const Json& saved) {
  PartResult::Found found{.name = saved.at("scenario"), .explored = {}};
  found.explored.verdict = Verdict::found;
  found.explored.summary = saved.at("summary");
  found.explored.story = saved.at("report");
  found.explored.scenario = saved.at("shortest");
  found.explored.token = saved.at("token");
  found.explored.interleaving = saved.at("interleaving");
  return found;
}

}  // namespace

std::string to_string(const ExplorePart& part) {
  std::string text = fmt::format("{}:{}/{}:{}", part_version, part.shard.index, part.shard.count, part.of);
  if (!part.divided.empty()) text += ":" + part.divided;
  return text;
}

std::optional<ExplorePart> parse_explore_part(std::string_view text) {
  ExplorePart part;
  if (take_until(text, ':') != part_version) return std::nullopt;
  std::string_view shard = take_until(text, ':');
  if (!parse_number(take_until(shard, '/'), part.shard.index) || !parse_number(shard, part.shard.count) ||
      part.shard.index == 0 || part.shard.index > part.shard.count)
    return std::nullopt;
  part.of = take_until(text, ':');
  part.divided = text;
  if (part.of.empty()) return std::nullopt;
  return part;
}

ExplorePart whole_exploration(const ExploreCases::Request& request, const ExploreKind& kind) {
  const ExploreCases cases(request);
  // Files may have other names elsewhere.
  std::string of = fmt::format("{}\n{}\n{}", kind.name(), kind.bounds(),
                               cases.generated() ? cases.identity() : fmt::format("{}", request.seed));
  for (const std::string& file : request.files) of += "\n" + scenario_hash(read_text_file(file));
  ExplorePart part{.shard = {}, .of = fmt::format("{}-{}", program_hash(), scenario_hash(of)), .divided = {}};
  if (cases.size() == 1) {
    part.divided = kind.divided({.name = cases.name(0), .text = cases.text(0), .seed = cases.seed(0)});
  }
  return part;
}

void write_part_result(const std::string& path, const PartResult& result, const ExploreKind& kind) {
  Json saved = {{"format", result_format},     {"kind", result.kind},
                {"bounds", result.bounds},     {"part", to_string(result.part)},
                {"complete", result.complete}, {"cases", result.tally.cases}};
  const std::vector<std::string> names = kind.counts();
  for (std::size_t i = 0; i < names.size(); ++i) saved["counts"][names[i]] = result.tally.counts[i];
  saved["found"] = Json::array();
  for (const PartResult::Found& found : result.found) saved["found"].push_back(as_json(found));
  write_complete_file(path, saved.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

PartResult read_part_result(const std::string& path) {
  const Json saved = Json::parse(read_text_file(path), nullptr, false);
  try {
    if (saved.at("format").get<std::string>() != result_format)
      throw Mistake(fmt::format("{}: this is a result of another version", printable(path)));
    const auto part = parse_explore_part(saved.at("part").get<std::string>());
    if (!part) throw Mistake(fmt::format("{}: this is a result of no part", printable(path)));
    PartResult result{.kind = saved.at("kind"),
                      .bounds = saved.at("bounds"),
                      .part = *part,
                      .complete = saved.at("complete"),
                      .tally = {},
                      .found = {}};
    result.tally.cases = saved.at("cases").get<std::array<std::uint64_t, explore::verdict_count>>();
    for (const auto& [name, count] : saved.at("counts").items())
      result.tally.counts.push_back(count.get<std::uint64_t>());
    for (const Json& found : saved.at("found")) result.found.push_back(found_of(found));
    return result;
  } catch (const Json::exception&) {
    throw Mistake(fmt::format("{}: this is no result of a part of an exploration", printable(path)));
  }
}

namespace {

// The parts, by their numbers, with their files.
using Parts = std::map<std::uint64_t, std::pair<std::string, PartResult>>;

Parts read_parts(const std::vector<std::string>& paths) {
  Parts parts;
  for (const std::string& path : paths) {
    PartResult result = read_part_result(path);
    if (!parts.empty()) {
      const auto& [other_path, other] = parts.begin()->second;
      const bool same =
          result.part.of == other.part.of && result.part.shard.count == other.part.shard.count &&
          result.part.divided == other.part.divided && result.kind == other.kind &&
          result.bounds == other.bounds && result.tally.counts.size() == other.tally.counts.size();
      if (!same) {
        throw Mistake(
            fmt::format("{} and {}: these are parts of different explorations, or by different programs",
                        printable(other_path), printable(path)));
      }
    }
    const std::uint64_t index = result.part.shard.index;
    const auto [place, is_new] = parts.try_emplace(index, path, std::move(result));
    if (!is_new) {
      throw Mistake(
          fmt::format("{} and {}: both are part {}", printable(place->second.first), printable(path), index));
    }
  }
  return parts;
}

// Each part has explored some of the schedules of the one scenario.
void merge_verdicts(ExploreTally& tally) {
  for (const Verdict verdict :
       {Verdict::found, Verdict::mistake, Verdict::not_run, Verdict::ended, Verdict::holds}) {
    if (tally.count(verdict) == 0) continue;
    tally.cases = {};
    tally.cases[static_cast<std::size_t>(verdict)] = 1;
    return;
  }
}

}  // namespace

MergedParts merge_parts(const std::vector<std::string>& paths) {
  Parts parts = read_parts(paths);
  if (parts.empty()) throw Mistake("give the results that are to be merged");
  MergedParts merged;
  const PartResult& first = parts.begin()->second.second;
  PartResult& whole = merged.whole;
  whole.kind = first.kind;
  whole.bounds = first.bounds;
  whole.part = first.part;
  whole.tally.counts.assign(first.tally.counts.size(), 0);
  for (std::uint64_t index = 1; index <= whole.part.shard.count; ++index) {
    const auto place = parts.find(index);
    if (place == parts.end()) {
      merged.missing.push_back(index);
      continue;
    }
    auto& [path, result] = place->second;
    if (!result.complete) merged.ended.push_back(path);
    for (std::size_t i = 0; i < whole.tally.cases.size(); ++i) whole.tally.cases[i] += result.tally.cases[i];
    for (std::size_t i = 0; i < whole.tally.counts.size(); ++i)
      whole.tally.counts[i] += result.tally.counts[i];
    std::move(result.found.begin(), result.found.end(), std::back_inserter(whole.found));
  }
  if (!whole.part.divided.empty()) merge_verdicts(whole.tally);
  whole.complete = merged.missing.empty() && merged.ended.empty();
  return merged;
}

}  // namespace sim::cli
