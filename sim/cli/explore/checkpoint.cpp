// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/explore/checkpoint.h"

#include <filesystem>
#include <fmt/format.h>

#include "sim/cli/failure.h"
#include "sim/cli/json_line.h"
#include "sim/cli/text_file.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

constexpr std::string_view format = "dmsim explore checkpoint 3";

std::array<std::pair<const char*, std::uint64_t ExploreTally::*>, 10> counts() {
  return {{{"cuts", &ExploreTally::cuts},
           {"reordered", &ExploreTally::reordered},
           {"runs", &ExploreTally::runs},
           {"not_all_orders", &ExploreTally::not_all_orders},
           {"distinct", &ExploreTally::distinct},
           {"samples", &ExploreTally::samples},
           {"later_cuts", &ExploreTally::later_cuts},
           {"recoveries", &ExploreTally::recoveries},
           {"looked_at", &ExploreTally::looked_at},
           {"branches", &ExploreTally::branches}}};
}

}  // namespace

std::uint64_t ExploreCheckpoint::load(ExploreTally& tally) const {
  std::error_code ignored;
  if (path_.empty() || !std::filesystem::exists(path_, ignored)) return 0;
  const Json saved = Json::parse(read_text_file(path_), nullptr, false);
  try {
    if (saved.at("format").get<std::string>() != format)
      throw Mistake(fmt::format("{}: this is a checkpoint of another version", printable(path_)));
    if (saved.at("of").get<std::string>() != identity_)
      throw Mistake(fmt::format("{}: this is the checkpoint of another exploration", printable(path_)));
    tally.cases = saved.at("cases").get<std::array<std::uint64_t, explore::PowerCutResult::verdicts>>();
    for (const auto& [name, count] : counts()) tally.*count = saved.at(name).get<std::uint64_t>();
    return saved.at("done").get<std::uint64_t>();
  } catch (const Json::exception&) {
    throw Mistake(fmt::format("{}: this is no checkpoint of an exploration", printable(path_)));
  }
}

void ExploreCheckpoint::save(std::uint64_t done, const ExploreTally& tally) const {
  if (path_.empty()) return;
  Json saved = {{"format", format}, {"of", identity_}, {"done", done}, {"cases", tally.cases}};
  for (const auto& [name, count] : counts()) saved[name] = tally.*count;
  write_complete_file(path_, saved.dump(2) + "\n");
}

}  // namespace sim::cli
