// SPDX-License-Identifier: GPL-2.0-or-later
// What an exploration found, in words.
#pragma once

#include <string>

#include "sim/explore/crash_explorer.h"

namespace sim::explore {

// The counts of a report, in one line.
std::string summary_of(const CrashReport& report);

// A line: when the power is cut. `first`: the trace is the run's, else that of a start.
std::string describe_cut(const Cut& cut, const Trace& trace, const Run& run, bool first);
// Which of its candidates a block of metadata is.
std::string describe_block(const std::vector<BlockContent>& candidates, std::size_t chosen, bool torn_inside);
// Lines: what is wrong.
std::string describe_wrong(const Violation& violation, const Contents& contents);

}  // namespace sim::explore
