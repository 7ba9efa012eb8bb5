// SPDX-License-Identifier: GPL-2.0-or-later
// Tables in words: what each argument means, what is risky, and what the kernel will refuse.
//
// What is said to be refused is not predicted: the table is loaded on a machine made for it, and the kernel's
// own lines are quoted.
#pragma once

#include <string>
#include <vector>

#include "sim/tables/report.h"

namespace sim::tables {

// An argument, or several, and its meaning.
struct ExplainedWord {
  std::string words;
  std::string meaning;
};

// The arguments of a target, in their order. What is wrong with one stands in its meaning.
std::vector<ExplainedWord> explain_arguments(const libdm::Target& target);

// What the kernel takes and a user may regret.
Notes find_risks(const Stack& stack, const DeviceList& list);

struct Explanation {
  std::string text;
  bool refused = false;  // something is
};

// Process context. Every line of `request`'s file, with the outcome of loading it.
Explanation explain(const Request& request, Bench& bench);

}  // namespace sim::tables
