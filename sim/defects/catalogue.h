// SPDX-License-Identifier: GPL-2.0-or-later
// The defects that can be put into a machine, for people. docs/defects.md tells their stories.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dmcore/kernel/defects.h"

namespace sim {

// What a defect is for: the search that is to find it. Another one may find it as well.
enum class Search : std::uint8_t { power_cuts, schedules };
// "crash", "schedules": the subcommand of `dmsim explore`.
std::string_view name_of(Search search);

struct DefectEntry {
  dmcore::Defect defect;
  std::string_view name;     // of the option --defect
  std::string_view summary;  // what is done wrong
  std::string_view lost;     // what it may cost
  // What mended the same mistake in Linux; empty if Linux never had it.
  std::string_view commit;
  // What mended a mistake of its kind elsewhere in Linux: "dm-thin 4ae280b4ee34"; or empty.
  std::string_view relative;
  Search found_by = Search::power_cuts;
};

// All, in the order of dmcore::Defect.
std::span<const DefectEntry> defect_catalogue();

std::optional<dmcore::Defect> defect_named(std::string_view name);
// The names of those that are in, with a separator between them; empty if none is.
std::string defect_names(const dmcore::Defects& defects, std::string_view separator);

}  // namespace sim
