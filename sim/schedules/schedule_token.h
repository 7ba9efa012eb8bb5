// SPDX-License-Identifier: GPL-2.0-or-later
// One line that says which schedule of a scenario to repeat, and what was wrong then:
//
//   sched1:4f1c09d2a77b:tdp+bucket-unlocked:reads/c:1f2e3d4c.17-5a6b7c8d,5a6b7c8d.3+1-1f2e3d4c
//   sched1:4f1c09d2a77b:tdp:cut/c:5a6b7c8d.3-1f2e3d4c:halves:118~101-105:contract:17:c
//
// the version; the first digits of the SHA-256 of the scenario; what its schedule may choose besides tasks
// (t: time, d: completions of a disk, p: work items), the defects and fixes that are in, and "known-bugs" if
// no known bug is excepted; the oracle, and the device, if it is about one; and the deviations from first in,
// first out (deviations.h). Of a power cut, what a token of power cuts has from there on (cut_token.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/kernel/defects.h"

#include "sim/explore/cut_token.h"
#include "sim/schedules/deviations.h"
#include "sim/schedules/scenario_run.h"

namespace sim::schedules {

constexpr std::string_view token_version = "sched1";

struct ScheduleToken {
  std::string scenario;  // hash
  Wants wants;
  dmcore::Defects defects = {};
  dmcore::Fixes fixes = {};
  bool finds_known_bugs = false;  // MachineKind::finds_known_bugs
  Oracle oracle = Oracle::stops;
  std::string device = {};  // empty: none
  std::vector<Deviation> deviations = {};
  std::optional<explore::CutToken> cuts = {};  // as in Failure
};

std::string to_string(const ScheduleToken& token);
// Nothing if it is no token, or one of another version.
std::optional<ScheduleToken> parse_schedule_token(std::string_view text);

}  // namespace sim::schedules
