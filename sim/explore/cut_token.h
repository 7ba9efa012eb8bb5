// SPDX-License-Identifier: GPL-2.0-or-later
// One line that says which power cuts of a scenario to repeat, and what was wrong then:
//
//   cut1:4f1c09d2a77b:fifo:halves:118,0.0.2:12:stable:17:c
//   cut1:4f1c09d2a77b:fifo:halves+freed-block-reused:118,0.0.2:starts
//   cut1:4f1c09d2a77b:fifo:halves:118~96~101-105:contract:17:c
//   cut1:4f1c09d2a77b:fifo:halves:=0.1.1:expect
//
// the version; the first digits of the SHA-256 of the scenario; the schedule; how blocks tear, the defects
// and fixes that are in, and "known-bugs" if no known bug is excepted; for each cut its event, those before
// it that had not happened yet (in another order of the run's events), and the candidates of metadata blocks
// (of disk 0, block 0, the candidate 2) where there were several; the oracle; and the sector and the device,
// if it is about one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/explore/crash_explorer.h"
#include "sim/runtime/schedule.h"

namespace sim::explore {

struct CutToken {
  std::string scenario;  // hash
  Schedule schedule;
  Tear tear = Tear::halves;
  dmcore::Defects defects = {};
  dmcore::Fixes fixes = {};
  bool finds_known_bugs = false;  // MachineKind::finds_known_bugs
  std::vector<Cut> cuts = {};     // at least one, or
  std::vector<std::uint32_t> kept =
      {};  // with Oracle::expect: of a scenario with `crash`, see run_with_state()
  Oracle oracle = Oracle::contract;
  std::string device = {};  // empty: none
  std::uint32_t sector = 0;
};

// The hash of a scenario.
std::string scenario_hash(std::string_view text);

// What is wrong, and after which cuts; the rest is not set.
CutToken token_of(const Violation& violation);

// The cuts, the oracle, and the sector and the device: what comes after the machine in a token.
std::string cuts_text(const CutToken& token);
bool parse_cuts(std::string_view text, CutToken& token);

std::string to_string(const CutToken& token);
// Nothing if it is no token, or one of another version.
std::optional<CutToken> parse_cut_token(std::string_view text);

}  // namespace sim::explore
