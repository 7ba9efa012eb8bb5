// SPDX-License-Identifier: GPL-2.0-or-later
// What goes wrong when the power of a plan is cut, and the shortest scenario in which it does.
#pragma once

#include <string>

#include "proptests/crash_plan.h"

namespace proptests {

// Its power cuts, without making anything shorter.
[[nodiscard]] sim::explore::PowerCutResult power_cuts(const Script& script, const CrashPlan& plan,
                                                      const dmcore::Defects& defects = {});

// Whether the same promise about the same device is broken.
[[nodiscard]] bool same_failure(const sim::explore::PowerCutResult& a, const sim::explore::PowerCutResult& b);

// Leaves out groups of commands until none can go without `failure`, which is that script's, going as well.
[[nodiscard]] Script shortest(Script script, const sim::explore::PowerCutResult& failure,
                              const CrashPlan& plan, const dmcore::Defects& defects = {});

// To be read: what happens, the scenario, and the command that repeats it.
[[nodiscard]] std::string describe(const sim::explore::PowerCutResult& failure);

}  // namespace proptests
