// SPDX-License-Identifier: GPL-2.0-or-later
// Explorations that are divided between machines: a part is a line of text, and what came of it is a file.
//
//   part1:3/8:4f1c09d2a77b-0a1b2c3d4e5f
//   part1:3/8:4f1c09d2a77b-0a1b2c3d4e5f:57-9c0d1122aabbccdd
//
// the version; which part of how many; the first digits of the SHA-256 of the program, and of what is
// explored and how, the texts of all scenarios included; and, if the schedules of one scenario are divided,
// how many first deviations there are, and a hash of them (FewDeviations). Without that the scenarios are
// divided, as by --shard.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/explore/cases.h"
#include "sim/cli/explore/kind.h"

namespace sim::cli {

struct ExplorePart {
  Shard shard;
  std::string of;       // program and exploration
  std::string divided;  // of the schedules of one scenario; empty: scenarios are divided
};
std::string to_string(const ExplorePart& part);
// Nothing if it is none, or one of another version.
std::optional<ExplorePart> parse_explore_part(std::string_view text);

// The part of an exploration that is all of it. Throws Mistake if it cannot be divided: one scenario can only
// with a kind that says how, and only if it can be explored at all.
ExplorePart whole_exploration(const ExploreCases::Request& cases, const ExploreKind& kind);

// What came of a part, in a file.
struct PartResult {
  struct Found {
    std::string name;
    ExploredCase explored;  // without details and counts
  };

  std::string kind;    // ExploreKind::name()
  std::string bounds;  // ExploreKind::bounds()
  ExplorePart part;
  bool complete = false;  // to the end of it
  ExploreTally tally;
  std::vector<Found> found;
};
// Throws Failure if it cannot be written.
void write_part_result(const std::string& path, const PartResult& result, const ExploreKind& kind);
// Throws Mistake if it is none.
PartResult read_part_result(const std::string& path);

// All of them together: that they are parts of one exploration, by one program, that no two are the same, and
// whether there is one of each.
struct MergedParts {
  PartResult whole;
  std::vector<std::uint64_t> missing;  // numbers of parts
  std::vector<std::string> ended;      // files of those that have not come to their end
};
// Throws Mistake if they do not belong together.
MergedParts merge_parts(const std::vector<std::string>& paths);

}  // namespace sim::cli
