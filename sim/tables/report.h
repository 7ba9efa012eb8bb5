// SPDX-License-Identifier: GPL-2.0-or-later
// From the texts to a running stack in one step, and the result for people.
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
  StackOptions stack = {};
  Builder::Options build = {};
};

struct Outcome {
  Stack stack;
  BroughtUp made;
  Notes notes;  // all of them, in the order of the lines
};

DeviceList lists_of(const Request& request);
// The stack alone, without creating anything.
Stack understand(const Request& request);
// Process context. The machine's clone targets speak the request's dialect.
Outcome bring_up(const Request& request, host::Host& host);

// In the order of the lines; what belongs to no line comes first.
Notes sorted(Notes notes);

// The outcome as a scenario, with the notes as comments.
std::string as_scenario(const Outcome& outcome);
// For people: notes, disks, devices; `status` is what `dmsetup status` printed.
std::string as_report(const Outcome& outcome, std::string_view status);

// Of `dmsim tables` and `dmsim explain`. 0: everything is as on the real machine, as far as dmsim can tell;
// 1: something is not; 2: there is no device.
int exit_status(const Stack& stack, const Notes& notes);

}  // namespace sim::tables
