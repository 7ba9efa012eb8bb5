// SPDX-License-Identifier: GPL-2.0-or-later
// Tables in words: what each argument means, what is risky, and what the kernel refuses.
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

// The arguments of a target that dmsim has, in their order, and the defaults of those that are not there.
// What is wrong with one is part of its meaning.
std::vector<ExplainedWord> explain_arguments(const libdm::Target& target, const dmclone::Dialect& dialect);

// What the kernel accepts and a user may regret.
Notes find_risks(const Stack& stack, const DeviceList& list);

struct Explanation {
  std::string text;
  int exit_status = 0;  // see exit_status()
};

// Every line of the request's file, with the outcome of loading it. Not for process context: it makes
// machines of its own.
Explanation explain(const Request& request);

}  // namespace sim::tables
