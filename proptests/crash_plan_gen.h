// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <rapidcheck.h>

#include "proptests/crash_plan.h"

namespace proptests {

rc::Gen<CrashPlan> crash_plans(DiskFaults faults);
// With few steps, to be done at once: concurrent_scenario_of().
rc::Gen<CrashPlan> concurrent_plans();

}  // namespace proptests
