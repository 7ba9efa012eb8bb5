// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "sim/cli/program.h"

namespace sim::cli::manual {

// docs/scenarios.md, which is compiled into the program.
Program::Topic scenario_topic();

}  // namespace sim::cli::manual
