// SPDX-License-Identifier: GPL-2.0-or-later
// From the texts to a running stack in one step, and what there is to say about it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/tables/bring_up.h"

namespace sim::tables {

struct Request {
  std::string name;  // of the file, for messages
  std::string text;
  std::vector<std::pair<std::string, std::string>> lists;  // names and texts of lists of numbers
  StackOptions stack;
  BringUpOptions bring_up;
};

struct Outcome {
  Stack stack;
  BroughtUp made;
  Notes notes;  // all of them, in the order of the lines
};

// The stack alone, without its being made.
Stack understand(const Request& request);
// Process context.
Outcome bring_up(const Request& request, Bench& bench);

// The outcome as a scenario, with the notes as comments.
std::string as_scenario(const Outcome& outcome);
// For people: notes, disks, devices; `status` is what `dmsetup status` printed.
std::string as_report(const Outcome& outcome, const std::vector<std::string>& status);
// 0: everything is as on the real machine, as far as dmsim can tell; 1: something is not; 2: there is no
// device.
int exit_status(const Outcome& outcome);

std::vector<std::string> lines(std::string_view text);

}  // namespace sim::tables
