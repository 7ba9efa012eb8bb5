// SPDX-License-Identifier: GPL-2.0-or-later
// What an exploration found, in words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/explore/crash_explorer.h"

namespace sim::explore {

// The counts of a report, in one line.
std::string summary_of(const CrashReport& report);

// A line: when the power is cut. `first`: the trace is the run's, else that of a start.
std::string describe_cut(const Cut& cut, const Trace& trace, const Run& run, bool first);
// Which of its candidates a block of metadata is.
std::string describe_block(const std::vector<BlockContent>& candidates, std::size_t chosen, bool torn_inside);
// What a sector may hold, one or the other.
std::string content_names(const Contents& contents, const std::vector<ContentId>& ids, std::uint32_t sector);
// What is wrong: a line, without its end.
std::string describe_wrong(const Violation& violation, const Contents& contents);

}  // namespace sim::explore
