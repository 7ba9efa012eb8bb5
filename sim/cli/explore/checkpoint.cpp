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

constexpr std::string_view format = "dmsim explore checkpoint 4";

}  // namespace

std::uint64_t ExploreCheckpoint::load(ExploreTally& tally) const {
  tally.counts.assign(counts_.size(), 0);
  std::error_code ignored;
  if (path_.empty() || !std::filesystem::exists(path_, ignored)) return 0;
  const Json saved = Json::parse(read_text_file(path_), nullptr, false);
  try {
    if (saved.at("format").get<std::string>() != format)
      throw Mistake(fmt::format("{}: this is a checkpoint of another version", printable(path_)));
    if (saved.at("of").get<std::string>() != identity_)
      throw Mistake(fmt::format("{}: this is the checkpoint of another exploration", printable(path_)));
    tally.cases = saved.at("cases").get<std::array<std::uint64_t, explore::verdict_count>>();
    for (std::size_t i = 0; i < counts_.size(); ++i)
      tally.counts[i] = saved.at(counts_[i]).get<std::uint64_t>();
    return saved.at("done").get<std::uint64_t>();
  } catch (const Json::exception&) {
    throw Mistake(fmt::format("{}: this is no checkpoint of an exploration", printable(path_)));
  }
}

void ExploreCheckpoint::save(std::uint64_t done, const ExploreTally& tally) const {
  if (path_.empty()) return;
  Json saved = {{"format", format}, {"of", identity_}, {"done", done}, {"cases", tally.cases}};
  for (std::size_t i = 0; i < counts_.size(); ++i) saved[counts_[i]] = tally.counts[i];
  write_complete_file(path_, saved.dump(2) + "\n");
}

}  // namespace sim::cli
